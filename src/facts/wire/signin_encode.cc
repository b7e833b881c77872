#include "facts/signin_wire.h"
#include "facts/wire/json_answer.h"

namespace signet::signin {
#include "facts/signin_encode.inc"
}  // namespace signet::signin
