#pragma once

#include <string_view>
#include <vector>

#include "authz/caller_sets.h"
#include "base/result.h"
#include "facts/iam_types.h"
#include "iam/policy_exclusions.h"
#include "identity/snapshot.h"

namespace signet::iam {

// What an organization lays upon a simulation.

// The account's own, without what is excluded; null if it is in none.
[[nodiscard]] authz::AccountGuardsRef guards_of_account(const identity::Snapshot& snapshot,
                                                        std::string_view account,
                                                        const PolicyExclusions& exclusions);

// The levels that a request brings, the root first: each of them must allow (new-in-2026 9); null
// for none. InvalidInput for a text that is no service control policy.
[[nodiscard]] Result<authz::AccountGuardsRef> guards_of_request(
    const std::vector<OrderedOrganizationPolicyType>& levels);

}  // namespace signet::iam
