#include "facts/sts_wire.h"
#include "facts/wire/answer.h"

namespace signet::sts {
#include "facts/sts_encode.inc"
}  // namespace signet::sts
