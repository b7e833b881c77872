#pragma once

#include <memory>

#include "signin/invocation.h"

namespace signet::signin {

// Signing in with a password (sign-in 3): a form, then an MFA code where the user or root has a
// device, then a new password where the account asks for one, then a console session. Works without
// script; between the steps nothing is kept here (token/signin_step.h).

// GET /_console/signin: the form, for `account` if a link names one.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_sign_in_form(const SigninParts& parts);

// POST /_console/signin: account, user (or root=yes) and password.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_password_step(const SigninParts& parts);

// POST /_console/signin/mfa: a code of any device of the user's.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_mfa_step(const SigninParts& parts);

// POST /_console/signin/password: the new password, twice. Needs iam:ChangePassword as the API
// does.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_new_password_step(const SigninParts& parts);

}  // namespace signet::signin
