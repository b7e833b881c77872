#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "authn/key_rings.h"
#include "base/instant.h"
#include "base/random.h"
#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::signin {

// An OAuth access token that stands for a caller at one service (signin-api 3). Sealed, not stored:
// only IntrospectOAuth2TokenWithIAM reads it, and it opens nothing here.
// AWS-DIFF: AWS's are signed tokens that services verify themselves; here a service asks
// (tests/conformance/test_signin_tokens.py).
struct CallerToken {
  std::string account;
  std::string principal_id;     // of the user or role, the account id for root
  std::string user_id;          // as GetCallerIdentity answers it
  std::string arn;              // of the caller
  std::string resource;         // the service
  std::string sign_in_session;  // storage id; empty: the caller did not come from one
  Instant issued;
  Instant expires;
};

// Whether a name is as AWS's services are called.
[[nodiscard]] bool is_service(std::string_view name);

// How AWS's access tokens begin.
[[nodiscard]] bool is_access_token(std::string_view text);

[[nodiscard]] CallerToken access_token_for(const model::Caller& caller,
                                           std::string_view resource,
                                           Instant now,
                                           Instant expires);

// Nothing if no key may seal now.
[[nodiscard]] std::optional<std::string> seal_access_token(const CallerToken& token,
                                                           const authn::KeyRings& rings,
                                                           Random& random);

// Nothing for a text that is not ours, was changed or has expired; and when whom it stands for, or
// the sign-in session that they came from, is gone.
[[nodiscard]] std::optional<CallerToken> open_access_token(std::string_view text,
                                                           const identity::Snapshot& snapshot,
                                                           const authn::KeyRings& rings,
                                                           Instant now);

}  // namespace signet::signin
