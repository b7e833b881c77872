#include <optional>
#include <string>
#include <utility>

#include "facts/quotas.h"
#include "facts/sts_sentences.h"
#include "policy_writing/validate.h"
#include "sts/credentials.h"
#include "sts/endpoint.h"
#include "sts/handlers.h"

// GetScopedCredentials (new-in-2026 1): more credentials of the calling session, with less power, a
// shorter life, or both. Nothing else of the session changes, the time of issue included, so that
// what revokes the session revokes them too.
// AWS-DIFF: whether AWS allows the call without a policy that does is not known; Signet demands one
// (scoped_credentials_test.cc).
namespace signet::sts {
namespace {

using model::CallerKind;

// Users by a session, roles and federated users. Root may not, by a session of its own or of
// AssumeRoot neither: AWS refuses root's key, and says nothing of these.
bool may_be_scoped(const model::Caller& caller) {
  return caller.is_temporary() &&
         (caller.kind == CallerKind::User || caller.kind == CallerKind::AssumedRole ||
          caller.kind == CallerKind::FederatedUser);
}

// When the scoped session ends: with the calling one, or after the seconds that are asked for.
Result<Instant> end_of(const GetScopedCredentialsRequest& request,
                       const model::Session& session,
                       Instant now) {
  if (request.duration_seconds) {
    const Instant end = Instant::from_seconds(now.seconds() + *request.duration_seconds);
    if (end > session.expires) {
      return scoped_duration_too_long();
    }
    return end;
  }
  // Expiration has whole seconds on the wire.
  const Instant end = Instant::from_seconds(session.expires.seconds());
  if (end <= now) {
    return scoped_session_over();
  }
  return end;
}

Status add_layer(const std::optional<std::string>& policy, model::Session& session) {
  if (!policy) {
    return {};
  }
  TRY_STATUS(policy::validate(*policy, {.profile = policy::Profile::Session}));
  if (session.scope_policies.size() >= facts::kScopePoliciesPerSession) {
    return scoped_layers_full(facts::kScopePoliciesPerSession);
  }
  session.scope_policies.push_back(*policy);
  return {};
}

}  // namespace

Result<api::CheckList> checks(const GetScopedCredentialsRequest& /*request*/,
                              const api::CheckContext& context) {
  if (is_global_endpoint(context.request)) {
    return global_endpoint_not_supported();
  }
  api::CheckList list;  // a braced list would copy its check
  list.push_back({.action = "sts:GetScopedCredentials", .resource = "*", .wildcard_only = true});
  return list;
}

Result<GetScopedCredentialsResponse> handle(const api::Authorized& /*proof*/,
                                            const GetScopedCredentialsRequest& request,
                                            api::HandlerContext& context) {
  const model::Caller& caller = context.caller;
  if (!may_be_scoped(caller)) {
    return scoped_needs_session();
  }
  if (!request.policy && !request.duration_seconds) {
    return scoped_nothing_asked();
  }
  model::Session session = *caller.session;
  session.is_scoped = true;
  TRY_STATUS(add_layer(request.policy, session));
  session.expires = TRY(end_of(request, *caller.session, context.request.now));

  GetScopedCredentialsResponse response;
  response.session_info = ScopedSession{.scoped_session_id = caller.user_id, .arn = caller.arn};
  response.scoped_policies_count = static_cast<std::int64_t>(session.scope_policies.size());
  if (!session.source_identity.empty()) {
    response.source_identity = session.source_identity;
  }
  answer_with(
      TRY(seal_credentials(std::move(session), request.minimum_session_token_size, context)),
      response);
  return response;
}

}  // namespace signet::sts
