#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "facts/sts_types.h"
#include "identity/snapshot.h"
#include "model/caller.h"
#include "sessions/session_policy.h"

namespace signet::sts {

// sessions::add_session_policies() for the policies of a request.
[[nodiscard]] inline Status add_session_policies(
    const std::optional<std::string>& policy,
    const std::vector<PolicyDescriptorType>& policy_arns,
    const identity::Snapshot& snapshot,
    model::Session& session) {
  std::vector<std::string> arns;
  arns.reserve(policy_arns.size());
  for (const PolicyDescriptorType& descriptor : policy_arns) {
    arns.push_back(descriptor.arn.value_or(""));
  }
  return sessions::add_session_policies(policy, arns, snapshot, session);
}

}  // namespace signet::sts
