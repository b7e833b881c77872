#include "facts/cloudtrail_records.h"

#include "facts/wire/answer.h"

namespace signet::cloudtrail {
#include "facts/cloudtrail_records.inc"
}  // namespace signet::cloudtrail
