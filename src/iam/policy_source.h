#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "base/result.h"
#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::iam {

// A user, group or role whose policies are looked at: exactly one of the three is set.
struct PolicySource {
  const identity::User* user = nullptr;
  const identity::Group* group = nullptr;
  const identity::Role* role = nullptr;

  // A user's own and those of its groups.
  [[nodiscard]] std::vector<identity::AppliedPolicy> policies(
      const identity::Snapshot& snapshot) const;
  [[nodiscard]] std::string_view boundary() const;
  [[nodiscard]] const std::vector<model::Tag>* tags() const;
};

// The entity of an ARN. NoSuchEntity in its kind's words if it is not in the account; InvalidInput
// for an ARN of something else.
[[nodiscard]] Result<PolicySource> find_policy_source(const identity::Snapshot& snapshot,
                                                      std::string_view account,
                                                      std::string_view arn);

// The decision that a call about such an entity needs: on what the ARN names, which AccessDenied
// shows in full (aws-wire 2.4). InvalidInput for an ARN of something else.
[[nodiscard]] Result<api::CheckList> policy_source_checks(std::string action,
                                                          const std::string& arn,
                                                          const api::CheckContext& context);

}  // namespace signet::iam
