#pragma once

#include <memory>

#include "signin/invocation.h"

namespace signet::signin {

// Acting as a role in the console, and going back (sign-in 3). Who signed in decides, also while
// another role is switched to: the role's trust policy and the user's own policies, as for
// sts:AssumeRole. For IAM users; not for root, as at AWS, nor for those who came by a link.

// GET /switchrole or /_console/switchrole: the form, for `account`, `roleName`, `displayName` and
// `color` as a link names them.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_switch_role_page(const SigninParts& parts);

// POST /_console/switchrole
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_switch_role(const SigninParts& parts);

// POST /_console/exitrole
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_exit_role(const SigninParts& parts);

}  // namespace signet::signin
