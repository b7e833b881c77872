#pragma once

#include <vector>

#include "policy/decide.h"

namespace signet::policy {

// Every statement of the deciding kind of policy that applies with the deciding effect, in document
// order: the Allow statements behind an allowance, the Deny statements behind an explicit denial,
// nothing for an implicit one.
[[nodiscard]] std::vector<StatementRef> matched_statements(
    const Decision& decision,
    const Request& request,
    const Principal& principal,
    const RequestContext& context,
    const PolicyInputs& policies,
    const Settings& settings = kDefaultSettings);

}  // namespace signet::policy
