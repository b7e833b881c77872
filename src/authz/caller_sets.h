#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy_engine/policy_set.h"

namespace signet::authz {

// What an organization lays upon one account, ready for the engine (policy-semantics 7.1).
struct AccountGuards {
  AccountGuards() = default;
  AccountGuards(const AccountGuards&) = delete;  // `path` views `path_text`
  AccountGuards& operator=(const AccountGuards&) = delete;
  AccountGuards(AccountGuards&&) = delete;
  AccountGuards& operator=(AccountGuards&&) = delete;
  ~AccountGuards() = default;

  policy::GuardRailsRef scps;  // null: none apply; always so for the management account
  policy::GuardRailsRef rcps;
  std::string organization_id;  // empty: aws:PrincipalOrgID and its like are absent
  std::string path_text;
  std::vector<std::string_view> path;  // nothing, or `path_text`: the value of a list key
};

using AccountGuardsRef = std::shared_ptr<const AccountGuards>;

// Policies of a caller: null where there are none, or none can apply (root).
struct CallerSets {
  policy::PolicySetRef identity;
  policy::PolicySetRef boundary;
  policy::PolicySetRef session;
  policy::GuardRailsRef scopes;  // layers of scoped credentials
  AccountGuardsRef guards;       // of the caller's account; null: in no organization
};

}  // namespace signet::authz
