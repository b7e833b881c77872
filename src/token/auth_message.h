#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/random.h"
#include "token/key_ring.h"

namespace signet::token {

// DecodeAuthorizationMessage takes at most this many characters (aws-wire 3.5).
inline constexpr std::size_t kMaxAuthorizationMessageSize = 10240;

// Seals the JSON explanation of a refusal into an encoded authorization message (base64url),
// readable until now + ttl_seconds by whoever may call DecodeAuthorizationMessage in `account`.
// Nothing if it would be too long.
[[nodiscard]] std::optional<std::string> seal_authorization_message(const KeyRing& ring,
                                                                    std::string_view account,
                                                                    std::string_view json,
                                                                    Instant now,
                                                                    std::int64_t ttl_seconds,
                                                                    Random& random);

struct AuthorizationMessage {
  std::string account;  // whose refusal it was
  std::string json;
};

// What was sealed; nothing if it is not ours, was changed, or has expired.
[[nodiscard]] std::optional<AuthorizationMessage> open_authorization_message(const KeyRing& ring,
                                                                             std::string_view text,
                                                                             Instant now);

}  // namespace signet::token
