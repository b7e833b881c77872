#include "authz/shared_sets.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace signet::authz {
namespace {

using policy::PolicyMember;
using policy::PolicySetRef;

bool is_same(const PolicyMember& a, const PolicyMember& b) {
  return a.policy == b.policy && a.id == b.id &&
         std::ranges::equal(a.pins, b.pins, [](const auto& x, const auto& y) {
           return x.arn == y.arn && x.id == y.id;
         });
}

// Equal for equal lists. Policies are shared by content, so where one lies is what it says.
std::size_t hash_of(policy::SetKind kind, const std::vector<PolicyMember>& members) {
  auto hash = static_cast<std::size_t>(kind);
  const auto mix = [&hash](std::size_t more) {
    hash = (hash * 0x9E3779B97F4A7C15ULL) ^ more;
  };
  for (const PolicyMember& member : members) {
    mix(std::hash<const void*>{}(member.policy.get()));
    mix(std::hash<std::string_view>{}(member.id));
  }
  return hash;
}

}  // namespace

bool is_made_of(const policy::PolicySet& set, const std::vector<PolicyMember>& members) {
  return std::ranges::equal(set.members(), members, is_same);
}

PolicySetRef SharedSets::get(policy::SetKind kind, std::vector<PolicyMember> members) {
  const std::size_t hash = hash_of(kind, members);
  const auto [first, last] = sets_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    if (PolicySetRef set = at->second.lock();
        set != nullptr && set->kind() == kind && is_made_of(*set, members)) {
      return set;
    }
  }
  if (sets_.size() >= tidy_at_) {
    std::erase_if(sets_, [](const auto& entry) { return entry.second.expired(); });
    tidy_at_ = std::max<std::size_t>(64, sets_.size() * 2);
  }
  PolicySetRef made = policy::PolicySet::make(kind, std::move(members));
  sets_.emplace(hash, made);
  return made;
}

}  // namespace signet::authz
