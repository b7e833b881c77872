#include <string_view>

#include "facts/cloudtrail_wire.h"
#include "facts/patterns.h"
#include "facts/wire/json_decoder.h"

namespace signet::cloudtrail {
#include "facts/cloudtrail_decode.inc"
}  // namespace signet::cloudtrail
