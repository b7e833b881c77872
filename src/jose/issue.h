#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/json_writer.h"
#include "crypto/sign_key.h"
#include "jose/jws.h"

namespace signet::jose {

// A token with that payload, signed (RFC 7515 7.1). Its header has `kid`, `typ` "JWT" and `alg`.
// `payload` is a JSON object; the key must fit the algorithm. Nothing if signing failed.
[[nodiscard]] std::optional<std::string> issue_token(Algorithm algorithm,
                                                     std::string_view key_id,
                                                     const crypto::SignKey& key,
                                                     std::string_view payload);

// The public half of a key as a JWK for signatures (RFC 7517 4, RFC 7518 6).
void append_jwk(codec::JsonWriter& writer,
                Algorithm algorithm,
                std::string_view key_id,
                const crypto::SignKey& key);

}  // namespace signet::jose
