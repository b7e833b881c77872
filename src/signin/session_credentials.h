#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/operation.h"
#include "authn/key_rings.h"
#include "base/secret.h"
#include "model/caller.h"

namespace signet::signin {

// How long credentials of a console session are good, if it lasts as long.
inline constexpr std::int64_t kCredentialSeconds = 900;

struct SessionCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  std::string session_token;
  Instant expires;
};

// Temporary credentials of whom a console session stands for, which end with it (its ticket's id is
// `console_session_id`) and at `ends` at the latest. Fails with ServiceFailure while no sealing key
// is valid.
[[nodiscard]] Result<SessionCredentials> issue_credentials(model::Session session,
                                                           std::string_view console_session_id,
                                                           Instant ends,
                                                           const authn::KeyRings& rings,
                                                           const api::HandlerContext& context);

}  // namespace signet::signin
