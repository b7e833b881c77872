#include "facts/iam_sentences.h"
#include "iam/checks.h"

namespace signet::iam {

// checks() of the operations whose check is said in facts/operations/curated.tsv.
#include "iam/fact_checks.inc"

}  // namespace signet::iam
