#include "signin/sign_in.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authn/mfa_gate.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/password_hash.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "identity/passwords.h"
#include "signin/attempts.h"
#include "signin/console_session.h"
#include "signin/cookies.h"
#include "signin/pages.h"
#include "signin/passkeys.h"
#include "signin/sign_in_step.h"

namespace signet::signin {
namespace {

using token::SigninStage;

// One sentence for all that can be wrong, so that nobody learns which names there are.
constexpr std::size_t kMaxAccount = 320;
constexpr std::size_t kMaxUser = 64;
constexpr std::size_t kMaxPassword = 512;  // bytes; passwords have 128 characters (aws-wire 4.12)
constexpr std::string_view kWrong = "Account, user name or password is not right.";

// What IAM takes for one (shape passwordType): 1 to 128 characters up to U+00FF.
bool is_password(std::string_view text) {
  return utf8_length(text) <= 128 && std::ranges::all_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0xC4;  // where longer code points begin
         });
}

// What an unknown user's password is compared with, for as long as another's takes.
constexpr std::string_view kNobodysHash =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3MgaGFzaC4uLg$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

class SignInForm final : public ConsolePage {
 public:
  using ConsolePage::ConsolePage;

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    answer_with(fresh_form(parts(),
                           {.is_root = param("root") == "yes",
                            .account = param("account"),
                            .user = param("user"),
                            .step = {}},
                           context.request.now,
                           context.deps.random));
    return {};
  }
};

class PasswordStep final : public SignInStep {
 public:
  explicit PasswordStep(const SigninParts& parts) : SignInStep(parts, SigninStage::Form) {}

  api::RunMode run_mode() const override { return api::RunMode::PreparedWrite; }

  api::Work work() const override { return api::Work::Passwords; }

