#include "facts/s3_wire.h"

#include <string_view>

namespace signet::s3::shapes {
#include "facts/s3_decode.inc"
#include "facts/s3_encode.inc"
}  // namespace signet::s3::shapes
