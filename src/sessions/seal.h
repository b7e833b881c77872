#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/operation.h"
#include "base/instant.h"
#include "base/result.h"
#include "base/secret.h"
#include "model/caller.h"

namespace signet::sessions {

// Temporary credentials, once, for whoever asked for them.
struct SealedSession {
  std::string access_key_id;  // ASIA...
  Secret secret_access_key;
  std::string token;
  Instant expires;
};

// Gives a session that has its times an access key id and a secret, and seals it into a token of at
// least `minimum_token_size` bytes. Errors: PackedPolicyTooLarge if policies and tags do not fit
// into a token; ServiceFailure if no key may seal now.
[[nodiscard]] Result<SealedSession> seal(model::Session session,
                                         std::optional<std::int64_t> minimum_token_size,
                                         const api::HandlerContext& context);

// The same for a session that begins now.
[[nodiscard]] Result<SealedSession> seal_for(model::Session session,
                                             std::int64_t duration_seconds,
                                             std::optional<std::int64_t> minimum_token_size,
                                             const api::HandlerContext& context);

}  // namespace signet::sessions
