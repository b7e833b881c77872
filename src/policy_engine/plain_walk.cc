#include <algorithm>

#include "policy_engine/set_walk.h"

namespace signet::policy {

SetAnswer evaluate_set_plainly(const PolicySet& set, Evaluation& evaluation, Wanted wanted) {
  SetAnswer answer;
  std::uint32_t row = 0;
  for (const PolicyMember& member : set.members()) {
    for (const CompiledStatement& statement : member.policy->statements) {
      const std::uint32_t number = row++;
      const bool is_deny = statement.effect == Effect::Deny;
      if (is_deny ? (!wanted.deny || answer.has_deny()) : !wanted.allow) {
        continue;
      }
      const Strength strength = evaluation.principal_strength(member, statement, set.kind());
      if (strength == Strength::None || (!is_deny && strength <= answer.allow_strength)) {
        continue;
      }
      if (!evaluation.action_applies(*member.policy, statement) ||
          !evaluation.resource_applies(*member.policy, statement, set.kind()) ||
          !evaluation.conditions_hold(*member.policy, statement)) {
        continue;
      }
      if (is_deny) {
        answer.deny = number;
      } else {
        answer.allow_strength = strength;
        answer.allow = number;
      }
    }
  }
  return answer;
}

}  // namespace signet::policy
