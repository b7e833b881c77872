#include <array>
#include <string_view>

#include "facts/patterns.h"
#include "facts/sts_wire.h"
#include "facts/wire/decoder.h"

namespace signet::sts {
#include "facts/sts_decode.inc"
}  // namespace signet::sts
