#include "sts/credentials.h"

#include <utility>

#include "authn/key_rings.h"
#include "facts/errors.h"
#include "facts/sts_sentences.h"
#include "token/ids.h"
#include "token/session_token.h"

namespace signet::sts {

Result<Credentials> make_credentials(model::Session session,
                                     std::int64_t duration_seconds,
                                     std::optional<std::int64_t> minimum_token_size,
                                     const api::HandlerContext& context) {
  const Instant now = context.request.now;
  session.issued = now;
  // Expiration has whole seconds on the wire; the session ends with what the client was told.
  session.expires = Instant::from_seconds(now.seconds() + duration_seconds);
  return seal_credentials(std::move(session), minimum_token_size, context);
}

Result<Credentials> seal_credentials(model::Session session,
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
  return Credentials{.access_key_id = session.access_key_id,
                     .secret_access_key = std::move(secret),
                     .session_token = std::move(*sealed),
                     .expiration = session.expires};
}

bool is_iam_arn(std::string_view arn, std::string_view kind) {
  const auto parts = model::split_arn(arn);
  return parts && parts->service == "iam" && parts->resource.starts_with(kind);
}

std::int64_t token_utilization(std::size_t size) {
  return static_cast<std::int64_t>((size * 100 + token::kMaxSessionTokenSize - 1) /
                                   token::kMaxSessionTokenSize);
}

}  // namespace signet::sts
