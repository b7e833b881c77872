#pragma once

#include <vector>

#include "policy_engine/question.h"

namespace signet::policy {

// The sets of one kind of policy, some of them null: one a level for SCPs, RCPs and
// the layers of scoped credentials. For this room.
[[nodiscard]] std::vector<const PolicySet*> sets_of(PolicyType type, const PolicyInputs& policies);

}  // namespace signet::policy
