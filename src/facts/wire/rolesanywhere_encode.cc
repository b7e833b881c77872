#include "facts/rolesanywhere_wire.h"
#include "facts/wire/json_answer.h"

namespace signet::rolesanywhere {
#include "facts/rolesanywhere_encode.inc"
}  // namespace signet::rolesanywhere
