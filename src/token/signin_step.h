#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/random.h"
#include "token/key_ring.h"

namespace signet::token {

// How far a sign-in has come. Part of what is sealed: do not renumber.
enum class SigninStage : std::uint8_t {
  Form = 1,         // nobody yet: the form was given to a browser
  Mfa = 2,          // the password was right, an MFA code is to come
  NewPassword = 3,  // password and code were right, a new password is to come
  Consent = 4,      // somebody is signed in and is asked to give credentials to a program
  Known = 5,        // a browser that somebody has signed in with before
  Roles = 6,        // which roles somebody switched to with a browser
  Passkey = 7,      // somebody who is signed in is asked to register a passkey
  AccessToken = 8,  // no step: a token that stands for a caller at a service
};

// What a page of the sign-in carries to the next one, sealed: nothing is kept for people who never
// come back.
struct SigninStep {
  SigninStage stage = SigninStage::Form;
  Instant expires;
  std::string browser;  // whose form it is: the hash of a cookie
  std::string account;
  std::string principal_id;  // of the user, or the account id for root; empty for a form
  Instant password_changed;  // of the password that was right: another one ends the sign-in
  std::optional<Instant> mfa_time;
  // Where it leads, on this server; of Roles: which; of AccessToken: the service, the user id and
  // the ARN of the caller, a line each.
  std::string destination;

  bool operator==(const SigninStep&) const = default;
};

// Nothing if no key may seal now.
[[nodiscard]] std::optional<std::string> seal_signin_step(const KeyRing& ring,
                                                          const SigninStep& step,
                                                          Instant now,
                                                          Random& random);

// Nothing for a text that is not ours, was changed, or has expired.
[[nodiscard]] std::optional<SigninStep> open_signin_step(const KeyRing& ring,
                                                         std::string_view text,
                                                         Instant now);

}  // namespace signet::token
