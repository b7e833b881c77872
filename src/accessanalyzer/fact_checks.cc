#include "accessanalyzer/handlers.h"
#include "api/checks.h"

namespace signet::accessanalyzer {

using api::account_check;
using api::one_check;

// checks() of the operations whose check is said in facts/operations/curated.tsv.
#include "accessanalyzer/fact_checks.inc"

}  // namespace signet::accessanalyzer
