#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "authn/key_rings.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "facts/errors.h"
#include "facts/signin_sentences.h"
#include "signin/console_session.h"
#include "signin/handlers.h"
#include "signin/revocation.h"
#include "signin/session_owner.h"

// ListSessions, GetSession, BatchRevokeSessions (signin-api 3, 4).
namespace signet::signin {
namespace {

using identity::SignInSession;
using identity::Ticket;
using identity::TicketKind;

constexpr std::int64_t kPageDefault = 100;

// Of whom a request speaks: the caller, whom it names, or a whole account.
Result<SessionOwner> owner_in(const std::optional<std::string>& principal_arn,
                              const model::Caller& caller,
                              const identity::Snapshot& snapshot) {
  if (!principal_arn) {
    return SessionOwner{.account = caller.account, .id = owner_id(caller)};
  }
  auto owner = owner_named(*principal_arn, snapshot);
  if (!owner || owner->account != caller.account) {
    return principal_of_another_account();
  }
  return *std::move(owner);
}

bool is_in_force(const Ticket& ticket,
                 const identity::Snapshot& snapshot,
                 const authn::KeyRings& rings,
                 Instant now) {
  const auto grant = decode_grant(*ticket.data);
  return grant && in_force(*grant, ticket, snapshot, rings, now).has_value();
}

// Null: it is over, and is as if it had never been.
const char* status_of(const Ticket& ticket, const api::HandlerContext& context) {
  if (ticket.expires <= context.request.now) {
    return nullptr;
  }
  if (ticket.kind == TicketKind::RevokedSession) {
    return "REVOKED";
  }
  return is_in_force(ticket, context.snapshot, context.deps.rings, context.request.now) ? "ACTIVE"
                                                                                        : nullptr;
}

template <class Shown>
void show(const Ticket& ticket,
          const std::string& principal_arn,
          std::string_view status,
          Shown& shown) {
  const SignInSession& session = *ticket.session;
  shown.session_arn = identity::sign_in_session_arn(ticket.account, session);
  shown.principal_arn = principal_arn;
  if (principal_arn.find(":role/") != std::string::npos) {
    shown.role = principal_arn;
  }
  shown.status = std::string(status);
  shown.issued_at = session.issued.seconds();
  shown.expires_at = ticket.expires.seconds();
  if (!session.client_id.empty()) {
    shown.client_id = session.client_id;
    shown.client_type = "CLI";
  }
}

bool fits(const Ticket& ticket, std::string_view status, const ListSessionsRequest& request) {
  const std::int64_t issued = ticket.session->issued.seconds();
  return (!request.status || *request.status == status) &&
         (!request.client_id || *request.client_id == ticket.session->client_id) &&
         (!request.issued_after || issued >= *request.issued_after) &&
         (!request.issued_before || issued < *request.issued_before);
}

// Where a session stands in a list.
using Position = std::tuple<std::string, std::int64_t, std::string>;

Position position_of(const Ticket& ticket) {
  return {ticket.session->owner, ticket.session->issued.unix_ms, ticket.session->id};
}

std::string as_token(const Ticket& ticket) {
  const auto& [owner, issued, id] = position_of(ticket);
  return codec::encode_base64url(concat(owner, "/", std::to_string(issued), "/", id));
}

Result<Position> read_token(std::string_view token) {
  const auto text = codec::decode_base64url(token);
  const std::size_t first = text ? text->find('/') : std::string::npos;
  const std::size_t second =
      first != std::string::npos ? text->find('/', first + 1) : std::string::npos;
  const auto issued =
      second != std::string::npos
          ? parse_decimal(std::string_view(*text).substr(first + 1, second - first - 1))
          : std::nullopt;
  if (!issued) {
    return next_token_invalid();
  }
  return Position{text->substr(0, first), *issued, text->substr(second + 1)};
}

// The session of that ARN if it is the owner's, in force or revoked; null otherwise.
const Ticket* find_session(std::string_view arn,
                           const SessionOwner& owner,
                           const identity::Snapshot& snapshot) {
  constexpr std::string_view kKind = "session/";
  const auto parts = model::split_arn(arn);
  if (!parts || parts->service != "signin" || parts->account != owner.account ||
      !parts->resource.starts_with(kKind)) {
    return nullptr;
  }
  const Ticket* found = snapshot.find_session(owner.account, parts->resource.substr(kKind.size()));
  const bool is_own = found != nullptr && (owner.id.empty() || found->session->owner == owner.id) &&
                      identity::sign_in_session_arn(found->account, *found->session) == arn;
  return is_own ? found : nullptr;
}

api::CheckList check(std::string_view action) {
  api::CheckList list(1);
  list[0].action = action;
  list[0].resource = "*";
  return list;
}

}  // namespace

Result<api::CheckList> checks(const ListSessionsRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:ListSessions");
}

Result<ListSessionsResponse> handle(const api::Authorized& /*proof*/,
                                    const ListSessionsRequest& request,
                                    api::HandlerContext& context) {
  const SessionOwner owner = TRY(owner_in(request.principal_arn, context.caller, context.snapshot));
  std::optional<Position> after;
  if (request.next_token && !request.next_token->empty()) {
    after = TRY(read_token(*request.next_token));
  }
  const auto most = static_cast<std::size_t>(request.max_results.value_or(kPageDefault));
  ListSessionsResponse response;
  const Ticket* last = nullptr;
  for (const Ticket* ticket : context.snapshot.sessions_of(owner.account, owner.id)) {
    if (after && position_of(*ticket) <= *after) {
      continue;
    }
    const char* status = status_of(*ticket, context);
    const auto arn =
        status != nullptr
            ? principal_arn_of(ticket->account, ticket->session->owner, context.snapshot)
            : std::nullopt;
    if (!arn || !fits(*ticket, status, request)) {
      continue;
    }
    if (response.items.size() == most) {
      response.next_token = as_token(*last);
      break;
    }
    show(*ticket, *arn, status, response.items.emplace_back());
    last = ticket;
  }
  return response;
}

Result<api::CheckList> checks(const GetSessionRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:GetSession");
}

Result<GetSessionResponse> handle(const api::Authorized& /*proof*/,
                                  const GetSessionRequest& request,
                                  api::HandlerContext& context) {
  const auto owner = owner_in(request.principal_arn, context.caller, context.snapshot);
  const Ticket* ticket =
      owner ? find_session(request.session_arn, *owner, context.snapshot) : nullptr;
  const char* status = ticket != nullptr ? status_of(*ticket, context) : nullptr;
  const auto arn = status != nullptr
                       ? principal_arn_of(ticket->account, ticket->session->owner, context.snapshot)
                       : std::nullopt;
  if (!arn) {
    return session_not_found();
  }
  const SignInSession& session = *ticket->session;
  GetSessionResponse response;
  show(*ticket, *arn, status, response);
  response.last_used_at = session.last_used.seconds();
  response.issued_in_region = session.region;
  if (!session.user_agent.empty()) {
    response.user_agent = session.user_agent;
  }
  if (!session.origin.empty()) {
    response.origin_session_arn = concat("arn:aws:signin:",
                                         session.region,
                                         ":",
                                         session.origin_account,
                                         ":session/",
                                         session.origin);
  }
  return response;
}

Result<api::CheckList> checks(const BatchRevokeSessionsRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:BatchRevokeSessions");
}

// AWS-DIFF: what AWS says of access keys that were made from a revoked session is that they end by
// themselves; here they end at once, with the sessions that came from it
// (tests/conformance/test_signin_sessions.py).
Result<BatchRevokeSessionsResponse> handle(const api::Authorized& /*proof*/,
                                           const BatchRevokeSessionsRequest& request,
                                           api::HandlerContext& context) {
  const auto owner = owner_in(request.principal_arn, context.caller, context.snapshot);
  BatchRevokeSessionsResponse response;
  for (const std::string& arn : request.session_arns) {
    const Ticket* ticket = owner ? find_session(arn, *owner, context.snapshot) : nullptr;
    if (ticket == nullptr || status_of(*ticket, context) == nullptr) {
      response.errors.push_back({.session_arn = arn,
                                 .code = "ResourceNotFoundException",
                                 .message = session_not_found().error().message});
      continue;
    }
    revoke_session_and_its_own(*ticket, *context.transaction);
    response.revoked_sessions.push_back({.session_arn = arn});
  }
  return response;
}

}  // namespace signet::signin