  Status decode() override {
    if (param("account").empty() || param("password").empty() ||
        (!is_root_ && param("user").empty())) {
      return again("Fill in every field.", 400);
    }
    if (param("account").size() > kMaxAccount || param("user").size() > kMaxUser ||
        param("password").size() > kMaxPassword) {
      return again(kWrong, 401);
    }
    return wait_for(parts().attempts.wait(name_, request().head->remote_address, now_));
  }

  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    return own_check(authz::Grant::ToEverybody);
  }

  // Counted here and not before: a sign-in that finds no place to be hashed is no guess.
  Status prepare(const api::CheckContext& context) override {
    TRY_STATUS(wait_for(parts().attempts.enter(name_, request().head->remote_address, now_)));
    const Principal principal = look_up(context.snapshot);
    const std::string_view password = param("password");
    const bool is_right = crypto::verify_password(
        principal.login != nullptr ? std::string_view(principal.login->password_hash)
                                   : kNobodysHash,
        password);
    if (principal.login == nullptr) {
      return again(kWrong, 401);
    }
    found(caller_of(principal));
    if (!is_right) {
      return again(kWrong, 401);
    }
    account_ = principal.account->id;
    principal_id_ = principal.id();
    verified_ = principal.login->changed;
    if (crypto::needs_rehash(principal.login->password_hash)) {
      // Without memory for it the old hash stays.
      rehashed_ = crypto::hash_password(password, context.deps.random).value_or(std::string());
    }
    return {};
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const Principal principal = principal_of(context.snapshot, account_, principal_id_);
    if (principal.login == nullptr || principal.login->changed != verified_) {
      return again(kWrong, 401);  // it was changed meanwhile
    }
    parts().attempts.succeeded(name_, request().head->remote_address);
    TRY_STATUS(go_on(principal, {}, context));
    keep_rehashed(principal, *context.transaction);
    return {};
  }

 protected:
  Result<model::CallerRef> who(const api::WebContext& context) override {
    now_ = context.request.now;
    is_root_ = param("root") == "yes";
    name_ = name_of(look_up(context.snapshot));
    return nobody();
  }

 private:
  // As attempts are counted: who it is, however that was typed, or what was typed for nobody.
  // Whoever has signed in with this browser before does not wait for the guesses of others.
  [[nodiscard]] std::string name_of(const Principal& principal) const {
    if (principal.login == nullptr) {
      return crypto::sha256_hex(
          concat(to_lower(param("account")), "/", is_root_ ? "" : to_lower(param("user"))));
    }
    const auto known =
        token::open_signin_step(rings().current(), cookie_of(*request().head, Cookie::Known), now_);
    const bool is_known = known && known->stage == SigninStage::Known &&
                          known->account == principal.account->id &&
                          known->principal_id == principal.id();
    return concat(principal.id(), is_known ? "/known" : "");
  }

  Status wait_for(std::int64_t seconds) {
    if (seconds == 0) {
      return {};
    }
    return again(concat("Too many attempts. Try again in ", std::to_string(seconds), " seconds."),
                 429);
  }

  // The form again, with what was typed but for the password.
  std::unexpected<Error> again(std::string_view problem, int status) {
    return refuse_with(sign_in_page({.is_root = is_root_,
                                     .account = param("account"),
                                     .user = param("user"),
                                     .step = param("step"),
                                     .to = param("to"),
                                     .problem = problem,
                                     .status = status}));
  }

  [[nodiscard]] Principal look_up(const identity::Snapshot& snapshot) const {
    Principal principal{.account = is_root_ ? find_account_of_root(snapshot, param("account"))
                                            : find_account(snapshot, param("account"))};
    if (principal.account != nullptr && !is_root_) {
      principal.user = snapshot.find<identity::User>(principal.account->id, param("user"));
    }
    if (principal.account != nullptr && (is_root_ || principal.user != nullptr)) {
      principal.login = login_of(snapshot, principal.account->id, principal.id());
    }
    return principal;
  }

  void keep_rehashed(const Principal& principal, identity::Transaction& transaction) const {
    if (rehashed_.empty()) {
      return;
    }
    identity::LoginProfile login = *principal.login;
    login.password_hash = rehashed_;
    identity::put_login(*principal.account, principal.user, std::move(login), transaction);
  }

  Instant now_;
  bool is_root_ = false;
  std::string name_;  // as attempts are counted
  std::string account_;
  std::string principal_id_;
  Instant verified_;  // when the password that was right was set
  std::string rehashed_;
};

class MfaStep final : public KnownStep {
 public:
  explicit MfaStep(const SigninParts& parts) : KnownStep(parts, SigninStage::Mfa) {}

  api::RunMode run_mode() const override { return api::RunMode::Write; }

  Status spend(const api::CheckContext& context) override {
    return param("credential").empty() ? spend_code(context) : spend_passkey(context);
  }

  bool has_spent() const override { return !serial_.empty(); }

  void keep_spent(const identity::Snapshot& snapshot,
                  const api::Deps& /*deps*/,
                  identity::Transaction& transaction) const override {
    if (const identity::MfaDevice* device = own_device(snapshot)) {
      identity::MfaDevice spent = *device;
      spent.state.last_step = std::max(spent.state.last_step, step_number_);
      spent.passkey.sign_count = std::max(spent.passkey.sign_count, sign_count_);
      transaction.put(std::move(spent));
    }
  }

