#include "facts/iam_wire.h"
#include "facts/wire/answer.h"

namespace signet::iam {
#include "facts/iam_encode.inc"
}  // namespace signet::iam
