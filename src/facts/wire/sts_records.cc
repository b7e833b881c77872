#include "facts/sts_records.h"

#include "facts/wire/answer.h"

namespace signet::sts {
#include "facts/sts_records.inc"
}  // namespace signet::sts
