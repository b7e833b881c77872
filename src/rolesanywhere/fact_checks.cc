#include "rolesanywhere/checks.h"

namespace signet::rolesanywhere {

// checks() of the operations whose check is said in facts/operations/curated.tsv.
#include "rolesanywhere/fact_checks.inc"

}  // namespace signet::rolesanywhere
