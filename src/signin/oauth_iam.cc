#include <optional>
#include <string>
#include <utility>

#include "base/secret_access.h"
#include "base/strings.h"
#include "signin/access_token.h"
#include "signin/console_session.h"
#include "signin/handlers.h"
#include "signin/login_request.h"
#include "signin/refresh_token.h"
#include "signin/revocation.h"

// IntrospectOAuth2TokenWithIAM and RevokeOAuth2TokenWithIAM (signin-api 3; RFC 7662, RFC 7009).
// Access tokens are those of oauth_access.cc.
namespace signet::signin {
namespace {

using identity::Ticket;

// The session behind a refresh token of the caller's account; null: there is none.
const Ticket* session_of(const Secret& token,
                         const model::Caller& caller,
                         const identity::Snapshot& snapshot) {
  const Ticket* found = find_refreshable(token.reveal(secret_access()), snapshot);
  return found != nullptr && found->account == caller.account ? found : nullptr;
}

// On the client that a token was given to: of a token that is not known that of the same machine.
api::CheckList check(std::string_view action,
                     const Secret& token,
                     bool names_client,
                     const api::CheckContext& context) {
  const Ticket* session = session_of(token, context.caller, context.snapshot);
  const std::string client =
      session != nullptr && session->session ? session->session->client_id : "";
  LoginRequest login;
  login.is_remote = client.ends_with("/cross-device");
  api::CheckList list(1);
  list[0].action = action;
  list[0].resource = login.resource(context.caller);
  list[0].context = {
      {.key = "signin:OAuthTokenType",
       .values = {is_refresh_token(token.reveal(secret_access())) ? "refresh_token"
                                                                  : "access_token"}}};
  if (names_client && !client.empty()) {
    list[0].context.push_back({.key = "signin:OAuthClientId", .values = {client}});
  }
  return list;
}

IntrospectOAuth2TokenWithIAMResponse introspected(const CallerToken& token,
                                                  const identity::Snapshot& snapshot) {
  IntrospectOAuth2TokenWithIAMResponse response{.active = true,
                                                .user_id = token.user_id,
                                                .token_type = "access_token",
                                                .exp = token.expires.seconds(),
                                                .iat = token.issued.seconds(),
                                                .sub = token.arn,
                                                .aud = token.resource,
                                                .iss = "signin.amazonaws.com",
                                                .account_id = token.account};
  const Ticket* ticket =
      token.sign_in_session.empty()
          ? nullptr
          : snapshot.find<Ticket>({identity::TicketKind::ConsoleSession, token.sign_in_session});
  if (ticket != nullptr && ticket->session) {
    response.signin_session = identity::sign_in_session_arn(ticket->account, *ticket->session);
  }
  return response;
}

}  // namespace

Result<api::CheckList> checks(const IntrospectOAuth2TokenWithIAMRequest& request,
                              const api::CheckContext& context) {
  return check("signin:IntrospectOAuth2Token", request.token, true, context);
}

Result<IntrospectOAuth2TokenWithIAMResponse> handle(
    const api::Authorized& /*proof*/,
    const IntrospectOAuth2TokenWithIAMRequest& request,
    api::HandlerContext& context) {
  const std::string_view text = request.token.reveal(secret_access());
  if (const auto access =
          open_access_token(text, context.snapshot, context.deps.rings, context.request.now);
      access && access->account == context.caller.account) {
    return introspected(*access, context.snapshot);
  }
  const Ticket* ticket = session_of(request.token, context.caller, context.snapshot);
  const auto grant = ticket != nullptr ? decode_grant(*ticket->data) : std::nullopt;
  if (!grant || !grant->login || !ticket->session) {
    return IntrospectOAuth2TokenWithIAMResponse{.active = false};
  }
  const auto found =
      in_force(*grant, *ticket, context.snapshot, context.deps.rings, context.request.now);
  if (!found) {
    return IntrospectOAuth2TokenWithIAMResponse{.active = false};
  }
  const identity::SignInSession& session = *ticket->session;
  return IntrospectOAuth2TokenWithIAMResponse{
      .active = true,
      .client_id = grant->login->id,
      .user_id = found->caller.user_id,
      .token_type = "refresh_token",
      .exp = ticket->expires.seconds(),
      .iat = session.issued.seconds(),
      .sub = found->caller.arn,
      .iss = "signin.amazonaws.com",
      .account_id = ticket->account,
      .signin_session = identity::sign_in_session_arn(ticket->account, session)};
}

Result<api::CheckList> checks(const RevokeOAuth2TokenWithIAMRequest& request,
                              const api::CheckContext& context) {
  return check("signin:RevokeOAuth2Token", request.token, false, context);
}

Result<RevokeOAuth2TokenWithIAMResponse> handle(const api::Authorized& /*proof*/,
                                                const RevokeOAuth2TokenWithIAMRequest& request,
                                                api::HandlerContext& context) {
  if (const Ticket* session = session_of(request.token, context.caller, context.snapshot)) {
    revoke_session_and_its_own(*session, *context.transaction);
  }
  return RevokeOAuth2TokenWithIAMResponse{};
}

}  // namespace signet::signin
