#include <string_view>

#include "facts/organizations_wire.h"
#include "facts/patterns.h"
#include "facts/wire/json_decoder.h"

namespace signet::organizations {
#include "facts/organizations_decode.inc"
}  // namespace signet::organizations
