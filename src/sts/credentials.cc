#include "sts/credentials.h"

#include <utility>

#include "sessions/seal.h"
#include "token/session_token.h"

namespace signet::sts {
namespace {

Credentials to_wire(sessions::SealedSession sealed) {
  return {.access_key_id = std::move(sealed.access_key_id),
          .secret_access_key = std::move(sealed.secret_access_key),
          .session_token = std::move(sealed.token),
          .expiration = sealed.expires};
}

}  // namespace

Result<Credentials> make_credentials(model::Session session,
                                     std::int64_t duration_seconds,
                                     std::optional<std::int64_t> minimum_token_size,
                                     const api::HandlerContext& context) {
  return to_wire(
      TRY(sessions::seal_for(std::move(session), duration_seconds, minimum_token_size, context)));
}

Result<Credentials> seal_credentials(model::Session session,
                                     std::optional<std::int64_t> minimum_token_size,
                                     const api::HandlerContext& context) {
  return to_wire(TRY(sessions::seal(std::move(session), minimum_token_size, context)));
}

std::int64_t token_utilization(std::size_t size) {
  return static_cast<std::int64_t>((size * 100 + token::kMaxSessionTokenSize - 1) /
                                   token::kMaxSessionTokenSize);
}

}  // namespace signet::sts
