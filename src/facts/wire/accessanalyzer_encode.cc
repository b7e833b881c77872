#include "facts/accessanalyzer_wire.h"
#include "facts/wire/json_answer.h"

namespace signet::accessanalyzer {
#include "facts/accessanalyzer_encode.inc"
}  // namespace signet::accessanalyzer
