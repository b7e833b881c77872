#include "signin/federation.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authn/authenticator.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/json.h"
#include "facts/errors.h"
#include "signin/console_authorization.h"
#include "signin/console_session.h"
#include "signin/cookies.h"
#include "signin/destination.h"
#include "signin/origin.h"
#include "signin/pages.h"
#include "signin/session_number.h"
#include "signin/session_owner.h"
#include "token/opaque.h"
#include "token/session_token.h"

namespace signet::signin {
namespace {

constexpr std::int64_t kTokenSeconds = 15 * 60;
constexpr std::int64_t kMinSessionSeconds = 900;
constexpr std::int64_t kMaxSessionSeconds = 43'200;

using model::SessionKind;

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
  // It would outlive what was made shorter.
  if (session.is_scoped) {
    reason = "SessionDuration cannot be used with credentials from GetScopedCredentials.";
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

// Everything about a sign-in token that is still good.
struct OpenedToken {
  std::string id;
  Grant grant;
  std::shared_ptr<const model::Session> session;
};

// When a console session that starts now ends: the MaxSigninSessionDuration of its role, as it is
// now, bounds it (new-in-2026 8).
Instant end_of(const OpenedToken& opened, const identity::Snapshot& snapshot, Instant now) {
  const std::int64_t seconds = opened.grant.session_seconds;
  const Instant end = seconds > 0 ? now.plus_seconds(seconds) : opened.session->expires;
  const identity::Role* role = snapshot.find<identity::Role>(opened.session->principal_id);
  const bool is_bounded = role != nullptr && role->max_signin_seconds > 0;
  return is_bounded ? std::min(end, now.plus_seconds(role->max_signin_seconds)) : end;
}

std::optional<OpenedToken> find_token(std::string_view text,
                                      const identity::Snapshot& snapshot,
                                      const authn::KeyRings& rings,
                                      Instant now) {
  const auto id = ticket_id(text);
  const identity::Ticket* ticket =
      id ? snapshot.find<identity::Ticket>({identity::TicketKind::SigninToken, *id}) : nullptr;
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

// Trades temporary credentials for a sign-in token.
class GetSigninToken final : public SigninInvocation {
 public:
  explicit GetSigninToken(const SigninParts& parts)
      : SigninInvocation(Operation::GetSigninToken, parts) {}

  api::RunMode run_mode() const override { return api::RunMode::Write; }

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    presented_ = read_session(param("Session"));
    if (!presented_) {
      return refuse_for(
          "Session must be a JSON object with sessionId, sessionKey and sessionToken of temporary "
          "credentials.");
    }
    authn::Authenticator authenticator(rings());
    auto caller = authenticator.credentials(
        presented_->id, presented_->key, presented_->token, context.snapshot, context.request.now);
    if (!caller || !caller->session) {
      return refuse_for("The credentials in Session are not valid.");
    }
    return std::make_shared<const model::Caller>(*std::move(caller));
  }

  Result<api::CheckList> checks(const api::CheckContext& context) override {
    // Those of a console session end with it, which a new session would not.
    if (!context.caller.session->console_session_id.empty()) {
      return refuse_for("Credentials of a console session cannot open another one.");
    }
    if (!may_open_console(context.caller.session->kind)) {
      return refuse_for("Only credentials of a role or of a federated user can open the console.");
    }
    std::string reason;
    const auto seconds = read_duration(param("SessionDuration"), *context.caller.session, reason);
    if (!seconds) {
      return refuse_for(reason);
    }
    seconds_ = *seconds;
    return own_check(authz::Grant::ToSignedIn);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const std::string& account = context.caller.account;
    if (context.snapshot.ticket_count(account, presented_->id) >= limits().per_session ||
        context.snapshot.ticket_count(account) >= limits().per_account) {
      return refuse_with(
          error_page(429,
                     "Too many sign-in tokens",
                     "These credentials, or their account, have as many sign-in tokens and console "
                     "sessions as they may. Use those, or try again when some have expired.",
                     {}));
    }
    const token::OpaqueToken made = token::make_opaque_token(context.deps.random);
    context.transaction->put(
        identity::Ticket{.kind = identity::TicketKind::SigninToken,
                         .id_hash = ticket_id(made),
                         .account = account,
                         .expires = context.request.now.plus_seconds(kTokenSeconds),
                         .data = encode_grant({.session_token = presented_->token,
                                               .session_seconds = seconds_,
                                               .password = {},
                                               .login = {},
                                               .role = {}}),
                         .holder = presented_->id});
    http::Response response{
        .body = concat("{\"SigninToken\":\"", made.text.reveal(secret_access()), "\"}")};
    response.headers.add("Content-Type", "application/json");
    response.headers.add("Cache-Control", "no-store");
    answer_with(std::move(response));
    return {};
  }

 private:
  // AWS-DIFF: AWS answers every refusal of getSigninToken alike (aws-wire 5.1); Signet's page says
  // the reason, which helps the person at the terminal and tells nothing about accounts.
  std::unexpected<Error> refuse_for(std::string_view reason) {
    return refuse_with(error_page(400, "Invalid credentials parameter", reason, {}));
  }

  std::optional<SessionParameter> presented_;
  std::int64_t seconds_ = 0;
};

// Spends a sign-in token, starts a console session and leads to the console.
class ConsoleLogin final : public SigninInvocation {
 public:
  explicit ConsoleLogin(const SigninParts& parts)
      : SigninInvocation(Operation::ConsoleLogin, parts) {}

  // Who only looks where the link leads does not use it up, nor who is asked first.
  api::RunMode run_mode() const override {
    return is_confirmation_ || request().method == "HEAD" ? api::RunMode::Read
                                                          : api::RunMode::Write;
  }

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    TRY_STATUS(check_link());
    opened_ = find_token(param("SigninToken"), context.snapshot, rings(), context.request.now);
    if (!opened_) {
      return refuse_link(
          "It was used already, is older than 15 minutes, or was not copied as a whole.");
    }
    auto caller = authn::caller_of_session(opened_->session, context.snapshot);
    if (!caller) {
      return refuse_link("The role or user behind it no longer exists.");
    }
    return std::make_shared<const model::Caller>(*std::move(caller));
  }

  Result<api::CheckList> checks(const api::CheckContext& context) override {
    if (is_over(*opened_, context.request.now)) {
      return refuse_link("The temporary credentials behind it have expired.");
    }
    if (is_denied_here(
            context.caller.account, owner_id(context.caller), context.request, context.snapshot)) {
      return refuse_with(not_from_here_page());
    }
    const std::vector<SignedIn> all =
        all_signed_in(*request().head, context.snapshot, rings(), context.request.now);
    const auto number = number_for(path_, all);
    if (!number) {
      return refuse_with(no_place_page(param("Issuer")));
    }
    number_ = *number;
    // The session whose place it takes, or one that it would stand beside.
    auto current = std::ranges::find(all, number_, &SignedIn::number);
    current = current == all.end() ? all.begin() : current;
    const bool is_other = current != all.end() && current->caller.arn != context.caller.arn;
    is_confirmation_ = is_other && !is_confirmed(request());
    current_arn_ = is_other ? current->caller.arn : std::string();
    return own_check(authz::Grant::ToSignedIn);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    if (is_confirmation_) {
      answer_with(confirm_page({.current_arn = current_arn_,
                                .new_arn = context.caller.arn,
                                .signin_token = param("SigninToken"),
                                .destination = param("Destination"),
                                .issuer = param("Issuer")}));
      return {};
    }
    http::Response response = redirect(302, with_session(path_, number_));
    if (context.transaction != nullptr) {
      response.headers.add("Set-Cookie", start_session(context));
    }
    answer_with(std::move(response));
    return {};
  }

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    if (is_looked_at_) {
      record.additional.emplace_back("LoginTo", param("Destination"));
    }
    if (caller != nullptr && caller->session && caller->session->kind == SessionKind::Saml) {
      record.additional.emplace_back("SamlProviderArn", caller->session->federated_provider);
    }
    SigninInvocation::describe(record, caller, outcome);
  }

