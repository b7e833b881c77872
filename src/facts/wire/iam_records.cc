#include "facts/iam_records.h"

#include "facts/wire/answer.h"

namespace signet::iam {
#include "facts/iam_records.inc"
}  // namespace signet::iam
