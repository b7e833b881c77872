#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "authz/authorizer.h"
#include "authz/check.h"
#include "policy/policy_set.h"

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

// Whether RCPs reach the resources of the action's service (policy-semantics 7.1).
[[nodiscard]] bool has_resource_controls(std::string_view action);

using AccountGuardsRef = std::shared_ptr<const AccountGuards>;

// Finds the policies that apply to callers and resources and keeps their sets (and with them the
// engine's indexes) from request to request. A set is made anew only when the list of policies
// behind it changed. One per thread.
class PolicySources {
 public:
  // Policies of the caller: null where there are none, or none can apply (root).
  struct CallerSets {
    policy::PolicySetRef identity;
    policy::PolicySetRef boundary;
    policy::PolicySetRef session;
    AccountGuardsRef guards;  // of the caller's account; null: in no organization
  };

  // Valid until the next call of of_caller().
  const CallerSets& of_caller(const AuthzContext& context);

  // The set of a trust policy or bucket policy; null if the bucket has none. Valid until the next
  // call of of_caller().
  const policy::PolicySetRef& of_resource(const AuthzContext& context, const Check& check);

  // The organization's side of an account; null if it is in none. An empty id has none.
  AccountGuardsRef of_account(const identity::Snapshot& snapshot, const std::string& account);

 private:
  struct CallerEntry {
    std::uint64_t revision = 0;
    CallerSets sets;
  };

  struct ResourceEntry {
    std::uint64_t revision = 0;
    policy::PolicySetRef set;
  };

  struct GuardsEntry {
    std::uint64_t revision = 0;
    AccountGuardsRef guards;
  };

  void refresh(const AuthzContext& context, CallerSets& sets);
  void make_room();

  std::unordered_map<std::string, CallerEntry> callers_;
  std::unordered_map<std::string, ResourceEntry> resources_;
  std::unordered_map<std::string, GuardsEntry> accounts_;  // those in an organization
  std::string key_;                                        // reused
};

}  // namespace signet::authz
