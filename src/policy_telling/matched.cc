#include "policy_engine/evaluate.h"
#include "policy_telling/explain.h"
#include "policy_telling/sets_of.h"

namespace signet::policy {

std::vector<const PolicySet*> sets_of(PolicyType type, const PolicyInputs& policies) {
  const auto levels = [](const GuardRails* rails) {
    std::vector<const PolicySet*> sets;
    if (rails != nullptr) {
      for (const PolicySetRef& level : rails->levels()) {
        sets.push_back(level.get());
      }
    }
    return sets;
  };
  switch (type) {
    case PolicyType::None:
      return {};
    case PolicyType::Identity:
      return {policies.identity};
    case PolicyType::Resource:
    case PolicyType::Trust:
      return {policies.resource};
    case PolicyType::Boundary:
      return {policies.boundary};
    case PolicyType::Session:
      return {policies.session};
    case PolicyType::Scp:
      return levels(policies.scps);
    case PolicyType::Rcp:
      return levels(policies.rcps);
    case PolicyType::Endpoint:
      return {policies.endpoint};
    case PolicyType::Scope:
      return levels(policies.scopes);
  }
  return {};
}

namespace {

void add_matched(const PolicySet& set,
                 Effect wanted,
                 Evaluation& evaluation,
                 std::vector<StatementRef>& matched) {
  std::uint32_t policy_index = 0;
  for (const PolicyMember& member : set.members()) {
    std::uint32_t index = 0;
    for (const CompiledStatement& statement : member.policy->statements) {
      const bool applies =
          statement.effect == wanted &&
          evaluation.principal_strength(member, statement, set.kind()) != Strength::None &&
          evaluation.action_applies(*member.policy, statement) &&
          evaluation.resource_applies(*member.policy, statement, set.kind()) &&
          evaluation.conditions_hold(*member.policy, statement);
      if (applies) {
        matched.push_back(StatementRef{.set = &set, .policy = policy_index, .statement = index});
      }
      ++index;
    }
    ++policy_index;
  }
}

}  // namespace

std::vector<StatementRef> matched_statements(const Decision& decision,
                                             const Request& request,
                                             const Principal& principal,
                                             const RequestContext& context,
                                             const PolicyInputs& policies,
                                             const Settings& settings) {
  std::vector<StatementRef> matched;
  if (decision.verdict == Verdict::ImplicitlyDenied) {
    return matched;
  }
  const Effect wanted = decision.is_allowed() ? Effect::Allow : Effect::Deny;
  const RequestParts parts(request);
  Evaluation evaluation(
      parts, principal, context, settings, policies.boundary != nullptr && principal.is_entity());
  for (const PolicySet* set : sets_of(decision.type, policies)) {
    if (set == nullptr || set->is_broken()) {
      continue;
    }
    add_matched(*set, wanted, evaluation, matched);
  }
  return matched;
}

}  // namespace signet::policy
