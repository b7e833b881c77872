#include "policy_engine/policy_set.h"

#include <algorithm>
#include <utility>

#include "policy_engine/compiled.h"
#include "policy_engine/index.h"

namespace signet::policy {

PolicySet::PolicySet(SetKind kind, std::vector<PolicyMember> members)
    : kind_(kind), members_(std::move(members)) {
  const bool takes_principals = kind == SetKind::Resource || kind == SetKind::ResourceGuard;
  for (const PolicyMember& member : members_) {
    const bool is_misplaced = member.policy != nullptr && !takes_principals &&
                              (member.policy->names_principals || member.policy->lacks_resources);
    is_broken_ |= member.policy == nullptr || is_misplaced;
  }
  index_ = is_broken_ ? nullptr : std::make_unique<SetIndex>(kind_, members_);
}

PolicySet::~PolicySet() = default;

std::shared_ptr<const PolicySet> PolicySet::make(SetKind kind, std::vector<PolicyMember> members) {
  return std::make_shared<const PolicySet>(kind, std::move(members));
}

namespace {

bool allows_everything_at(const PolicySet& level) {
  for (const PolicyMember& member : level.members()) {
    for (const CompiledStatement& statement : member.policy->statements) {
      const auto actions = CompiledPolicy::slice(member.policy->actions, statement.actions);
      const bool is_all_actions =
          !statement.is_not_action &&
          std::any_of(actions.begin(), actions.end(), [](const ActionPattern& action) {
            return action.kind == ActionPattern::Kind::All;
          });
      const auto principals =
          CompiledPolicy::slice(member.policy->principals, statement.principals);
      const bool is_everyone =
          !statement.has_principal ||
          (!statement.is_not_principal &&
           std::any_of(principals.begin(), principals.end(), [](const auto& entry) {
             return entry.kind == PrincipalEntry::Kind::Everyone;
           }));
      if (statement.effect == Effect::Allow && is_all_actions && statement.has_only_all_resources &&
          is_everyone && statement.conditions.count == 0 &&
          member.policy->settings.star_reaches_services) {
        return true;
      }
    }
  }
  return false;
}

bool has_deny(const PolicySet& level) {
  for (const PolicyMember& member : level.members()) {
    for (const CompiledStatement& statement : member.policy->statements) {
      if (statement.effect == Effect::Deny) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

GuardRails::GuardRails(SetKind kind, std::vector<PolicySetRef> levels)
    : levels_(std::move(levels)) {
  std::vector<PolicyMember> all;
  bool denies = false;
  for (const PolicySetRef& level : levels_) {
    is_broken_ |= level->is_broken();
    if (level->is_broken() || !allows_everything_at(*level)) {
      selective_levels_.push_back(level.get());
    }
    denies |= !level->is_broken() && has_deny(*level);
    all.insert(all.end(), level->members().begin(), level->members().end());
  }
  if (denies && !is_broken_) {
    denies_ = PolicySet::make(kind, std::move(all));
  }
}

StatementRef GuardRails::in_level(const StatementRef& statement) const {
  StatementRef found = statement;
  for (const PolicySetRef& level : levels_) {
    if (found.policy < level->members().size()) {
      found.set = level.get();
      return found;
    }
    found.policy -= static_cast<std::uint32_t>(level->members().size());
  }
  return {};
}

std::shared_ptr<const GuardRails> GuardRails::make(SetKind kind,
                                                   std::vector<std::vector<PolicyMember>> levels) {
  std::vector<PolicySetRef> sets;
  sets.reserve(levels.size());
  for (std::vector<PolicyMember>& level : levels) {
    sets.push_back(PolicySet::make(kind, std::move(level)));
  }
  return std::make_shared<const GuardRails>(kind, std::move(sets));
}

}  // namespace signet::policy
