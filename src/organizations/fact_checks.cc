#include "api/checks.h"
#include "organizations/handlers.h"

namespace signet::organizations {

using api::account_check;
using api::one_check;

// checks() of the operations whose check is said in facts/operations/curated.tsv.
#include "organizations/fact_checks.inc"

}  // namespace signet::organizations
