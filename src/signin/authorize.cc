#include "signin/authorize.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "codec/form.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/uri.h"
#include "facts/errors.h"
#include "facts/signin_sentences.h"
#include "signin/console_authorization.h"
#include "signin/console_session.h"
#include "signin/cookies.h"
#include "signin/login_pages.h"
#include "signin/login_request.h"
#include "signin/origin.h"
#include "signin/pages.h"
#include "signin/session_number.h"
#include "signin/session_owner.h"
#include "token/opaque.h"
#include "token/signin_step.h"

namespace signet::signin {
namespace {

constexpr std::int64_t kConsentSeconds = 600;
constexpr std::int64_t kCodeSeconds = 600;
constexpr std::size_t kMaxQuery = 2'000;

// Whom a question was put to: who acts, in which session.
std::string identity_of(const model::Caller& caller, std::string_view session) {
  return concat(caller.user_id, "/", session);
}

class AuthorizePage final : public SigninInvocation {
 public:
  explicit AuthorizePage(const SigninParts& parts)
      : SigninInvocation(Operation::GetConsolePage, parts) {}

  api::RunMode run_mode() const override { return api::RunMode::Read; }

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    auto login = read_login_request(request());
    if (login && request().head->query().size() > kMaxQuery) {
      login = std::unexpected("It is too long.");
    }
    if (!login) {
      return refuse(error_page(400, "This request for credentials is not valid", login.error(), {}),
                    "Invalid request");
    }
    login_ = *std::move(login);
    auto session = signed_in(request(), context.snapshot, rings(), context.request.now);
    is_signed_in_ = session.has_value();
    session_id_ = session ? session->id_hash : "";
    number_ = session ? session->number : 0;
    return session ? std::make_shared<const model::Caller>(std::move(session->caller)) : nobody();
  }

  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    return own_check(is_signed_in_ ? authz::Grant::ToSignedIn : authz::Grant::ToEverybody);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const http::RequestHead& head = *request().head;
    if (head.host.substr(0, head.host.find(':')) == "127.0.0.1") {
      answer_with(redirect(303, concat(other_loopback_origin(head), head.target)));
      return {};
    }
    if (!is_signed_in_) {
      answer_with(
          redirect(303, concat("/_console/signin?to=", codec::percent_encode(head.target))));
      return {};
    }
    const FormBrowser browser = form_browser(head, context.deps.random);
    const auto step =
        token::seal_signin_step(rings().current(),
                                {.stage = token::SigninStage::Consent,
                                 .expires = context.request.now.plus_seconds(kConsentSeconds),
                                 .browser = browser.id,
                                 .account = context.caller.account,
                                 .principal_id = identity_of(context.caller, session_id_),
                                 .password_changed = {},
                                 .mfa_time = {},
                                 .destination = std::string(head.query())},
                                context.request.now,
                                context.deps.random);
    http::Response page =
        consent_page({.arn = context.caller.arn,
                      .account = context.caller.account,
                      .where = login_.is_remote ? "a terminal on another machine, by your hand"
                                                : std::string_view(login_.redirect_uri),
                      .is_remote = login_.is_remote,
                      .step = step.value_or(std::string()),
                      .session = number_,
                      .others = others(context)});
    if (!browser.cookie.empty()) {
      page.headers.add("Set-Cookie", browser.cookie);
    }
    answer_with(std::move(page));
    return {};
  }

 protected:
  std::string_view success() const override { return ""; }

 private:
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> others(
      const api::HandlerContext& context) const {
    std::vector<std::pair<std::string, std::string>> found;
    for (const SignedIn& other : others_signed_in(
             number_, *request().head, context.snapshot, rings(), context.request.now)) {
      found.emplace_back(other.caller.arn, with_session(request().head->target, other.number));
    }
    return found;
  }

  LoginRequest login_;
  std::string session_id_;
  std::size_t number_ = 0;
  bool is_signed_in_ = false;
};

class Consent final : public SigninInvocation {
 public:
  explicit Consent(const SigninParts& parts)
      : SigninInvocation(Operation::AuthorizeOAuth2Access, parts) {}

  api::RunMode run_mode() const override {
    return is_allowed() ? api::RunMode::Write : api::RunMode::Read;
  }

  Result<model::CallerRef> identify(const api::WebContext& context) override {
    if (!is_own_origin(*request().head)) {
      return refuse_with(
          error_page(403, "Not allowed", "Answer with the form of this server.", {}));
    }
    auto session = signed_in(request(), context.snapshot, rings(), context.request.now);
    if (!session || !read_step(*session, context.request.now)) {
      return refuse_with(error_page(400,
                                    "This question is out of date",
                                    "Your session has ended, or the page was too old. Start `aws "
                                    "login` again.",
                                    {}));
    }
    session_id_ = session->id_hash;
    holder_ = session->holder;
    expires_ = session->expires;
    return std::make_shared<const model::Caller>(std::move(session->caller));
  }

