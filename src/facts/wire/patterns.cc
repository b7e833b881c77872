#include "facts/patterns.h"

namespace signet::facts {
#include "facts/patterns.inc"
}  // namespace signet::facts
