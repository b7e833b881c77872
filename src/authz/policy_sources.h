#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "authz/authz_context.h"
#include "authz/caller_sets.h"
#include "authz/check.h"
#include "authz/shared_sets.h"
#include "policy_engine/policy_set.h"

namespace signet::authz {

// Whether RCPs reach the resources of the action's service (policy-semantics 7.1).
[[nodiscard]] bool has_resource_controls(std::string_view action);

// Finds the policies that apply to callers and resources and keeps their sets (and with them the
// engine's indexes) from request to request. A set is made anew only when the list of policies
// behind it changed, and shared by all who have that list, on every thread. One per thread.
class PolicySources {
 public:
  // The sets of the caller. Valid until the next call of of_caller().
  [[nodiscard]] const CallerSets& of_caller(const AuthzContext& context);

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

  SharedSets& shared_ = SharedSets::of_process();  // across the tables below and all threads
  std::unordered_map<std::string, CallerEntry> callers_;
  std::unordered_map<std::string, ResourceEntry> resources_;
  std::unordered_map<std::string, GuardsEntry> accounts_;  // those in an organization
  std::string key_;                                        // reused
};

}  // namespace signet::authz
