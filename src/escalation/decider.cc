#include "escalation/decider.h"

#include <algorithm>
#include <array>
#include <utility>

#include "authn/authenticator.h"
#include "authz/open_question.h"
#include "base/strings.h"
#include "escalation/hypothetical.h"
#include "facts/condition_key_ids.h"
#include "identity/stored_document.h"
#include "policy_engine/compiled.h"
#include "policy_language/context.h"
#include "policy_prove/ability.h"
#include "policy_prove/documents.h"

namespace signet::escalation {
namespace {

using facts::KeyId;
using facts::TagFamily;
using policy::KeyDemand;

// Of one proof, in units of its budget: what cannot be proved within is unknown.
constexpr std::uint64_t kBudget = 300'000'000;

// Keys that all requests of a principal for one resource say alike; a role has no aws:username.
constexpr auto kFixed = std::to_array<KeyId>({KeyId::AwsUsername,
                                              KeyId::AwsPrincipalArn,
                                              KeyId::AwsPrincipalAccount,
                                              KeyId::AwsPrincipalType,
                                              KeyId::AwsPrincipalOrgID,
                                              KeyId::AwsPrincipalOrgPaths,
                                              KeyId::AwsPrincipalIsAWSService,
                                              KeyId::AwsResourceAccount,
                                              KeyId::AwsResourceOrgID,
                                              KeyId::AwsResourceOrgPaths});

void forget(KeyDemand& demand, KeyId key) {
  const auto i = static_cast<std::size_t>(key);
  demand.keys[i / 64] &= ~(std::uint64_t{1} << (i % 64));
}

void forget(KeyDemand& demand, TagFamily family) {
  demand.families &= ~(std::uint32_t{1} << static_cast<unsigned>(family));
}

// What is left when the keys are taken out that the check itself and the principal settle.
KeyDemand open_keys(KeyDemand demand, const Asker& asker, const authz::Check& check) {
  for (const KeyId key : kFixed) {
    forget(demand, key);
  }
  for (const TagFamily family : {TagFamily::AwsResourceTag, TagFamily::IamResourceTag}) {
    forget(demand, family);
  }
  if (asker.user != nullptr) {
    forget(demand, KeyId::AwsUserid);
    forget(demand, TagFamily::AwsPrincipalTag);
  }
  forget(demand, KeyId::IamPermissionsBoundary);  // the check has it where the call carries it
  for (const authz::ContextEntry& entry : check.context) {
    const policy::KeyRef key = policy::resolve_key(entry.key);
    if (key.kind == policy::KeyRef::Kind::Fixed) {
      forget(demand, static_cast<KeyId>(key.id));
    }
  }
  return demand;
}

bool is_nothing(const KeyDemand& demand) {
  return demand.keys == std::array<std::uint64_t, 2>{} && demand.families == 0 && !demand.others;
}

// A trust policy that names sessions of the role that asks.
bool names_sessions_of(const Asker& asker, const authz::Check& check) {
  if (asker.role == nullptr || check.role == nullptr || check.role->trust_policy == nullptr ||
      check.role->trust_policy->policy() == nullptr) {
    return false;
  }
  const auto& principals = check.role->trust_policy->policy()->principals;
  return std::ranges::any_of(principals, [](const policy::PrincipalEntry& entry) {
    return entry.kind == policy::PrincipalEntry::Kind::RoleSession;
  });
}

// What aws:MultiFactorAuthPresent has to say, where that alone decides. Bits: absent, true, false.
Condition by_mfa(bool absent, bool yes, bool no) {
  std::string block;
  if (yes) {
    block = absent ? R"({"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}})"
                   : (no ? R"({"Null":{"aws:MultiFactorAuthPresent":"false"}})"
                         : R"({"Bool":{"aws:MultiFactorAuthPresent":"true"}})");
  } else {
    block = absent ? (no ? R"({"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}})"
                         : R"({"Null":{"aws:MultiFactorAuthPresent":"true"}})")
                   : R"({"Bool":{"aws:MultiFactorAuthPresent":"false"}})";
  }
  return {.kind = Condition::Kind::If, .formula = {std::move(block)}, .reason = {}};
}

}  // namespace

