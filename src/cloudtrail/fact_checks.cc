#include "api/checks.h"
#include "cloudtrail/handlers.h"

namespace signet::cloudtrail {

using api::account_check;
using api::one_check;

// checks() of the operations whose check is said in facts/operations/curated.tsv.
#include "cloudtrail/fact_checks.inc"

}  // namespace signet::cloudtrail
