#include "signin/sign_in_step.h"

#include <utility>

#include "authn/authenticator.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "identity/passwords.h"
#include "signin/console_authorization.h"
#include "signin/console_session.h"
#include "signin/cookies.h"
#include "signin/destination.h"
#include "signin/origin.h"
#include "signin/pages.h"
#include "signin/passkeys.h"
#include "signin/session_number.h"
#include "token/ids.h"
#include "token/opaque.h"

namespace signet::signin {
namespace {

using token::SigninStage;
using token::SigninStep;

constexpr std::int64_t kFormSeconds = 3600;
constexpr std::int64_t kStepSeconds = 600;
constexpr std::int64_t kKnownSeconds = 90LL * 24 * 3600;
constexpr std::int64_t kSessionSeconds = 12LL * 3600;  // without MaxSigninSessionDuration

std::string seal(const SigninStep& step,
                 const authn::KeyRings& rings,
                 Instant now,
                 Random& random) {
  // Without a key that may seal the form is shown, and will be too old.
  return token::seal_signin_step(rings.current(), step, now, random).value_or(std::string());
}

}  // namespace

http::Response fresh_form(const SigninParts& parts, SignInPage page, Instant now, Random& random) {
  const http::RequestHead& head = *parts.request.head;
  const FormBrowser browser = form_browser(head, random);
  const auto wanted = way_back(parts.request.param("to"), head.host);
  const std::string to = wanted.value_or("/_console/");
  const std::string step = seal({.stage = SigninStage::Form,
                                 .expires = now.plus_seconds(kFormSeconds),
                                 .browser = browser.id,
                                 .account = {},
                                 .principal_id = {},
                                 .password_changed = {},
                                 .mfa_time = {},
                                 .destination = to},
                                parts.rings,
                                now,
                                random);
  page.step = step;
  page.to = to;
  http::Response response = sign_in_page(page);
  if (!browser.cookie.empty()) {
    response.headers.add("Set-Cookie", browser.cookie);
  }
  return response;
}

MfaChoices choices_of(const Principal& principal, const identity::Snapshot& snapshot) {
  const auto devices = snapshot.mfa_devices_of(principal.account->id, principal.id());
  MfaChoices choices{.passkeys = passkeys_of(snapshot, principal.account->id, principal.id())};
  choices.has_codes = choices.passkeys.size() < devices.size();
  return choices;
}

SignInStep::SignInStep(const SigninParts& parts, SigninStage stage)
    : SigninInvocation(Operation::ConsoleLogin, parts), stage_(stage) {}

Result<model::CallerRef> SignInStep::identify(const api::WebContext& context) {
  if (!is_own_origin(*request().head)) {
    return refuse_with(error_page(403, "Not allowed", "Sign in with the form of this server.", {}));
  }
  auto step = token::open_signin_step(rings().current(), param("step"), context.request.now);
  const auto browser = ticket_id(cookie_of(*request().head, Cookie::Form));
  if (!step || step->stage != stage_ || !browser || step->browser != *browser) {
    return refuse_with(fresh_form(parts(),
                                  {.is_root = param("root") == "yes",
                                   .account = param("account"),
                                   .user = param("user"),
                                   .step = {},
                                   .problem = kOldForm,
                                   .status = 400},
                                  context.request.now,
                                  context.deps.random));
  }
  step_ = *std::move(step);
  return who(context);
}

void SignInStep::describe(api::WebRecord& record,
                          const model::Caller* caller,
                          const Status& outcome) const {
  record.caller = caller == nullptr && found_ ? &*found_ : caller;
  if (outcome && !mfa_type_.empty()) {
    record.event = "CheckMfa";
    record.is_change = false;
    record.elements.emplace_back(record.event, "Success");
    record.additional.emplace_back("MfaType", mfa_type_);
    return;
  }
  if (!outcome || is_signed_in_) {
    record.additional.emplace_back("LoginTo", step_.destination);
  }
  SigninInvocation::describe(record, record.caller, outcome);
}

Status SignInStep::go_on(const Principal& principal,
                         std::optional<Instant> mfa_time,
                         api::HandlerContext& context) {
  TRY_STATUS(check_place(principal, context));
  const auto devices = context.snapshot.mfa_devices_of(principal.account->id, principal.id());
  if (!mfa_time && !devices.empty()) {
    const std::string step = next(SigninStage::Mfa, principal, mfa_time, context);
    answer_with(mfa_page({.who = arn_of(principal), .step = step, .to = step_.destination},
                         choices_of(principal, context.snapshot)));
    mfa_type_ = devices.size() > 1              ? "Multiple MFA Devices"
                : devices.front()->is_passkey() ? "U2F MFA"
                                                : "Virtual MFA";
    return {};
  }
  const bool has_expired =
      principal.user != nullptr &&
      identity::has_expired(*principal.login, *principal.account, context.request.now);
  if (has_expired && principal.account->password_policy->hard_expiry.value_or(false)) {
    return refuse_with(error_page(403,
                                  "Your password has expired",
                                  "Ask an administrator of your account to set a new one.",
                                  {}));
  }
  if (has_expired || principal.login->is_reset_required) {
    const std::string step = next(SigninStage::NewPassword, principal, mfa_time, context);
    answer_with(
        new_password_page({.who = arn_of(principal), .step = step, .to = step_.destination}));
    pending_ = "NewPasswordRequired";
    return {};
  }
  return start_session(principal, mfa_time, context);
}

// signin:Authenticate, which is decided for whoever knows the password: others learn nothing.
Status SignInStep::check_place(const Principal& principal, const api::HandlerContext& context) {
  return is_denied_here(principal.account->id, principal.id(), context.request, context.snapshot)
             ? Status(refuse_with(not_from_here_page()))
             : Status();
}

Status SignInStep::start_session(const Principal& principal,
                                 std::optional<Instant> mfa_time,
                                 api::HandlerContext& context) {
  TRY_STATUS(check_place(principal, context));
  const std::string& account = principal.account->id;
  if (context.snapshot.ticket_count(account) >= limits().per_account) {
    return refuse_with(too_many_sessions_page());
  }

  const Instant now = context.request.now;
  const auto number =
      number_for(step_.destination, all_signed_in(*request().head, context.snapshot, rings(), now));
  if (!number) {
    return refuse_with(no_place_page({}));
  }
  end_session_at(*number, *request().head, *context.transaction);
  make_room_for(account, principal.id(), limits().per_session, *context.transaction);
  note_password_use(principal, context);
  identity::SignInSession session =
      new_session(caller_of(principal), context.request, context.deps.random);
  const std::int64_t bound = principal.login->max_signin_seconds;
  // Who was given more than half a day was not given an hour.
  session.idle_seconds = bound > kSessionSeconds ? 0 : limits().idle_seconds;
  const token::OpaqueToken cookie = token::make_opaque_token(context.deps.random);
  const std::string_view value = cookie.text.reveal(secret_access());
  context.transaction->put(identity::Ticket{
      .kind = identity::TicketKind::ConsoleSession,
      .id_hash = ticket_id(cookie),
      .account = account,
      .expires = now.plus_seconds(bound > 0 ? bound : kSessionSeconds),
      .data = encode_grant(
          {.session_token = {},
           .session_seconds = 0,
           .password = PasswordSignIn{.account = account,
                                      .principal_id = principal.id(),
                                      .access_key_id = token::make_id(
                                          token::kTemporaryKeyPrefix, account, context.deps.random),
                                      .at = now,
                                      .mfa_time = mfa_time},
           .login = {},
           .role = {}}),
      .holder = principal.id(),
      .session = std::move(session)});
  http::Response response = redirect(303, with_session(step_.destination, *number));
  response.headers.add("Set-Cookie",
                       set_cookie(Cookie::Session, value, request().head->tls, *number));
  const std::string known = next(SigninStage::Known, principal, mfa_time, context);
  response.headers.add("Set-Cookie", set_cookie(Cookie::Known, known, request().head->tls));
  answer_with(std::move(response));
  mfa_time_ = mfa_time;
  is_signed_in_ = true;
  return {};
}

// Of several uses in five minutes the first is told, as at AWS (GetUser, PasswordLastUsed).
void SignInStep::note_password_use(const Principal& principal, api::HandlerContext& context) {
  constexpr std::int64_t kSameUseSeconds = 300;
  const Instant now = context.request.now;
  const auto* used = context.snapshot.find<identity::LastUsed>(principal.id());
  if (used != nullptr && used->at <= now && now < used->at.plus_seconds(kSameUseSeconds)) {
    return;
  }
  context.transaction->put(identity::LastUsed{.account = principal.account->id,
                                              .id = principal.id(),
                                              .at = now,
                                              .region = std::string(context.request.region),
                                              .service = "signin"});
}

std::string SignInStep::next(SigninStage stage,
                             const Principal& principal,
                             std::optional<Instant> mfa_time,
                             const api::HandlerContext& context) const {
  SigninStep step = step_;
  step.stage = stage;
  step.expires =
      context.request.now.plus_seconds(stage == SigninStage::Known ? kKnownSeconds : kStepSeconds);
  step.account = principal.account->id;
  step.principal_id = principal.id();
  step.password_changed = principal.login->changed;
  step.mfa_time = mfa_time;
  return seal(step, rings(), context.request.now, context.deps.random);
}

Result<model::CallerRef> KnownStep::who(const api::WebContext& context) {
  principal_ = principal_of(context.snapshot, step().account, step().principal_id);
  auto session = std::make_shared<model::Session>();
  session->account = step().account;
  session->principal_id = step().principal_id;
  session->issued = step().expires.plus_seconds(-kStepSeconds);
  session->expires = step().expires;
  session->mfa_time = mfa_time(context.request.now);
  auto caller = authn::caller_of_session(std::move(session), context.snapshot);
  const bool is_same =
      principal_.login != nullptr && principal_.login->changed == step().password_changed;
  if (!caller || !is_same) {
    return refuse_with(
        fresh_form(parts(),
                   {.account = {}, .user = {}, .step = {}, .problem = kOldForm, .status = 400},
                   context.request.now,
                   context.deps.random));
  }
  return std::make_shared<const model::Caller>(*std::move(caller));
}

}  // namespace signet::signin