std::optional<Asker> asker_named(std::string_view arn,
                                 const identity::Snapshot& snapshot,
                                 Instant now) {
  Asker asker{.arn = std::string(arn)};
  asker.user = snapshot.find_by_arn<identity::User>(arn);
  asker.role = snapshot.find_by_arn<identity::Role>(arn);
  if (asker.user != nullptr) {
    asker.callers = {authn::caller_of_user(*asker.user),
                     caller_with_mfa(*asker.user, now),
                     caller_without_mfa(*asker.user, now)};
    asker.mfa = {std::nullopt, true, false};
  } else if (asker.role != nullptr) {
    asker.callers = {caller_of(*asker.role, now), caller_by_provider(*asker.role, now)};
    asker.mfa = {false, std::nullopt};
  } else {
    return std::nullopt;
  }
  return asker;
}

std::optional<Condition> Decider::ask(const identity::Snapshot& snapshot,
                                      const Asker& asker,
                                      const authz::Check& check) {
  const authz::RequestInfo request{.region = "us-east-1", .now = now_};
  const auto allows = [&](const model::Caller& caller) {
    return authorizer_.allows({.snapshot = snapshot, .caller = caller, .request = request}, check);
  };
  const model::Caller& plain = asker.callers.front();
  KeyDemand open = open_keys(
      demand({.snapshot = snapshot, .caller = plain, .request = request}, check), asker, check);
  if (names_sessions_of(asker, check)) {
    return by_proof(snapshot, plain, check);
  }
  if (is_nothing(open)) {
    return allows(plain) ? std::optional(Condition()) : std::nullopt;
  }
  forget(open, KeyId::AwsMultiFactorAuthPresent);
  if (!is_nothing(open)) {
    return by_proof(snapshot, plain, check);
  }
  bool absent = false;
  bool yes = false;
  bool no = false;
  std::size_t allowed = 0;
  for (std::size_t i = 0; i < asker.callers.size(); ++i) {
    const bool is_allowed = allows(asker.callers[i]);
    allowed += is_allowed ? 1 : 0;
    (asker.mfa[i] ? (*asker.mfa[i] ? yes : no) : absent) = is_allowed;
  }
  if (allowed == 0) {
    return std::nullopt;
  }
  return allowed == asker.callers.size() ? Condition() : by_mfa(absent, yes, no);
}

// The keys that some policy asks for which the decision depends on.
KeyDemand Decider::demand(const authz::AuthzContext& context, const authz::Check& check) {
  const authz::CallerSets& sets = sources_.of_caller(context);
  const policy::PolicySetRef resource = sources_.of_resource(context, check);
  const bool is_elsewhere =
      !check.resource_account.empty() && check.resource_account != context.caller.account;
  const authz::AccountGuardsRef owner =
      is_elsewhere ? sources_.of_account(context.snapshot, check.resource_account) : sets.guards;
  policy::PolicyInputs inputs;
  inputs.scps = sets.guards != nullptr ? sets.guards->scps.get() : nullptr;
  inputs.rcps =
      owner != nullptr && authz::has_resource_controls(check.action) ? owner->rcps.get() : nullptr;
  inputs.resource = resource.get();
  inputs.identity = sets.identity.get();
  inputs.boundary = sets.boundary.get();
  return policy::key_demand(check.action, inputs);
}

std::optional<Condition> Decider::ask_of_provider(const identity::Snapshot& snapshot,
                                                  const authz::Check& check) {
  return by_proof(snapshot, model::Caller(), check);
}

std::optional<Condition> Decider::by_proof(const identity::Snapshot& snapshot,
                                           const model::Caller& caller,
                                           const authz::Check& check) {
  namespace prove = policy::prove;
  const authz::RequestInfo request{.region = "us-east-1", .now = now_};
  const std::string question =
      authz::open_question({.snapshot = snapshot, .caller = caller, .request = request}, check, {});
  std::vector<std::string> kept;
  for (const authz::ContextEntry& entry : check.context) {
    kept.push_back(entry.key);
  }
  auto found = prove::find_ability({.question = prove::without_request(question, kept),
                                    .actions = {check.action},
                                    .resources = {check.wildcard_only ? "*" : check.resource},
                                    .budget = kBudget});
  // A policy that cannot be read denies everything (R-7.2).
  if (!found || found->kind == prove::AbilityKind::Never) {
    return std::nullopt;
  }
  Condition condition;
  if (found->kind == prove::AbilityKind::If) {
    condition.kind = Condition::Kind::If;
    condition.formula = std::move(found->formula);
  } else if (found->kind == prove::AbilityKind::Unknown) {
    condition.kind = Condition::Kind::Unknown;
    condition.reason = std::move(found->reason);
  }
  return condition;
}

}  // namespace signet::escalation