  Result<api::CheckList> checks(const api::CheckContext& context) override {
    const identity::MfaDevice* device = own_device(context.snapshot);
    if (device == nullptr) {
      return again("The device of that code was taken away meanwhile.", context.snapshot);
    }
    if (credential_id_.empty() && device->state.last_step >= step_number_) {
      return again(kSpentCode, context.snapshot);
    }
    // A key that does not count would answer the same again: each step is answered once.
    const auto* answered =
        context.snapshot.find<identity::Ticket>({identity::TicketKind::SpentToken, step_hash()});
    if (answered != nullptr && !credential_id_.empty()) {
      return again("That was used already. Start again.", context.snapshot);
    }
    return own_check(authz::Grant::ToSignedIn);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    if (!credential_id_.empty()) {
      context.transaction->put(identity::Ticket{.kind = identity::TicketKind::SpentToken,
                                                .id_hash = step_hash(),
                                                .account = step().account,
                                                .expires = step().expires,
                                                .data = identity::make_shared_secret(serial_),
                                                .holder = step().principal_id});
    }
    return go_on(principal(), context.request.now, context);
  }

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    KnownStep::describe(record, caller, outcome);
    if (has_spent()) {
      record.additional.emplace_back("MFAIdentifier", serial_);
    }
    if (!cause_.empty()) {
      record.error = cause_;
    }
  }

 protected:
  // Nobody gave a code before it was looked at.
  std::optional<Instant> mfa_time(Instant now) const override {
    return has_spent() ? std::optional(now) : std::nullopt;
  }

 private:
  Status spend_code(const api::CheckContext& context) {
    std::string code(param("code"));
    std::erase(code, ' ');  // as authenticators show it
    mfa::Outcome outcome = mfa::Outcome::Wrong;
    for (const identity::MfaDevice* device : devices(context.snapshot)) {
      if (device->is_passkey()) {
        continue;
      }
      outcome = context.deps.mfa.accept(*device, code, context.request.now, &step_number_);
      if (outcome == mfa::Outcome::Accepted) {
        serial_ = device->serial();
        seed_ = device->seed;
        return {};
      }
    }
    return again(outcome == mfa::Outcome::Throttled ? "Too many wrong codes. Wait five minutes."
                                                    : kSpentCode,
                 context.snapshot);
  }

  Status spend_passkey(const api::CheckContext& context) {
    const auto id = codec::decode_base64url(param("credential"));
    const auto client_data = codec::decode_base64url(param("clientData"));
    const auto authenticator_data = codec::decode_base64url(param("authenticatorData"));
    const auto signature = codec::decode_base64url(param("signature"));
    const auto found = devices(context.snapshot);
    const auto device = std::ranges::find_if(found, [&id](const identity::MfaDevice* one) {
      return one->is_passkey() && id && one->passkey.credential_id == *id;
    });
    if (device == found.end() || !client_data || !authenticator_data || !signature) {
      cause_ = "no passkey of this person";
      return again("That passkey is not yours.", context.snapshot);
    }
    const PageCeremony ceremony(*request().head, param("step"));
    const auto count = mfa::verify_assertion(
        (*device)->passkey, ceremony.view(), *client_data, *authenticator_data, *signature);
    if (!count) {
      cause_ = count.error();
      return again("The passkey was not accepted.", context.snapshot);
    }
    serial_ = (*device)->serial();
    credential_id_ = *id;
    sign_count_ = *count;
    return {};
  }

  [[nodiscard]] std::vector<const identity::MfaDevice*> devices(
      const identity::Snapshot& snapshot) const {
    return snapshot.mfa_devices_of(step().account, step().principal_id);
  }

  std::unexpected<Error> again(std::string_view problem, const identity::Snapshot& snapshot) {
    return refuse_with(mfa_page({.who = arn_of(principal()),
                                 .step = param("step"),
                                 .to = step().destination,
                                 .problem = problem,
                                 .status = 401},
                                choices_of(principal(), snapshot)));
  }

  [[nodiscard]] std::string step_hash() const { return crypto::sha256_hex(param("step")); }

  // The device that proved who it is, if it still is the person's.
  [[nodiscard]] const identity::MfaDevice* own_device(const identity::Snapshot& snapshot) const {
    const identity::MfaDevice* device = snapshot.find<identity::MfaDevice>(serial_);
    const bool is_own = device != nullptr && device->is_assigned && device->seed == seed_ &&
                        device->passkey.credential_id == credential_id_ &&
                        device->account == step().account &&
                        device->owner_id() == step().principal_id;
    return is_own ? device : nullptr;
  }

  std::string serial_;
  static constexpr std::string_view kSpentCode =
      "That code is not right, or was used already. Wait for the next one.";

  identity::SharedSecret seed_;    // one that is made again under its serial has another
  std::int64_t step_number_ = -1;  // that the code is of
  std::string credential_id_;      // of a passkey; empty: it was a code
  std::int64_t sign_count_ = 0;
  std::string cause_;  // why a passkey was not accepted
};

