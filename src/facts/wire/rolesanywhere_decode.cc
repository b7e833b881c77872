#include <string_view>

#include "facts/patterns.h"
#include "facts/rolesanywhere_wire.h"
#include "facts/wire/json_decoder.h"

namespace signet::rolesanywhere {
#include "facts/rolesanywhere_decode.inc"
}  // namespace signet::rolesanywhere
