#include "authz/authorizer.h"

#include "authz/policy_sources.h"
#include "authz/refusal.h"
#include "authz/request_context.h"
#include "facts/errors.h"
#include "policy_engine/demand.h"
#include "policy_telling/explain.h"
#include "policy_telling/message.h"

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
    if (const identity::Account* account = context.snapshot.find<identity::Account>(caller.account);
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
      if (const identity::User* user = context.snapshot.find<identity::User>(caller.principal_id);
          user != nullptr) {
        issuer_arn = identity::arn_of(*user);
        principal.entity_arn = issuer_arn;
        principal.entity_id = caller.principal_id;
      }
      break;
    case CallerKind::Service:
      principal.service = caller.name;
      break;
    case CallerKind::Anonymous:
      if (check.federation == Federation::Service) {
        principal.kind = policy::PrincipalKind::Service;
        principal.service = check.federated_provider;
      } else if (check.federation != Federation::None) {
        principal.kind = check.federation == Federation::Saml ? policy::PrincipalKind::Saml
                                                              : policy::PrincipalKind::WebIdentity;
        principal.federated_provider = check.federated_provider;
      }
      break;
    case CallerKind::Root:
      break;
  }
  return principal;
}

// S3 tells only callers of the bucket's own account why (aws-wire 2.7).
bool is_told_why(const Caller& caller, const Check& check) {
  return !check.wording.quotes_resource ||
         (caller.kind != CallerKind::Anonymous &&
          (check.resource_account.empty() || check.resource_account == caller.account));
}

Error denied(const Caller& caller, const Check& check, const policy::Decision& decision) {
  Error error = facts::make_error(ErrorCode::AccessDenied);
  if (!check.wording.text.empty()) {
    error.message = check.wording.text;
  } else if (!is_told_why(caller, check)) {
    error.message = "Access Denied";
  } else {
    error.message = policy::access_denied_message(
        decision,
        policy::DenialText{.caller_arn = caller.arn,
                           .action = check.action,
                           .resource = check.wording.resource,
                           .quote_resource = check.wording.quotes_resource,
                           .with_reason = !check.wording.hides_reason});
  }
  error.cause = refusal_reason(decision, check);
  return error;
}

// Nothing denied, and no identity policy allowed (the other kinds are not known to allow).
bool lacks_identity_allow(const policy::Decision& decision) {
  return decision.verdict == policy::Verdict::ImplicitlyDenied &&
         decision.type == policy::PolicyType::Identity && !decision.is_error;
}

// Statements that nearly applied, in a record.
constexpr std::size_t kMostNearest = 4;

// What a record of a caller that nobody knows may say in full.
constexpr std::size_t kStrangersRecord = 2048;

constexpr const char* kGrant =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

// What a list of S3 grants, as a policy of the resource would.
constexpr const char* kAclGrant =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";

// An account that no caller is of.
constexpr std::string_view kAnotherAccount = "another";

}  // namespace

struct Authorizer::Cache {
  PolicySources sources;
  // Stands in for the identity policies of a caller whom the account grants an action.
  policy::PolicySetRef grant = policy::PolicySet::make(
      policy::SetKind::Identity, {{.policy = policy::compile_text(kGrant), .id = {}, .pins = {}}});
  // Stands in for the bucket's policy where an access control list grants.
  policy::PolicySetRef acl =
      policy::PolicySet::make(policy::SetKind::Resource,
                              {{.policy = policy::compile_text(kAclGrant), .id = {}, .pins = {}}});
};

// All that the engine is asked about one check, and the owners of what it views. Stays where it is
// made; a decision's statement is good as long as it lives.
struct Authorizer::Question {
  Question(Cache& cache, const AuthzContext& context, const Check& check);
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  Question(Question&&) = delete;
  Question& operator=(Question&&) = delete;
  ~Question() = default;

  [[nodiscard]] policy::Decision decide();

  std::string issuer_arn;
  ContextStorage storage;
  AccountGuardsRef owner;  // of the resource, where it is another account
  policy::Principal principal;
  policy::Request request;
  policy::RequestContext keys;
  policy::PolicyInputs inputs;
  const policy::PolicySet* account_grant = nullptr;  // null: the account grants nothing
  const policy::PolicySet* acl_grant = nullptr;      // null: no list grants anything
  bool asks_acl = false;                             // where the bucket's policy does not decide
  ObjectOwner object_owner = ObjectOwner::OfBucket;
  bool needs_no_policy = false;

 private:
  // The decision where a list grants, or the bucket's policy cannot: it has not denied.
  [[nodiscard]] policy::Decision decide_by_acl();
};

