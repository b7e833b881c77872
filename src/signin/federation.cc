#include "signin/federation.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "authn/authenticator.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/json.h"
#include "facts/errors.h"
#include "signin/console_session.h"
#include "signin/destination.h"
#include "signin/note.h"
#include "signin/origin.h"
#include "signin/pages.h"
#include "token/opaque.h"
#include "token/session_token.h"

namespace signet::signin {
namespace {

constexpr std::int64_t kTokenSeconds = 15 * 60;
constexpr std::int64_t kMinSessionSeconds = 900;
constexpr std::int64_t kMaxSessionSeconds = 43'200;

using model::SessionKind;

// AWS-DIFF: AWS answers every refusal of getSigninToken alike (aws-wire 5.1); Signet's page says
// the reason, which helps the person at the terminal and tells nothing about accounts.
http::Response refuse(std::string_view reason) {
  return error_page(400, "Invalid credentials parameter", reason, {});
}

// Whether a browser fetches the link for something else than to show it as a page. Browsers send
// Sec-Fetch-Site with Sec-Fetch-Mode; programs that send the mode alone (fetch of Node, always
// `cors`) are no browsers.
bool is_sub_request(const http::RequestHead& head) {
  const auto mode = head.find("sec-fetch-mode");
  return mode && *mode != "navigate" && head.find("sec-fetch-site");
}

// Whether a browser fetches the link in case somebody opens it; the names before Sec-Purpose too.
bool is_prefetch(const http::RequestHead& head) {
  for (const std::string_view name : {"sec-purpose", "purpose", "x-purpose", "x-moz"}) {
    const std::string_view purpose = head.find(name).value_or("");
    for (const std::string_view word : {"prefetch", "prerender", "preview"}) {
      if (purpose.find(word) != std::string_view::npos) {
        return true;
      }
    }
  }
  return false;
}

struct SessionParameter {
  std::string id;
  std::string key;
  std::string token;
};

std::optional<SessionParameter> read_session(std::string_view text) {
  const auto json = codec::Json::parse(text);
  if (!json || !json->is_object()) {
    return std::nullopt;
  }
  SessionParameter session{.id = std::string(json->string_at("sessionId")),
                           .key = std::string(json->string_at("sessionKey")),
                           .token = std::string(json->string_at("sessionToken"))};
  const bool is_whole = !session.id.empty() && !session.key.empty() && !session.token.empty();
  return is_whole ? std::optional(std::move(session)) : std::nullopt;
}

// Seconds of SessionDuration: 0 if absent; nothing if it is not allowed. `reason` says why.
std::optional<std::int64_t> read_duration(std::string_view text,
                                          const model::Session& session,
                                          std::string& reason) {
  if (text.empty()) {
    return 0;
  }
  const auto seconds = parse_decimal(text);
  if (!seconds || *seconds < kMinSessionSeconds || *seconds > kMaxSessionSeconds) {
    reason = "SessionDuration must be a number of seconds from 900 to 43200.";
    return std::nullopt;
  }
  if (session.kind == SessionKind::FederatedUser) {
    reason = "SessionDuration cannot be used with credentials from GetFederationToken.";
    return std::nullopt;
  }
  if (session.is_chained) {
    reason =
        "SessionDuration cannot be used with credentials of a role that was assumed with temporary "
        "credentials.";
    return std::nullopt;
  }
  return seconds;
}

bool may_open_console(SessionKind kind) {
  return kind == SessionKind::AssumedRole || kind == SessionKind::FederatedUser ||
         kind == SessionKind::WebIdentity || kind == SessionKind::Saml;
}

// Whose session it is must still be there in the state that a ticket is put into.
Status require_caller(const std::shared_ptr<const model::Session>& session,
                      const identity::Snapshot& snapshot) {
  return authn::caller_of_session(session, snapshot)
             ? Status()
             : fail(ErrorCode::AccessDenied, "The role or user behind it no longer exists.");
}

// Stores a ticket of a session as one durable write. Throttling if its holder, or the account, has
// as many as it may.
Status put_ticket(identity::Directory& directory,
                  const std::shared_ptr<const model::Session>& session,
                  const identity::Ticket& ticket,
                  const TicketLimits& limits) {
  const auto stored = directory.apply(
      [&](const identity::Snapshot& snapshot, identity::Transaction& transaction) -> Status {
        TRY_STATUS(require_caller(session, snapshot));
        if (snapshot.ticket_count(ticket.account, ticket.holder) >= limits.per_session ||
            snapshot.ticket_count(ticket.account) >= limits.per_account) {
          return std::unexpected(facts::make_error(ErrorCode::Throttling));
        }
        transaction.put_ticket(ticket);
        return {};
      });
  return stored ? Status() : std::unexpected(stored.error());
}

// Everything about a sign-in token that is still good.
struct OpenedToken {
  std::string id;
  Grant grant;
  std::shared_ptr<const model::Session> session;
};

std::optional<OpenedToken> find_token(std::string_view text,
                                      const identity::Snapshot& snapshot,
                                      const authn::KeyRings& rings,
                                      Instant now) {
  const auto id = ticket_id(text);
  const identity::Ticket* ticket =
      id ? snapshot.find_ticket(identity::TicketKind::SigninToken, *id) : nullptr;
  if (ticket == nullptr || ticket->expires <= now) {
    return std::nullopt;
  }
  auto grant = decode_grant(*ticket->data);
  auto opened =
      grant ? token::open_session(rings.current(), grant->session_token, now) : std::nullopt;
  if (!id || !grant || !opened) {
    return std::nullopt;
  }
  return OpenedToken{.id = *id, .grant = std::move(*grant), .session = std::move(opened->session)};
}

// Spends the token and starts the console session in one write, so that of two simultaneous logins
// one wins.
Status start_session(const OpenedToken& opened,
                     const std::string& session_id,
                     const api::WebContext& context) {
  const Instant now = context.request.now;
  const identity::Ticket session{.kind = identity::TicketKind::ConsoleSession,
                                 .id_hash = session_id,
                                 .account = opened.session->account,
                                 .expires = opened.grant.session_seconds > 0
                                                ? now.plus_seconds(opened.grant.session_seconds)
                                                : opened.session->expires,
                                 .data = encode_grant(opened.grant),
                                 .holder = opened.session->access_key_id};
  const auto started = context.directory.apply(
      [&](const identity::Snapshot& snapshot, identity::Transaction& transaction) -> Status {
        const identity::Ticket* ticket =
            snapshot.find_ticket(identity::TicketKind::SigninToken, opened.id);
        if (ticket == nullptr || ticket->expires <= now) {
          return fail(ErrorCode::AccessDenied, "It was used already.");
        }
        TRY_STATUS(require_caller(opened.session, snapshot));
        transaction.erase_ticket(identity::TicketKind::SigninToken, opened.id);
        transaction.put_ticket(session);
        return {};
      });
  return started ? Status() : std::unexpected(started.error());
}

// Whether the person pressed the button of our own page. A parameter alone would let a link replace
// the session silently.
bool is_confirmed(const api::WebRequest& request) {
  return request.param("Confirm") == "yes" && request.method == "POST" &&
         is_own_origin(*request.head);
}

// A console session without a length of its own ends with the credentials behind it.
bool is_over(const OpenedToken& opened, Instant now) {
  return opened.grant.session_seconds == 0 && opened.session->expires <= now;
}

http::Response redirect(std::string_view path) {
  http::Response response{.status = 302};
  response.headers.add("Location", path);
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Referrer-Policy", "no-referrer");
  return response;
}

std::string hex_id(const Secret& text) {
  return ticket_id(text.reveal(secret_access())).value_or("");
}

}  // namespace

http::Response get_signin_token(const api::WebRequest& request,
                                const api::WebContext& context,
                                const authn::KeyRings& rings,
                                const TicketLimits& limits) {
  const auto session = read_session(request.param("Session"));
  if (!session) {
    return refuse(
        "Session must be JSON with sessionId, sessionKey and sessionToken of temporary "
        "credentials.");
  }
  const auto snapshot = context.directory.current();
  const Instant now = context.request.now;
  authn::Authenticator authenticator(rings);
  const auto caller =
      authenticator.credentials(session->id, session->key, session->token, *snapshot, now);
  if (!caller || !caller->session) {
    return refuse("The credentials in Session are not valid.");
  }
  note_caller(context, *caller);
  if (!may_open_console(caller->session->kind)) {
    return refuse("Only credentials of a role or of a federated user can open the console.");
  }
  std::string reason;
  const auto seconds = read_duration(request.param("SessionDuration"), *caller->session, reason);
  if (!seconds) {
    return refuse(reason);
  }
  const token::OpaqueToken signin_token = token::make_opaque_token(context.deps.random);
  const Status stored = put_ticket(
      context.directory,
      caller->session,
      identity::Ticket{
          .kind = identity::TicketKind::SigninToken,
          .id_hash = hex_id(signin_token.text),
          .account = caller->account,
          .expires = now.plus_seconds(kTokenSeconds),
          .data = encode_grant({.session_token = session->token, .session_seconds = *seconds}),
          .holder = session->id},
      limits);
  if (!stored && stored.error().code == ErrorCode::AccessDenied) {
    return refuse("The credentials in Session are not valid.");
  }
  if (!stored && stored.error().code == ErrorCode::Throttling) {
    return error_page(
        429,
        "Too many sign-in tokens",
        "These credentials, or their account, have as many sign-in tokens and console "
        "sessions as they may. Use those, or try again when some have expired.",
        {});
  }
  if (!stored) {
    return error_page(
        500, "Internal error", "The sign-in token could not be stored. Try again.", {});
  }
  http::Response response{
      .body = concat("{\"SigninToken\":\"", signin_token.text.reveal(secret_access()), "\"}")};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response login(const api::WebRequest& request,
                     const api::WebContext& context,
                     const authn::KeyRings& rings) {
  const std::string_view issuer = request.param("Issuer");
  if (is_sub_request(*request.head) || is_prefetch(*request.head)) {
    return error_page(400,
                      "Open this link in a browser tab",
                      "A sign-in link is used by opening it as a page.",
                      issuer);
  }
  const std::string_view destination = request.param("Destination");
  note_destination(context, destination);
  const auto path = console_path_of(
      destination.empty() ? std::string_view("/_console/") : destination, request.head->host);
  if (!path) {
    return error_page(400,
                      "Invalid Destination",
                      concat("Destination must lead to the console: a URL on this server below "
                             "/_console/, or a console "
                             "URL of AWS such as https://console.aws.amazon.com/."),
                      issuer);
  }
  const Instant now = context.request.now;
  const auto snapshot = context.directory.current();
  const auto opened = find_token(request.param("SigninToken"), *snapshot, rings, now);
  if (!opened) {
    return error_page(
        400,
        "This sign-in link is not valid",
        "It was used already, is older than 15 minutes, or was not copied as a whole.",
        issuer);
  }
  const auto caller = authn::caller_of_session(opened->session, *snapshot);
  if (!caller) {
    return error_page(400,
                      "This sign-in link is not valid",
                      "The role or user behind it no longer exists.",
                      issuer);
  }
  note_caller(context, *caller);
  if (is_over(*opened, now)) {
    return error_page(400,
                      "This sign-in link is not valid",
                      "The temporary credentials behind it have expired.",
                      issuer);
  }
  const auto current = signed_in(request, *snapshot, rings, now);
  if (current && current->caller.arn != caller->arn && !is_confirmed(request)) {
    return confirm_page({.current_arn = current->caller.arn,
                         .new_arn = caller->arn,
                         .signin_token = request.param("SigninToken"),
                         .destination = destination,
                         .issuer = issuer});
  }
  http::Response response = redirect(*path);
  if (request.method == "HEAD") {
    return response;  // who only looks where the link leads does not use it up
  }
  const token::OpaqueToken cookie = token::make_opaque_token(context.deps.random);
  if (const Status started = start_session(*opened, hex_id(cookie.text), context); !started) {
    const bool is_refused = started.error().code == ErrorCode::AccessDenied;
    return is_refused
               ? error_page(400, "This sign-in link is not valid", started.error().message, issuer)
               : error_page(500,
                            "Internal error",
                            "The console session could not be stored. Try again.",
                            issuer);
  }
  response.headers.add("Set-Cookie",
                       session_cookie(cookie.text.reveal(secret_access()), request.head->tls));
  return response;
}

}  // namespace signet::signin
