#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "signin/invocation.h"
#include "signin/principal.h"
#include "signin/sign_in_pages.h"
#include "token/signin_step.h"

namespace signet::signin {

inline constexpr std::string_view kOldForm =
    "This form was too old, or the browser did not send its cookie along. Try again.";

// The form for a browser, which is given a cookie if it has none.
[[nodiscard]] http::Response fresh_form(const SigninParts& parts,
                                        SignInPage page,
                                        Instant now,
                                        Random& random);

// With what that person can prove that it is them.
[[nodiscard]] MfaChoices choices_of(const Principal& principal, const identity::Snapshot& snapshot);

// What the steps of a sign-in have in common: the browser that the form was given to, what comes
// next, and the record.
class SignInStep : public SigninInvocation {
 public:
  SignInStep(const SigninParts& parts, token::SigninStage stage);

  Result<model::CallerRef> identify(const api::WebContext& context) override;
  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override;

 protected:
  // Whom the request is of so far.
  virtual Result<model::CallerRef> who(const api::WebContext& context) = 0;

  [[nodiscard]] std::string_view success() const override {
    return is_signed_in_ ? "Success" : pending_;
  }

  // In handle(): what comes next for somebody who gave the right password, and a code if `mfa_time`
  // is set.
  Status go_on(const Principal& principal,
               std::optional<Instant> mfa_time,
               api::HandlerContext& context);

  // In handle(): the console session, in place of one that the browser has.
  Status start_session(const Principal& principal,
                       std::optional<Instant> mfa_time,
                       api::HandlerContext& context);

  [[nodiscard]] const token::SigninStep& step() const { return step_; }

  // For the record: who it would have been.
  void found(model::Caller caller) { found_ = std::move(caller); }

 private:
  Status check_place(const Principal& principal, const api::HandlerContext& context);
  static void note_password_use(const Principal& principal, api::HandlerContext& context);
  [[nodiscard]] std::string next(token::SigninStage stage,
                                 const Principal& principal,
                                 std::optional<Instant> mfa_time,
                                 const api::HandlerContext& context) const;

  token::SigninStage stage_;
  token::SigninStep step_;
  std::optional<model::Caller> found_;
  std::optional<Instant> mfa_time_;  // of the session
  std::string_view pending_;         // what is asked for instead
  std::string_view mfa_type_;        // a code is asked for, of such a device
  bool is_signed_in_ = false;
};

// A step of somebody whose password was right, and still is the same.
class KnownStep : public SignInStep {
 public:
  using SignInStep::SignInStep;

 protected:
  Result<model::CallerRef> who(const api::WebContext& context) override;

  [[nodiscard]] virtual std::optional<Instant> mfa_time(Instant now) const = 0;

  // As it is in the state that the call is decided on.
  [[nodiscard]] const Principal& principal() const { return principal_; }

 private:
  Principal principal_;
};

}  // namespace signet::signin
