#include "signin/session_credentials.h"

#include <algorithm>
#include <utility>

#include "facts/errors.h"
#include "token/ids.h"
#include "token/session_token.h"

namespace signet::signin {

Result<SessionCredentials> issue_credentials(model::Session session,
                                             std::string_view console_session_id,
                                             Instant ends,
                                             const authn::KeyRings& rings,
                                             const api::HandlerContext& context) {
  const Instant now = context.request.now;
  Random& random = context.deps.random;
  session.access_key_id = token::make_id(token::kTemporaryKeyPrefix, session.account, random);
  session.console_session_id = console_session_id;
  session.expires = std::min(now.plus_seconds(kCredentialSeconds), ends);
  Secret secret = token::make_secret_access_key(random);
  auto sealed = token::seal_session(rings.current(), session, secret, now, random);
  if (!sealed) {
    return std::unexpected(facts::service_failure("no sealing key is valid now"));
  }
  return SessionCredentials{.access_key_id = std::move(session.access_key_id),
                            .secret_access_key = std::move(secret),
                            .session_token = *std::move(sealed),
                            .expires = session.expires};
}

}  // namespace signet::signin
