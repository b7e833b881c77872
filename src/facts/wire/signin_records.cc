#include "facts/signin_records.h"

#include "facts/wire/answer.h"

namespace signet::signin {
#include "facts/signin_records.inc"
}  // namespace signet::signin