  Result<api::CheckList> checks(const api::CheckContext& context) override {
    if (!is_allowed()) {
      return own_check(authz::Grant::ToSignedIn);
    }
    if (is_denied_here(
            context.caller.account, owner_id(context.caller), context.request, context.snapshot)) {
      return not_from_here();
    }
    api::CheckList list(1);
    list[0].action = "signin:AuthorizeOAuth2Access";
    list[0].resource = login_.resource(context.caller);
    list[0].context = {{.key = "signin:OAuthClientId", .values = {login_.client_id}},
                       {.key = "signin:OAuthRedirectUri", .values = {login_.redirect_uri}}};
    return list;
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    if (!is_allowed()) {
      answer_with(tell_program("access_denied"));
      return {};
    }
    const std::string& account = context.caller.account;
    if (context.snapshot.ticket_count(account) >= limits().per_account) {
      if (!login_.is_remote) {
        return refuse(tell_program("temporarily_unavailable"), "Too many sessions");
      }
      return refuse_with(too_many_sessions_page());
    }
    make_room_for(account, holder_, limits().per_session, *context.transaction);
    // A role's consent is worth nothing once the role is over.
    const Instant end = std::min(context.request.now.plus_seconds(kCodeSeconds), expires_);
    const token::OpaqueToken code = token::make_opaque_token(context.deps.random);
    const std::string_view text = code.text.reveal(secret_access());
    context.transaction->put(
        identity::Ticket{.kind = identity::TicketKind::SigninToken,
                         .id_hash = ticket_id(code),
                         .account = account,
                         .expires = end,
                         .data = encode_code({.session = session_id_,
                                              .user_id = context.caller.user_id,
                                              .client_id = login_.client_id,
                                              .redirect_uri = login_.redirect_uri,
                                              .code_challenge = login_.code_challenge}),
                         .holder = holder_});
    answer_with(redirect(303, redirect_to(login_, "code", text)));
    return {};
  }

  // The program is told, so that it does not wait for an answer that never comes (RFC 6749
  // 4.1.2.1); nobody waits for one that a person carries.
  http::Response refusal(const Error& error) override {
    if (error.code != ErrorCode::AccessDenied) {
      return SigninInvocation::refusal(error);
    }
    return login_.is_remote
               ? error_page(403, "You may not give credentials to programs", error.message, {})
               : tell_program("access_denied", error.message);
  }

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    SigninInvocation::describe(record, caller, outcome);
    if (!login_.client_id.empty()) {
      record.additional.emplace_back("client_id", login_.client_id);
      record.additional.emplace_back("redirect_uri", login_.redirect_uri);
    }
  }

 protected:
  std::string_view success() const override { return is_allowed() ? "Success" : "Refused"; }

 private:
  [[nodiscard]] bool is_allowed() const { return param("allow") == "yes"; }

  [[nodiscard]] http::Response tell_program(std::string_view error,
                                            std::string_view description = {}) const {
    std::string to = redirect_to(login_, "error", error);
    if (!description.empty()) {
      to += concat("&error_description=", codec::percent_encode(description));
    }
    return redirect(303, to);
  }

  // Whether the question was put to this browser and this person; reads what it was.
  bool read_step(const SignedIn& session, Instant now) {
    const auto step = token::open_signin_step(rings().current(), param("step"), now);
    const auto browser = ticket_id(cookie_of(*request().head, Cookie::Form));
    if (!step || step->stage != token::SigninStage::Consent || !browser ||
        step->browser != *browser ||
        step->principal_id != identity_of(session.caller, session.id_hash) ||
        step->account != session.caller.account) {
      return false;
    }
    api::WebRequest asked{.method = "GET",
                          .path = std::string(kAuthorizePath),
                          .params = {},
                          .head = request().head,
                          .body = {}};
    const auto form = codec::FormParams::parse(step->destination);
    for (const codec::FormParam& one : form ? form->all() : std::span<const codec::FormParam>()) {
      asked.params.emplace_back(one.name, one.value);
    }
    auto login = read_login_request(asked);
    if (login) {
      login_ = *std::move(login);
    }
    return login.has_value();
  }

  LoginRequest login_;
  std::string session_id_;
  std::string holder_;
  Instant expires_;  // of what is given away
};

class ConfirmationPage final : public ConsolePage {
 public:
  using ConsolePage::ConsolePage;

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& /*context*/) override {
    if (param("code").empty()) {
      answer_with(error_page(400, "There is no code", "Start `aws login` again.", {}));
      return {};
    }
    answer_with(code_page(codec::encode_base64(concat("state=",
                                                      codec::percent_encode(param("state")),
                                                      "&code=",
                                                      codec::percent_encode(param("code"))))));
    return {};
  }
};

}  // namespace

identity::SharedSecret encode_code(const CodeGrant& grant) {
  std::string json;
  codec::JsonWriter writer(json);
  writer.begin_object();
  writer.member("session", grant.session);
  writer.member("user_id", grant.user_id);
  writer.member("client_id", grant.client_id);
  writer.member("redirect_uri", grant.redirect_uri);
  writer.member("code_challenge", grant.code_challenge);
  writer.end_object();
  return identity::make_shared_secret(std::move(json));
}

std::optional<CodeGrant> decode_code(const Secret& data) {
  const auto json = codec::Json::parse(data.reveal(secret_access()));
  if (!json || json->string_at("code_challenge").empty()) {
    return std::nullopt;
  }
  return CodeGrant{.session = std::string(json->string_at("session")),
                   .user_id = std::string(json->string_at("user_id")),
                   .client_id = std::string(json->string_at("client_id")),
                   .redirect_uri = std::string(json->string_at("redirect_uri")),
                   .code_challenge = std::string(json->string_at("code_challenge"))};
}

std::unique_ptr<api::WebInvocation> make_authorize_page(const SigninParts& parts) {
  return std::make_unique<AuthorizePage>(parts);
}

std::unique_ptr<api::WebInvocation> make_consent(const SigninParts& parts) {
  return std::make_unique<Consent>(parts);
}

std::unique_ptr<api::WebInvocation> make_confirmation_page(const SigninParts& parts) {
  return std::make_unique<ConfirmationPage>(parts);
}

}  // namespace signet::signin
