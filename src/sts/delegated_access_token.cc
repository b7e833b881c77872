#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "authn/authenticator.h"
#include "facts/errors.h"
#include "sts/credentials.h"
#include "sts/handlers.h"
#include "token/opaque.h"

// GetDelegatedAccessToken (new-in-2026 3): a partner trades the token of a delegation request for
// credentials of the identity that accepted it, limited by the permissions that it asked for.
namespace signet::sts {
namespace {

using identity::DelegationRequest;

// One answer for all tokens that are good for nothing, so that nothing can be learnt from it; the
// cause is for the operator.
// AWS-DIFF: what AWS answers for a token that is no token, or is another account's, is not known;
// Signet's answer is that for one that has expired
// (DelegatedAccess.TokensOfOthersAreGoodForNothing).
std::unexpected<Error> refused(std::string cause) {
  Error error = facts::make_error(ErrorCode::ExpiredTradeInTokenException);
  error.cause = std::move(cause);
  return std::unexpected(std::move(error));
}

// The end of the access window, which began when the token was sent.
Instant end_of(const DelegationRequest& request) {
  return Instant::from_seconds(request.released.plus_seconds(request.session_seconds).seconds());
}

// The request whose token this is, if the caller's account made it and its window is open.
Result<const DelegationRequest*> find_released(const Secret& presented,
                                               const api::HandlerContext& context) {
  const auto token = token::read_exchange_token(presented);
  const DelegationRequest* request =
      token ? context.snapshot.find<DelegationRequest>(token->request_id) : nullptr;
  if (request == nullptr || request->token_hash.empty() || request->token_hash != token->hash) {
    return refused("the trade-in token is none that was sent");
  }
  if (request->account != context.caller.account) {
    return refused("the trade-in token is another account's");
  }
  if (context.request.now >= end_of(*request) || !request->approver) {
    return refused("the access window of the delegation request is over");
  }
  return request;
}

// The approver's session as it was at the acceptance, limited once more by what was asked for.
// AWS-DIFF: what the session of delegated credentials is called is not known; Signet's has the
// approver's own names, without its MFA (DelegatedAccess.ActsAsTheApproverWithinThePolicy).
model::Session session_of(const DelegationRequest& request) {
  const identity::DelegationApprover& approver = *request.approver;
  model::Session session;
  session.kind = model::SessionKind::Delegated;
  session.account = request.owner_account;
  session.principal_id = approver.principal_id;
  session.session_name = approver.session_name;
  session.issued = approver.accepted;
  session.is_chained = true;
  session.policy = approver.policy;
  session.policy_arns = approver.policy_arns;
  session.has_session_policy = approver.has_session_policy;
  session.tags = approver.tags;
  session.transitive_keys = approver.transitive_keys;
  session.source_identity = approver.source_identity;
  session.federated_provider = approver.federated_provider;
  session.claims = approver.claims;
  session.is_scoped = true;
  session.scope_policies = approver.scope_policies;
  session.scope_policies.push_back(request.policy->text());
  return session;
}

}  // namespace

Result<GetDelegatedAccessTokenResponse> handle(const api::Authorized& /*proof*/,
                                               const GetDelegatedAccessTokenRequest& request,
                                               api::HandlerContext& context) {
  const DelegationRequest* found = TRY(find_released(request.trade_in_token, context));
  model::Session session = session_of(*found);
  // Whoever is gone, or had all sessions revoked since, has nothing to hand on.
  const auto approver =
      authn::caller_of_session(std::make_shared<const model::Session>(session), context.snapshot);
  if (!approver) {
    return refused("the identity that accepted the request is gone, or its sessions were revoked");
  }
  const std::int64_t left = end_of(*found).seconds() - context.request.now.seconds();
  GetDelegatedAccessTokenResponse response;
  response.assumed_principal = approver->principal_arn;
  response.credentials = TRY(make_credentials(std::move(session), left, std::nullopt, context));
  return response;
}

}  // namespace signet::sts
