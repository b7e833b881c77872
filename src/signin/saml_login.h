#pragma once

#include <memory>
#include <string_view>

#include "signin/invocation.h"

namespace signet::signin {

// POST /saml, /static/saml and /saml/acs/UUID: the console's door for people whom an identity
// provider vouches for (aws-wire 3.2, 5.3). Asks which role, if the assertion offers several; then
// decides as AssumeRoleWithSAML does and leads to a login link of the role's session, which asks
// before it takes another session's place.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_saml_login(const SigninParts& parts);

[[nodiscard]] bool is_saml_path(std::string_view path);

}  // namespace signet::signin
