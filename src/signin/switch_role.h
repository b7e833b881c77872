#pragma once

#include <memory>
#include <string_view>

#include "signin/invocation.h"

namespace signet::signin {

struct SignedIn;

// Acting as a role in the console, and going back (sign-in 3). Who signed in decides, also while
// another role is switched to: the role's trust policy and the user's own policies, as for
// sts:AssumeRole. The MFA code of the sign-in counts for the trust policy, and as with AssumeRole
// not for what the role does then (policy-semantics 5.1). For IAM users; not for root, as at AWS,
// nor for those who came by a link.

// Why this person cannot switch roles; empty: they can.
[[nodiscard]] std::string_view why_no_switch(const SignedIn& session);

// GET /switchrole or /_console/switchrole: the form, for `account`, `roleName`, `displayName` and
// `color` as a link names them.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_switch_role_page(const SigninParts& parts);

// POST /_console/switchrole
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_switch_role(const SigninParts& parts);

// POST /_console/exitrole
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_exit_role(const SigninParts& parts);

}  // namespace signet::signin
