#include "authz/shared_sets.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace signet::authz {
namespace {

using policy::GuardRails;
using policy::PolicyMember;
using policy::PolicySet;
using policy::PolicySetRef;
using policy::SetKind;

bool is_same(const PolicyMember& a, const PolicyMember& b) {
  return a.policy == b.policy && a.id == b.id &&
         std::ranges::equal(a.pins, b.pins, [](const auto& x, const auto& y) {
           return x.arn == y.arn && x.id == y.id;
         });
}

std::size_t mix(std::size_t hash, std::size_t more) {
  return (hash * 0x9E3779B97F4A7C15ULL) ^ more;
}

// Equal for equal lists. Policies are shared by content, so where one lies is what it says.
std::size_t hash_of(std::size_t hash, const std::vector<PolicyMember>& members) {
  for (const PolicyMember& member : members) {
    hash = mix(hash, std::hash<const void*>{}(member.policy.get()));
    hash = mix(hash, std::hash<std::string_view>{}(member.id));
  }
  return hash;
}

}  // namespace

template <class Set>
template <class IsWanted>
typename WeakTable<Set>::Ref WeakTable<Set>::find(std::size_t hash,
                                                  const IsWanted& is_wanted) const {
  const auto [first, last] = entries_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    if (Ref set = at->second.lock(); set != nullptr && is_wanted(*set)) {
      return set;
    }
  }
  return nullptr;
}

template <class Set>
template <class IsWanted, class Make>
typename WeakTable<Set>::Ref WeakTable<Set>::get(std::size_t hash,
                                                 const IsWanted& is_wanted,
                                                 Make make) {
  // Sets that are dropped here go when the lock is free again.
  Ref made;
  std::unique_lock lock(mutex_);
  if (Ref found = find(hash, is_wanted)) {
    return found;
  }
  lock.unlock();
  made = make();
  lock.lock();
  if (Ref found = find(hash, is_wanted)) {
    return found;  // another thread was faster
  }
  if (entries_.size() >= tidy_at_) {
    std::erase_if(entries_, [](const auto& entry) { return entry.second.expired(); });
    tidy_at_ = std::max<std::size_t>(64, entries_.size() * 2);
  }
  entries_.emplace(hash, made);
  return made;
}

template <class Set>
std::size_t WeakTable<Set>::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

template class WeakTable<PolicySet>;
template class WeakTable<GuardRails>;

bool is_made_of(const PolicySet& set, const std::vector<PolicyMember>& members) {
  return std::ranges::equal(set.members(), members, is_same);
}

bool is_made_of(const GuardRails& rails, const SharedSets::Levels& levels) {
  return std::ranges::equal(rails.levels(),
                            levels,
                            [](const PolicySetRef& set, const std::vector<PolicyMember>& members) {
                              return is_made_of(*set, members);
                            });
}

SharedSets& SharedSets::of_process() {
  static SharedSets sets;
  return sets;
}

PolicySetRef SharedSets::get(SetKind kind, std::vector<PolicyMember> members) {
  return sets_.get(
      hash_of(static_cast<std::size_t>(kind), members),
      [&](const PolicySet& set) { return set.kind() == kind && is_made_of(set, members); },
      [&] { return PolicySet::make(kind, members); });
}

policy::GuardRailsRef SharedSets::get_rails(SetKind kind, Levels levels) {
  auto hash = static_cast<std::size_t>(kind);
  for (const std::vector<PolicyMember>& members : levels) {
    hash = mix(hash_of(hash, members), members.size());
  }
  return rails_.get(
      hash,
      [&](const GuardRails& rails) {
        return is_made_of(rails, levels) &&
               std::ranges::all_of(rails.levels(),
                                   [kind](const PolicySetRef& set) { return set->kind() == kind; });
      },
      [&] { return GuardRails::make(kind, levels); });
}

}  // namespace signet::authz
