#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/random.h"
#include "token/key_ring.h"

namespace signet::token {

// What the Identity Center of this server vouches for in AssumeRole (ProvidedContexts): who uses an
// application. Sealed, so that it is nothing to its bearer but an opaque text.
struct ContextAssertion {
  Instant expires;
  std::string account;  // the application's
  std::string user_id;
  std::string identity_store_arn;
  std::string instance_arn;
  std::string application_arn;
  std::string credential_id;  // of this assertion, for audit trails

  bool operator==(const ContextAssertion&) const = default;
};

// Characters that ContextAssertion of AssumeRole takes (new-in-2026 0).
inline constexpr std::size_t kMaxContextAssertionSize = 3'072;

// base64url. Nothing if no key may seal now, or if it would be longer than
// kMaxContextAssertionSize.
[[nodiscard]] std::optional<std::string> seal_context_assertion(const KeyRing& ring,
                                                                const ContextAssertion& assertion,
                                                                Instant now,
                                                                Random& random);

// Nothing for a text that is not ours, was changed, or has expired.
[[nodiscard]] std::optional<ContextAssertion> open_context_assertion(const KeyRing& ring,
                                                                     std::string_view text,
                                                                     Instant now);

}  // namespace signet::token
