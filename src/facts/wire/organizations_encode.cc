#include "facts/organizations_wire.h"
#include "facts/wire/json_answer.h"

namespace signet::organizations {
#include "facts/organizations_encode.inc"
}  // namespace signet::organizations
