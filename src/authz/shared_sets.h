#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "policy_engine/policy_set.h"

namespace signet::authz {

// Sets by the list of policies that they are made of: callers who have the same policies (the
// sessions of a role, the members of a group) share one, and with it the index that their requests
// have built. Holds no set alive. One per thread.
class SharedSets {
 public:
  // The set of these policies, in that order; made if nobody has it.
  [[nodiscard]] policy::PolicySetRef get(policy::SetKind kind,
                                         std::vector<policy::PolicyMember> members);

  // Entries, those whose set is gone included.
  [[nodiscard]] std::size_t size() const { return sets_.size(); }

 private:
  std::unordered_multimap<std::size_t, std::weak_ptr<const policy::PolicySet>> sets_;
  std::size_t tidy_at_ = 64;  // entries at which those of sets that are gone are dropped
};

// The set is made of these policies, in that order.
[[nodiscard]] bool is_made_of(const policy::PolicySet& set,
                              const std::vector<policy::PolicyMember>& members);

}  // namespace signet::authz
