#include "facts/organizations_records.h"

#include "facts/wire/answer.h"

namespace signet::organizations {
#include "facts/organizations_records.inc"
}  // namespace signet::organizations
