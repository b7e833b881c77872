#include "facts/cloudtrail_wire.h"
#include "facts/wire/json_answer.h"

namespace signet::cloudtrail {
#include "facts/cloudtrail_encode.inc"
}  // namespace signet::cloudtrail