class NewPasswordStep final : public KnownStep {
 public:
  explicit NewPasswordStep(const SigninParts& parts) : KnownStep(parts, SigninStage::NewPassword) {}

  api::RunMode run_mode() const override { return api::RunMode::PreparedWrite; }

  api::Work work() const override { return api::Work::Passwords; }

  Status decode() override {
    if (param("new").empty() || param("new") != param("again")) {
      return again("Type the same new password twice.");
    }
    return is_password(param("new"))
               ? Status()
               : again(
                     "A password has at most 128 characters, all of them letters, digits and signs "
                     "of Western European languages.");
  }

  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    if (principal().user == nullptr) {
      return own_check(authz::Grant::ToSignedIn);
    }
    const std::string arn = identity::arn_of(*principal().user);
    const auto& policy = principal().account->password_policy;
    api::CheckList list(1);
    list[0].action = "iam:ChangePassword";
    list[0].resource = arn;
    list[0].grant = policy && policy->allows_users_to_change ? authz::Grant::ByAccount
                                                             : authz::Grant::ByPolicies;
    return list;
  }

  Status prepare(const api::CheckContext& context) override {
    const Principal known = principal_of(context.snapshot, step().account, step().principal_id);
    const std::string_view password = param("new");
    if (known.login == nullptr || crypto::verify_password(known.login->password_hash, password)) {
      return again("The new password must be another than the one you have.");
    }
    for (const Status& status :
         {identity::require_good_password(*known.account, password),
          identity::require_new_password(*known.account, *known.login, password)}) {
      if (!status) {
        return again(status.error().message);
      }
    }
    hash_ = TRY(identity::hash_new_password(Secret(std::string(password)), context.deps.random));
    return {};
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    TRY_STATUS(start_session(principal(), step().mfa_time, context));
    has_changed_ = true;
    identity::LoginProfile login = *principal().login;
    identity::replace_password(login, *principal().account, hash_, context.request.now);
    login.is_reset_required = false;
    identity::put_login(
        *principal().account, principal().user, std::move(login), *context.transaction);
    return {};
  }

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override {
    KnownStep::describe(record, caller, outcome);
    if (has_changed_) {
      record.additional.emplace_back("PasswordChanged", "Yes");
    }
  }

  http::Response refusal(const Error& error) override {
    if (error.code != ErrorCode::AccessDenied) {
      return KnownStep::refusal(error);
    }
    return error_page(403, "You may not change your password", error.message, {});
  }

 protected:
  std::optional<Instant> mfa_time(Instant /*now*/) const override { return step().mfa_time; }

 private:
  std::unexpected<Error> again(std::string_view problem) {
    return refuse_with(new_password_page({.who = arn_of(principal()),
                                          .step = param("step"),
                                          .to = step().destination,
                                          .problem = problem,
                                          .status = 400}));
  }

  std::string hash_;
  bool has_changed_ = false;
};

}  // namespace

std::unique_ptr<api::WebInvocation> make_sign_in_form(const SigninParts& parts) {
  return std::make_unique<SignInForm>(parts);
}

std::unique_ptr<api::WebInvocation> make_password_step(const SigninParts& parts) {
  return std::make_unique<PasswordStep>(parts);
}

std::unique_ptr<api::WebInvocation> make_mfa_step(const SigninParts& parts) {
  return std::make_unique<MfaStep>(parts);
}

std::unique_ptr<api::WebInvocation> make_new_password_step(const SigninParts& parts) {
  return std::make_unique<NewPasswordStep>(parts);
}

}  // namespace signet::signin
