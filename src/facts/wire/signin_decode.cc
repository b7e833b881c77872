#include <string_view>

#include "facts/patterns.h"
#include "facts/signin_wire.h"
#include "facts/wire/json_decoder.h"

namespace signet::signin {
#include "facts/signin_decode.inc"
}  // namespace signet::signin
