#pragma once

#include <string>
#include <string_view>

#include "identity/snapshot.h"
#include "token/opaque.h"

namespace signet::signin {

// How AWS's refresh tokens begin (signin-api 3, RevokeOAuth2TokenWithIAM).
[[nodiscard]] bool is_refresh_token(std::string_view text);

[[nodiscard]] std::string refresh_token_text(const token::OpaqueToken& made);

// The session that a refresh token keeps alive; null: it is none, or its session has ended or been
// revoked. Expiry is the caller's to look at.
[[nodiscard]] const identity::Ticket* find_refreshable(std::string_view text,
                                                       const identity::Snapshot& snapshot);

}  // namespace signet::signin
