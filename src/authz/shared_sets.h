#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "policy_engine/policy_set.h"

namespace signet::authz {

// What is made of policies, by a hash of their list. Holds nothing alive. Thread-safe.
template <class Set>
class WeakTable {
 public:
  using Ref = std::shared_ptr<const Set>;

  // The entry of that hash for which `is_wanted` answers true; if there is none, what `make`
  // returns. `make` runs without the lock, so two threads may make the same; both get one of them.
  template <class IsWanted, class Make>
  [[nodiscard]] Ref get(std::size_t hash, const IsWanted& is_wanted, Make make);

  // Entries, those whose set is gone included.
  [[nodiscard]] std::size_t size() const;

 private:
  template <class IsWanted>
  [[nodiscard]] Ref find(std::size_t hash, const IsWanted& is_wanted) const;

  mutable std::mutex mutex_;
  std::unordered_multimap<std::size_t, std::weak_ptr<const Set>> entries_;
  std::size_t tidy_at_ = 64;  // entries at which those of sets that are gone are dropped
};

// Sets by the list of policies that they are made of: callers who have the same policies (the
// sessions of a role, the members of a group), accounts under the same organization policies, and
// all threads that meet them share one, and with it the index that their requests have built. Holds
// no set alive. Thread-safe.
class SharedSets {
 public:
  using Levels = std::vector<std::vector<policy::PolicyMember>>;

  // The one of this process.
  [[nodiscard]] static SharedSets& of_process();

  // The set of these policies, in that order; made if nobody has it.
  [[nodiscard]] policy::PolicySetRef get(policy::SetKind kind,
                                         std::vector<policy::PolicyMember> members);

  // The same for the levels of an organization.
  [[nodiscard]] policy::GuardRailsRef get_rails(policy::SetKind kind, Levels levels);

  // Entries, those whose set is gone included.
  [[nodiscard]] std::size_t size() const { return sets_.size() + rails_.size(); }

 private:
  WeakTable<policy::PolicySet> sets_;
  WeakTable<policy::GuardRails> rails_;
};

// The set is made of these policies, in that order.
[[nodiscard]] bool is_made_of(const policy::PolicySet& set,
                              const std::vector<policy::PolicyMember>& members);
[[nodiscard]] bool is_made_of(const policy::GuardRails& rails, const SharedSets::Levels& levels);

}  // namespace signet::authz
