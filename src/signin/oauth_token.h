#pragma once

#include <memory>

#include "signin/invocation.h"

namespace signet::signin {

// POST /v1/token of `aws login` (signin-api 3, CreateOAuth2Token): trades a code for temporary
// credentials of 15 minutes and a refresh token, and the refresh token for more, as long as the
// console session that it began with would last. Each request proves the client's key (DPoP). The
// refresh token stays the same: clients share and repeat it (signin-api 7). Needs
// signin:CreateOAuth2Token.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_token_call(const SigninParts& parts);

}  // namespace signet::signin
