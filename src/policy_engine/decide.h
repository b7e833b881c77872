#pragma once

#include "policy_engine/policy_set.h"
#include "policy_engine/question.h"
#include "policy_language/context.h"
#include "policy_language/settings.h"

namespace signet::policy {

// Decides one request (policy-semantics 7.2, R-7.x). Never throws, takes no lock; allocates nothing
// once the sets have seen the action. Actions that need no permission (sts:GetCallerIdentity,
// sts:GetSessionToken of an authenticated caller) are allowed whatever the policies say.
// Thread-safe.
[[nodiscard]] Decision decide(const Request& request,
                              const Principal& principal,
                              const RequestContext& context,
                              const PolicyInputs& policies,
                              const Settings& settings = kDefaultSettings) noexcept;

// Whether an authenticated caller may do it whatever policies say (policy-semantics 7.2, first
// line). ASCII case ignored.
[[nodiscard]] bool needs_no_permission(std::string_view action);

}  // namespace signet::policy