 protected:
  std::string_view success() const override {
    if (request().method == "HEAD") {
      return "";  // nobody was signed in
    }
    return is_confirmation_ ? "ConfirmationRequired" : "Success";
  }

 private:
  // What the request says of itself, whatever its token is.
  Status check_link() {
    if (is_sub_request(*request().head) || is_prefetch(*request().head)) {
      return refuse_with(error_page(400,
                                    "Open this link in a browser tab",
                                    "A sign-in link is used by opening it as a page.",
                                    param("Issuer")));
    }
    is_looked_at_ = true;
    const std::string_view destination = param("Destination");
    auto path = console_path_of(destination.empty() ? std::string_view("/_console/") : destination,
                                request().head->host);
    if (!path) {
      return refuse_with(
          error_page(400,
                     "Invalid Destination",
                     "Destination must lead to the console: a URL on this server below "
                     "/_console/, or a console URL of AWS such as https://console.aws.amazon.com/.",
                     param("Issuer")));
    }
    path_ = *std::move(path);
    return {};
  }

  // Spends the token and starts the console session in one write: of two simultaneous logins one
  // wins, since the other's token is looked for again in the state that this one leaves. The value
  // of its cookie.
  std::string start_session(api::HandlerContext& context) {
    const token::OpaqueToken cookie = token::make_opaque_token(context.deps.random);
    context.transaction->erase<identity::Ticket>({identity::TicketKind::SigninToken, opened_->id});
    end_session_at(number_, *request().head, *context.transaction);
    identity::SignInSession session =
        new_session(context.caller, context.request, context.deps.random);
    session.idle_seconds = limits().idle_seconds;
    context.transaction->put(
        identity::Ticket{.kind = identity::TicketKind::ConsoleSession,
                         .id_hash = ticket_id(cookie),
                         .account = opened_->session->account,
                         .expires = end_of(*opened_, context.snapshot, context.request.now),
                         .data = encode_grant(opened_->grant),
                         .holder = opened_->session->access_key_id,
                         .session = std::move(session)});
    return set_cookie(
        Cookie::Session, cookie.text.reveal(secret_access()), request().head->tls, number_);
  }

  std::unexpected<Error> refuse_link(std::string_view why) {
    return refuse_with(error_page(400, "This sign-in link is not valid", why, param("Issuer")));
  }

  bool is_looked_at_ = false;  // where it leads, too
  bool is_confirmation_ = false;
  std::string path_;
  std::size_t number_ = 0;  // of the browser's sessions
  std::string current_arn_;
  std::optional<OpenedToken> opened_;
};

}  // namespace

std::unique_ptr<api::WebInvocation> make_get_signin_token(const SigninParts& parts) {
  return std::make_unique<GetSigninToken>(parts);
}

std::unique_ptr<api::WebInvocation> make_console_login(const SigninParts& parts) {
  return std::make_unique<ConsoleLogin>(parts);
}

}  // namespace signet::signin