Authorizer::Question::Question(Cache& cache, const AuthzContext& context, const Check& check) {
  PolicySources& sources = cache.sources;
  const Caller& caller = context.caller;
  if (check.grant == Grant::ToEverybody ||
      (check.grant == Grant::ToSignedIn && caller.kind != CallerKind::Anonymous)) {
    needs_no_policy = true;
    return;
  }
  principal = principal_of(context, check, issuer_arn);
  // Owned by `sources`, which outlives this question; nothing else is asked meanwhile.
  static const CallerSets kNone;
  const CallerSets& sets =
      caller.kind != CallerKind::Anonymous ? sources.of_caller(context) : kNone;
  const policy::PolicySet* resource_set = sources.of_resource(context, check).get();
  const AccountGuards* guards = sets.guards.get();
  const AccountGuards* owner_guards = guards;
  if (!check.resource_account.empty() && check.resource_account != caller.account) {
    owner = sources.of_account(context.snapshot, check.resource_account);
    owner_guards = owner.get();
  }
  fill_context(context, check, storage, keys, {.caller = guards, .resource = owner_guards});
  request = {.action = check.action,
             .resource = check.resource,
             .resource_account = check.resource_account,
             .wildcard_only = check.wildcard_only,
             .resource_policy_must_allow = check.role != nullptr};
  const bool has_rcps = owner_guards != nullptr && has_resource_controls(check.action);
  inputs = {.scps = guards != nullptr ? guards->scps.get() : nullptr,
            .rcps = has_rcps ? owner_guards->rcps.get() : nullptr,
            .resource = resource_set,
            .identity = sets.identity.get(),
            .boundary = sets.boundary.get(),
            .session = sets.session.get(),
            .scopes = sets.scopes.get()};
  account_grant = check.grant == Grant::ByAccount ? cache.grant.get() : nullptr;
  // Within an account, naming the account leaves it to the policies of its users.
  const bool is_own = check.object_owner == ObjectOwner::OfBucket
                          ? check.resource_account == caller.account
                          : check.object_owner == ObjectOwner::Caller;
  if (check.acl == AclGrant::ToEverybody || (check.acl == AclGrant::ToAccount && !is_own)) {
    acl_grant = cache.acl.get();
  }
  asks_acl = acl_grant != nullptr || check.object_owner != ObjectOwner::OfBucket;
  object_owner = check.object_owner;
}

policy::Decision Authorizer::Question::decide() {
  if (needs_no_policy) {
    return {.verdict = policy::Verdict::Allowed, .type = policy::PolicyType::None};
  }
  const policy::Decision decision = policy::decide(request, principal, keys, inputs);
  const bool is_final = decision.is_error ||
                        decision.verdict == policy::Verdict::ExplicitlyDenied ||
                        (decision.is_allowed() && object_owner == ObjectOwner::OfBucket);
  if (asks_acl && !is_final) {
    return decide_by_acl();
  }
  if (account_grant == nullptr || !lacks_identity_allow(decision)) {
    return decision;
  }
  inputs.identity = account_grant;
  return policy::decide(request, principal, keys, inputs);
}

policy::Decision Authorizer::Question::decide_by_acl() {
  if (object_owner != ObjectOwner::OfBucket) {
    request.resource_account =
        object_owner == ObjectOwner::Caller ? principal.account : kAnotherAccount;
  }
  inputs.resource = acl_grant;
  return policy::decide(request, principal, keys, inputs);
}

Authorizer::Authorizer() : cache_(std::make_unique<Cache>()) {}

Authorizer::~Authorizer() = default;

Result<Authorized> Authorizer::authorize(const AuthzContext& context, CheckList&& checks) {
  if (checks.empty()) {
    return std::unexpected(facts::service_failure("an operation named no check"));
  }
  for (const Check& check : checks) {
    Question question(*cache_, context, check);
    const policy::Decision decision = question.decide();
    if (!decision.is_allowed()) {
      refused_by_ = RefusedBy(decision);
      return std::unexpected(denied(context.caller, check, decision));
    }
  }
  return Authorized(std::move(checks));
}

RefusalTexts Authorizer::describe_refusal(const AuthzContext& context,
                                          const CheckList& checks,
                                          bool is_whole) {
  for (const Check& check : checks) {
    Question question(*cache_, context, check);
    const policy::Decision decision = question.decide();
    if (decision.is_allowed()) {
      continue;
    }
    RefusalTexts texts;
    if (is_whole) {
      texts = described(context, check, question, decision);
    }
    const bool is_too_long =
        context.caller.kind == CallerKind::Anonymous && texts.record.size() > kStrangersRecord;
    if (!is_whole || is_too_long) {
      texts.record = refusal_reason_record(context.caller, check, decision);
    }
    return texts;
  }
  return {};
}

RefusalTexts Authorizer::described(const AuthzContext& context,
                                   const Check& check,
                                   const Question& question,
                                   const policy::Decision& decision) {
  const std::vector<policy::StatementRef> matched = policy::matched_statements(
      decision, question.request, question.principal, question.keys, question.inputs);
  const std::vector<policy::StatementTrace> nearest = policy::nearest_statements(
      decision, question.request, question.principal, question.keys, question.inputs, kMostNearest);
  const std::vector<ShownKey> keys = present_keys(context, check, question.keys);
  const RefusalParts parts{.caller = context.caller,
                           .check = check,
                           .decision = decision,
                           .matched = matched,
                           .nearest = nearest,
                           .keys = keys};
  return {.message = may_be_described(context.caller, check) ? refusal_json(parts) : std::string(),
          .record = refusal_record(parts)};
}

policy::Decision Authorizer::decide(const AuthzContext& context, const Check& check) {
  policy::Decision decision = Question(*cache_, context, check).decide();
  decision.statement.set = nullptr;  // the sets may be gone when the caller looks
  return decision;
}

bool Authorizer::allows(const AuthzContext& context, const Check& check) {
  return Question(*cache_, context, check).decide().is_allowed();
}

bool Authorizer::reads_object_tags(const AuthzContext& context, const Check& check) {
  const Question question(*cache_, context, check);
  return !question.needs_no_policy && policy::key_demand(check.action, question.inputs)
                                          .wants(facts::TagFamily::S3ExistingObjectTag);
}

}  // namespace signet::authz
