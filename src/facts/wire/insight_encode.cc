#include "facts/insight_wire.h"
#include "facts/wire/json_answer.h"

namespace signet::insight {
#include "facts/insight_encode.inc"
}  // namespace signet::insight
