#include "escalation/limits.h"

#include <algorithm>

#include "identity/stored_document.h"
#include "policy_engine/compiled.h"

namespace signet::escalation {
namespace {

bool has_effect(const policy::PolicyRef& policy, policy::Effect effect) {
  return std::ranges::any_of(policy->statements, [effect](const policy::CompiledStatement& one) {
    return one.effect == effect;
  });
}

}  // namespace

bool allows_all(const policy::PolicyRef& policy) {
  return policy != nullptr &&
         std::ranges::any_of(policy->statements, [&policy](const policy::CompiledStatement& one) {
           const auto actions = policy::CompiledPolicy::slice(policy->actions, one.actions);
           return one.effect == policy::Effect::Allow && !one.is_not_action &&
                  !one.is_not_resource && one.has_only_all_resources && one.conditions.count == 0 &&
                  std::ranges::any_of(actions, [](const policy::ActionPattern& action) {
                    return action.kind == policy::ActionPattern::Kind::All || action.text == "*:*";
                  });
         });
}

bool denies_something(const policy::PolicyRef& policy) {
  return policy == nullptr || has_effect(policy, policy::Effect::Deny);
}

bool allows_something(const policy::PolicyRef& policy) {
  return policy != nullptr && has_effect(policy, policy::Effect::Allow);
}

const identity::StoredDocument* default_document_of(const identity::Snapshot& snapshot,
                                                    std::string_view policy_arn) {
  const auto* policy = snapshot.find_by_arn<identity::ManagedPolicy>(policy_arn);
  return policy != nullptr ? policy->default_document().get() : nullptr;
}

bool is_no_limit(const identity::Snapshot& snapshot, std::string_view policy_arn) {
  const auto* document = default_document_of(snapshot, policy_arn);
  return document != nullptr && allows_all(document->policy()) &&
         !denies_something(document->policy());
}

}  // namespace signet::escalation
