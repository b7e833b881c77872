#include "policy/policy_set.h"

#include <utility>

#include "policy/compiled.h"
#include "policy/index.h"

namespace signet::policy {

PolicySet::PolicySet(SetKind kind, std::vector<PolicyMember> members, const Settings& /*settings*/)
    : kind_(kind), members_(std::move(members)) {
  const bool takes_principals = kind == SetKind::Resource || kind == SetKind::ResourceGuard;
  for (const PolicyMember& member : members_) {
    const bool is_misplaced = member.policy != nullptr && !takes_principals &&
                              (member.policy->names_principals || member.policy->lacks_resources);
    is_broken_ |= member.policy == nullptr || is_misplaced;
  }
  index_ = is_broken_ ? nullptr : std::make_unique<Index>(kind_, members_);
}

PolicySet::~PolicySet() = default;

std::shared_ptr<const PolicySet> PolicySet::make(SetKind kind,
                                                 std::vector<PolicyMember> members,
                                                 const Settings& settings) {
  return std::make_shared<const PolicySet>(kind, std::move(members), settings);
}

std::shared_ptr<const GuardRails> GuardRails::make(SetKind kind,
                                                   std::vector<std::vector<PolicyMember>> levels,
                                                   const Settings& settings) {
  std::vector<PolicySetRef> sets;
  sets.reserve(levels.size());
  for (std::vector<PolicyMember>& level : levels) {
    sets.push_back(PolicySet::make(kind, std::move(level), settings));
  }
  return std::make_shared<const GuardRails>(std::move(sets));
}

}  // namespace signet::policy
