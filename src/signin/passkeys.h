#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "identity/snapshot.h"
#include "mfa/webauthn.h"
#include "signin/invocation.h"

namespace signet::signin {

// Passkeys as the second factor (sign-in 6.2). The challenge is a sealed text of ours, so nothing
// is kept of ceremonies that are never ended; which page, browser and person it was for stands in
// it.

// The script of the sign-in page, which asks the authenticator: the one script outside the console.
inline constexpr std::string_view kPasskeyScriptPath = "/_console/passkey.js";

[[nodiscard]] std::unique_ptr<api::WebInvocation> make_passkey_script(const SigninParts& parts);

// POST /_console/api/passkeys/challenge and /_console/api/passkeys, for the console's own page:
// what a new passkey of the signed-in user is made for, and the passkey. Both need
// iam:EnableMFADevice on the user; there is no call of AWS's for either.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_passkey_challenge(const SigninParts& parts);
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_register_passkey(const SigninParts& parts);

// What an authenticator at this server's pages answers to. Borrows `challenge`; `origin` and
// `rp_id` are kept here.
struct PageCeremony {
  PageCeremony(const http::RequestHead& head, std::string_view text);

  [[nodiscard]] mfa::Ceremony view() const {
    return {.challenge = challenge, .origin = origin, .rp_id = rp_id};
  }

  std::string_view challenge;
  std::string origin;
  std::string rp_id;
};

// The credential ids of somebody's passkeys, in base64url.
[[nodiscard]] std::vector<std::string> passkeys_of(const identity::Snapshot& snapshot,
                                                   std::string_view account,
                                                   std::string_view principal_id);

}  // namespace signet::signin
