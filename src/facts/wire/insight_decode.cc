#include <string_view>

#include "facts/insight_wire.h"
#include "facts/patterns.h"
#include "facts/wire/json_decoder.h"

namespace signet::insight {
#include "facts/insight_decode.inc"
}  // namespace signet::insight
