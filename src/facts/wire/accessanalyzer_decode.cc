#include <string_view>

#include "facts/accessanalyzer_wire.h"
#include "facts/patterns.h"
#include "facts/wire/json_decoder.h"

namespace signet::accessanalyzer {
#include "facts/accessanalyzer_decode.inc"
}  // namespace signet::accessanalyzer
