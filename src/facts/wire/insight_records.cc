#include "facts/insight_records.h"

#include "facts/wire/answer.h"

namespace signet::insight {
#include "facts/insight_records.inc"
}  // namespace signet::insight
