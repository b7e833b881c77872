#include "authz/authorizer.h"

#include "authz/policy_sources.h"
#include "authz/request_context.h"
#include "facts/errors.h"
#include "policy/message.h"

namespace signet::authz {
namespace {

using model::Caller;
using model::CallerKind;

policy::PrincipalKind kind_of(CallerKind kind) {
  switch (kind) {
    case CallerKind::Root:
      return policy::PrincipalKind::Root;
    case CallerKind::User:
      return policy::PrincipalKind::User;
    case CallerKind::AssumedRole:
      return policy::PrincipalKind::AssumedRole;
    case CallerKind::FederatedUser:
      return policy::PrincipalKind::FederatedUser;
    case CallerKind::Service:
      return policy::PrincipalKind::Service;
    case CallerKind::Anonymous:
      break;
  }
  return policy::PrincipalKind::Anonymous;
}

// The caller as the policy engine sees it. `issuer_arn` is memory for a federated user's issuer.
policy::Principal principal_of(const AuthzContext& context,
                               const Check& check,
                               std::string& issuer_arn) {
  const Caller& caller = context.caller;
  policy::Principal principal;
  principal.kind = kind_of(caller.kind);
  principal.account = caller.account;
  principal.arn = caller.arn;
  // Only bucket policies name canonical user ids.
  if (check.bucket != nullptr) {
    if (const identity::Account* account = context.snapshot.find_account(caller.account);
        account != nullptr) {
      principal.canonical_user_id = account->canonical_user_id;
    }
  }
  switch (caller.kind) {
    case CallerKind::User:
      principal.entity_arn = caller.arn;
      principal.entity_id = caller.principal_id;
      break;
    case CallerKind::AssumedRole:
      principal.entity_arn = caller.principal_arn;
      principal.entity_id = caller.principal_id;
      principal.session_name =
          caller.session ? std::string_view(caller.session->session_name) : std::string_view();
      break;
    case CallerKind::FederatedUser:
      if (const identity::User* user = context.snapshot.find_user_by_id(caller.principal_id);
          user != nullptr) {
        issuer_arn = identity::arn_of(*user);
        principal.entity_arn = issuer_arn;
        principal.entity_id = caller.principal_id;
      }
      break;
    case CallerKind::Service:
      principal.service = caller.name;
      break;
    case CallerKind::Root:
    case CallerKind::Anonymous:
      break;
  }
  return principal;
}

// S3 tells only callers of the bucket's own account why (aws-wire 2.7).
bool is_told_why(const Caller& caller, const Check& check) {
  return !check.quotes_resource ||
         (caller.kind != CallerKind::Anonymous &&
          (check.resource_account.empty() || check.resource_account == caller.account));
}

Error denied(const Caller& caller, const Check& check, const policy::Decision& decision) {
  Error error = facts::make_error(ErrorCode::AccessDenied);
  if (!check.denied_text.empty()) {
    error.message = check.denied_text;
  } else if (!is_told_why(caller, check)) {
    error.message = "Access Denied";
  } else {
    error.message =
        policy::access_denied_message(decision,
                                      policy::DenialText{.caller_arn = caller.arn,
                                                         .action = check.action,
                                                         .resource = check.shown,
                                                         .quote_resource = check.quotes_resource,
                                                         .with_reason = !check.hides_reason});
  }
  error.cause = decision.is_error ? "a policy that applies could not be read" : "";
  return error;
}

// Nothing denied, and no identity policy allowed (the other kinds are not known to allow).
bool lacks_identity_allow(const policy::Decision& decision) {
  return decision.verdict == policy::Verdict::ImplicitlyDenied &&
         decision.type == policy::PolicyType::Identity && !decision.is_error;
}

constexpr const char* kGrant =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

}  // namespace

// A decision together with the sets its statement points into.
struct Authorizer::Evaluated {
  policy::Decision decision;
  PolicySources::CallerSets caller_sets;
  policy::PolicySetRef resource_set;
};

struct Authorizer::Cache {
  PolicySources sources;
  // Stands in for the identity policies of a caller whom the account grants an action.
  policy::PolicySetRef grant = policy::PolicySet::make(
      policy::SetKind::Identity, {{.policy = policy::compile_text(kGrant), .id = {}, .pins = {}}});
};

Authorizer::Authorizer() : cache_(std::make_unique<Cache>()) {}

Authorizer::~Authorizer() = default;

Authorizer::Evaluated Authorizer::evaluate(const AuthzContext& context, const Check& check) {
  Evaluated result;
  if (check.needs_no_permission && context.caller.kind != CallerKind::Anonymous) {
    result.decision =
        policy::Decision{.verdict = policy::Verdict::Allowed, .type = policy::PolicyType::None};
    return result;
  }
  std::string issuer_arn;
  const policy::Principal principal = principal_of(context, check, issuer_arn);
  ContextStorage storage;
  policy::RequestContext keys;
  fill_context(context, check, storage, keys);
  if (context.caller.kind != CallerKind::Anonymous) {
    result.caller_sets = cache_->sources.of_caller(context);
  }
  result.resource_set = cache_->sources.of_resource(context, check);

  const policy::Request request{.action = check.action,
                                .resource = check.resource,
                                .resource_account = check.resource_account,
                                .wildcard_only = check.wildcard_only,
                                .resource_policy_must_allow = check.role != nullptr};
  policy::PolicyInputs inputs{.resource = result.resource_set.get(),
                              .identity = result.caller_sets.identity.get(),
                              .boundary = result.caller_sets.boundary.get(),
                              .session = result.caller_sets.session.get()};
  result.decision = policy::decide(request, principal, keys, inputs);
  if (check.is_granted_by_account && lacks_identity_allow(result.decision)) {
    inputs.identity = cache_->grant.get();
    result.decision = policy::decide(request, principal, keys, inputs);
  }
  return result;
}

Result<Authorized> Authorizer::authorize(const AuthzContext& context, const CheckList& checks) {
  if (checks.empty()) {
    return std::unexpected(facts::service_failure("an operation named no check"));
  }
  for (const Check& check : checks) {
    const Evaluated result = evaluate(context, check);
    if (!result.decision.is_allowed()) {
      return std::unexpected(denied(context.caller, check, result.decision));
    }
  }
  return Authorized();
}

policy::Decision Authorizer::decide(const AuthzContext& context, const Check& check) {
  policy::Decision decision = evaluate(context, check).decision;
  decision.statement.set = nullptr;  // the sets may be gone when the caller looks
  return decision;
}

bool Authorizer::allows(const AuthzContext& context, const Check& check) {
  return evaluate(context, check).decision.is_allowed();
}

}  // namespace signet::authz
