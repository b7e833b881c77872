#include <array>
#include <string_view>

#include "facts/iam_wire.h"
#include "facts/patterns.h"
#include "facts/wire/decoder.h"

namespace signet::iam {
#include "facts/iam_decode.inc"
}  // namespace signet::iam
