#pragma once

#include <memory>

#include "signin/invocation.h"

namespace signet::signin {

// Ends the console session of the browser's cookie: the console's own button, or
// /federation?Action=logout, which asks first where another site leads to it.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_logout(const SigninParts& parts);

// A page of the console; `parts.request.path` names it.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_console_page(const SigninParts& parts);

// An Action that the federation endpoint does not know.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_unknown_action(const SigninParts& parts);

}  // namespace signet::signin
