#include "facts/rolesanywhere_records.h"

#include "facts/wire/answer.h"

namespace signet::rolesanywhere {
#include "facts/rolesanywhere_records.inc"
}  // namespace signet::rolesanywhere
