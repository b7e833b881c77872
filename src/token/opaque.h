#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace signet::token {

// A sign-in token or a cookie value: 256 random bits as 43 characters of base64url. Only its hash
// is stored; a lookup by hash needs no constant-time compare, since nobody can aim at a hash.
struct OpaqueToken {
  Secret text;       // goes to the browser, once
  std::string hash;  // 32 bytes, the storage key
};

[[nodiscard]] OpaqueToken make_opaque_token(Random& random);

// What a partner trades for credentials: the id of a delegation request, a dot, and the secret text
// of `token`.
[[nodiscard]] std::string exchange_token_text(std::string_view request_id,
                                              const OpaqueToken& token);

// Such a text taken apart; nothing for anything else.
struct ExchangeToken {
  std::string request_id;
  std::string hash;  // of the token in it
};

[[nodiscard]] std::optional<ExchangeToken> read_exchange_token(const Secret& presented);

// The storage key of a presented value; nothing if it does not have the right shape (no look-up
// needed then).
[[nodiscard]] std::optional<std::string> opaque_token_hash(std::string_view text);

}  // namespace signet::token
