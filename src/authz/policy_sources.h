#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "authz/authorizer.h"
#include "authz/check.h"
#include "policy/policy_set.h"

namespace signet::authz {

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
  };

  // Valid until the next call.
  const CallerSets& of_caller(const AuthzContext& context);

  // The set of a trust policy or bucket policy; null if the bucket has none.
  policy::PolicySetRef of_resource(const AuthzContext& context, const Check& check);

 private:
  struct CallerEntry {
    std::uint64_t revision = 0;
    CallerSets sets;
  };

  struct ResourceEntry {
    std::uint64_t revision = 0;
    policy::PolicySetRef set;
  };

  void refresh(const AuthzContext& context, CallerSets& sets);
  void make_room();

  std::unordered_map<std::string, CallerEntry> callers_;
  std::unordered_map<std::string, ResourceEntry> resources_;
  std::string key_;  // reused
};

}  // namespace signet::authz
