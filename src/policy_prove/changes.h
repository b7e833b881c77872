#pragma once

#include <optional>
#include <span>
#include <vector>

#include "policy_prove/access.h"

// What makes two sides of a comparison differ.

namespace signet::policy::prove {

// By number of statement: those that now allow and of which some action on some resource stands
// nowhere before in the same place, and those that denied before and so stand nowhere now. A
// decision asks of every list of Allow statements that one applies, and of no Deny that it does:
// what is allowed now and was not before is mentioned by one of these. Nothing: the sides are not
// built alike (one has a boundary, say), and any request may be decided otherwise. The lists are
// statements_of() of the policies, numbered over all.
[[nodiscard]] std::optional<std::vector<bool>> changed_statements(
    const PolicyInputs& now,
    std::span<const AccessStatement> of_now,
    const PolicyInputs& before,
    std::span<const AccessStatement> of_before);

}  // namespace signet::policy::prove
