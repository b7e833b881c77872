#pragma once

#include <string>
#include <vector>

#include "identity/snapshot.h"

namespace signet::identity {

// Checks that every index agrees with the entities, every relation points to something that exists,
// and every counter is what counting gives. Returns what is wrong, in words; empty when all is
// well. O(everything).
[[nodiscard]] std::vector<std::string> verify_invariants(const Snapshot& snapshot);

}  // namespace signet::identity
