#include <utility>

#include "base/fail_because.h"
#include "base/strings.h"
#include "facts/condition_key_ids.h"
#include "facts/errors.h"
#include "facts/sts_sentences.h"
#include "sts/credentials.h"
#include "sts/evidence.h"
#include "sts/handlers.h"
#include "sts/propagation.h"
#include "sts/session_policy.h"
#include "sts/session_tags.h"

// AssumeRoleWithWebIdentity (aws-wire 3.3, policy-semantics 8.1, R-8.6).
namespace signet::sts {
namespace {

constexpr std::int64_t kDefaultSeconds = 3'600;

std::string denied_text() {
  return web_identity_refused().error().message;
}

// The same for a role that is not there as for a trust that refuses: roles cannot be probed.
std::unexpected<Error> denied(std::string cause) {
  return with_cause(web_identity_refused(), std::move(cause));
}

Result<SessionTags> tags_of(const WebIdentity& identity) {
  return read_tags(identity.tags, identity.transitive_keys, nullptr);
}

// Context keys of the trust evaluation; no others of a caller are there.
void add_context(const AssumeRoleWithWebIdentityRequest& request,
                 const WebIdentity& identity,
                 api::Check& check) {
  using facts::KeyId;
  check.texts.add(KeyId::StsRoleSessionName, request.role_session_name);
  check.texts.add(KeyId::AwsFederatedProvider, identity.provider);
  if (!identity.source_identity.empty()) {
    check.texts.add(KeyId::StsSourceIdentity, identity.source_identity);
  }
  check.context = identity.keys;
  check.context.push_back(
      {.key = "sts:RoleAuthorizedByIdp", .values = {identity.is_role_named ? "true" : "false"}});
}

}  // namespace

Result<WebIdentity> examine(const AssumeRoleWithWebIdentityRequest& request,
                            const api::CheckContext& context) {
  if (!is_iam_arn(request.role_arn, "role/")) {
    return request_arn_invalid();
  }
  if (request.provider_id) {
    return fail(ErrorCode::NotImplemented,
                "ProviderId, for access tokens of OAuth 2.0, is not implemented by this server "
                "yet: send an ID token of OpenID Connect without it.");
  }
  return verify_web_identity(request, context);
}

Result<api::CheckList> checks(const AssumeRoleWithWebIdentityRequest& request,
                              const WebIdentity& identity,
                              const api::CheckContext& context) {
  const SessionTags tags = TRY(tags_of(identity));
  const identity::Role* role = context.snapshot.find_by_arn<identity::Role>(request.role_arn);
  if (role == nullptr) {
    return denied("there is no such role; ARNs are exact, case and path included");
  }
  api::CheckList list;
  list.push_back({
      .action = "sts:AssumeRoleWithWebIdentity",
      .resource = request.role_arn,
      .wording = {.resource = request.role_arn, .hides_reason = true, .text = denied_text()},
      .resource_account = role->account,
      .role = role,
      .resource_tags = &*role->tags,
      .request_tags = all_tags(tags),
      .federation = authz::Federation::WebIdentity,
      .federated_provider = identity.provider,
  });
  add_context(request, identity, list.front());
  add_session_checks(tags, !identity.source_identity.empty(), list);
  return list;
}

Result<AssumeRoleWithWebIdentityResponse> handle(const api::Authorized& /*proof*/,
                                                 const AssumeRoleWithWebIdentityRequest& request,
                                                 const WebIdentity& identity,
                                                 api::HandlerContext& context) {
  const identity::Role* role = context.snapshot.find_by_arn<identity::Role>(request.role_arn);
  if (role == nullptr) {
    return denied("the role was deleted meanwhile");
  }
  const std::int64_t duration = request.duration_seconds.value_or(kDefaultSeconds);
  if (duration > role->max_session_seconds) {
    return duration_too_long();
  }
  const SessionTags tags = TRY(tags_of(identity));
  model::Session session;
  session.kind = model::SessionKind::WebIdentity;
  session.account = role->account;
  session.principal_id = role->id;
  session.session_name = request.role_session_name;
  session.tags = all_tags(tags);
  session.transitive_keys = tags.transitive;
  session.source_identity = identity.source_identity;
  session.federated_provider = identity.provider;
  session.claims = lasting_keys(identity);
  session.claims.insert(
      session.claims.end(), identity.propagated.begin(), identity.propagated.end());
  TRY_STATUS(add_session_policies(request.policy, request.policy_arns, context.snapshot, session));

  AssumeRoleWithWebIdentityResponse response;
  response.subject_from_web_identity_token = identity.subject;
  response.provider = identity.provider;
  response.audience = identity.audience;
  response.trusted_identity_propagation_context = propagation_of(identity.propagated);
  TRY_STATUS(issue_role_session(std::move(session), *role, duration, request, context, response));
  return response;
}

}  // namespace signet::sts
