#include "sessions/seal.h"

#include <cstddef>
#include <utility>

#include "authn/key_rings.h"
#include "facts/errors.h"
#include "facts/sessions_sentences.h"
#include "token/ids.h"
#include "token/session_token.h"

namespace signet::sessions {

Result<SealedSession> seal(model::Session session,
                           std::optional<std::int64_t> minimum_token_size,
                           const api::HandlerContext& context) {
  const Instant now = context.request.now;
  Random& random = context.deps.random;
  session.access_key_id = token::make_id(token::kTemporaryKeyPrefix, session.account, random);
  Secret secret = token::make_secret_access_key(random);
  const token::KeyRing& ring = context.deps.rings.current();
  auto sealed = token::seal_session(
      ring, session, secret, now, random, static_cast<std::size_t>(minimum_token_size.value_or(0)));
  if (!sealed && !ring.current_id(now)) {
    return std::unexpected(facts::service_failure(
        "no sealing key is valid now: was the clock set back? A new one is made within a minute"));
  }
  if (!sealed) {
    return session_too_large(101);
  }
  return SealedSession{.access_key_id = session.access_key_id,
                       .secret_access_key = std::move(secret),
                       .token = std::move(*sealed),
                       .expires = session.expires};
}

Result<SealedSession> seal_for(model::Session session,
                               std::int64_t duration_seconds,
                               std::optional<std::int64_t> minimum_token_size,
                               const api::HandlerContext& context) {
  const Instant now = context.request.now;
  session.issued = now;
  // Expiration has whole seconds on the wire; the session ends with what the client was told.
  session.expires = Instant::from_seconds(now.seconds() + duration_seconds);
  return seal(std::move(session), minimum_token_size, context);
}

}  // namespace signet::sessions
