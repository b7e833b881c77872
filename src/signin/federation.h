#pragma once

#include <memory>

#include "signin/invocation.h"

namespace signet::signin {

// /federation?Action=getSigninToken: trades temporary credentials for a sign-in token that works
// once within 15 minutes (aws-wire 5.1). Refused with 400: anything but credentials of a role or
// federated user; SessionDuration outside 900..43200, or with role-chained or GetFederationToken
// credentials. With 429: the credentials or their account have all the tickets they may.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_get_signin_token(const SigninParts& parts);

// /federation?Action=login: spends a sign-in token, starts a console session and redirects to the
// console (aws-wire 5.2). What a browser fetches without showing it (prefetches, sub-requests) is
// refused and HEAD is answered, neither of which spends the token.
// AWS-DIFF: AWS takes a sign-in token again within the 15 minutes, Signet once (service_test.cc).
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_console_login(const SigninParts& parts);

}  // namespace signet::signin
