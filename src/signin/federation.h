#pragma once

#include "api/web.h"
#include "authn/key_rings.h"

namespace signet::signin {

// How many sign-in tokens and console sessions there may be at a time, expired ones that are not
// swept yet included.
struct TicketLimits {
  std::size_t per_session = 100;  // made with one set of temporary credentials
  std::size_t per_account = 10'000;
};

// /federation?Action=getSigninToken: trades temporary credentials for a sign-in token that works
// once within 15 minutes (aws-wire 5.1). Refused with 400: anything but credentials of a role or
// federated user; SessionDuration outside 900..43200, or with role-chained or GetFederationToken
// credentials. With 429: the credentials or their account have all the tickets they may.
// AWS-DIFF: AWS takes a sign-in token again within the 15 minutes, Signet once (service_test.cc).
[[nodiscard]] http::Response get_signin_token(const api::WebRequest& request,
                                              const api::WebContext& context,
                                              const authn::KeyRings& rings,
                                              const TicketLimits& limits);

// /federation?Action=login: spends a sign-in token, starts a console session and redirects to the
// console (aws-wire 5.2). What a browser fetches without showing it (prefetches, sub-requests) is
// refused and HEAD is answered, neither of which spends the token.
[[nodiscard]] http::Response login(const api::WebRequest& request,
                                   const api::WebContext& context,
                                   const authn::KeyRings& rings);

}  // namespace signet::signin
