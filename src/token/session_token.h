#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/random.h"
#include "base/secret.h"
#include "model/caller.h"
#include "token/key_ring.h"

namespace signet::token {

// Longest token text that is made or looked at. A session policy and policy ARNs of 2,048
// characters always fit.
inline constexpr std::size_t kMaxSessionTokenSize = 4608;

// What is in a token: the session, never null and ready to be shared by the callers made of it, and
// the secret key of its temporary credentials.
struct OpenedSession {
  std::shared_ptr<const model::Session> session;
  Secret secret_key;
};

// Seals a session and its secret key into the text that goes to the client as SessionToken (base64,
// begins "IQoJ" as AWS's do), padded to at least `min_size` characters. Nothing if the result would
// be longer than kMaxSessionTokenSize (answer PackedPolicyTooLarge) or the ring has no key valid
// now. Format: docs/formats/session-token.md.
[[nodiscard]] std::optional<std::string> seal_session(const KeyRing& ring,
                                                      const model::Session& session,
                                                      const Secret& secret_key,
                                                      Instant now,
                                                      Random& random,
                                                      std::size_t min_size = 0);

// The session in a token of ours; nothing for anything else, whatever is wrong with it. Expiry of
// the *session* is not looked at: the caller compares session.expires, since an expired session has
// an error of its own. The caller must also check that session.access_key_id is the key that
// signed.
[[nodiscard]] std::optional<OpenedSession> open_session(const KeyRing& ring,
                                                        std::string_view text,
                                                        Instant now);

}  // namespace signet::token
