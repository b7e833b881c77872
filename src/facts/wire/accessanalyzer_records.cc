#include "facts/accessanalyzer_records.h"

#include "facts/wire/answer.h"

namespace signet::accessanalyzer {
#include "facts/accessanalyzer_records.inc"
}  // namespace signet::accessanalyzer
