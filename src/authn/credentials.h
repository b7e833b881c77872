#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::authn {

// Why credentials are not accepted, before it is put into a service's words.
enum class Refusal : std::uint8_t {
  UnknownKey,
  InactiveKey,
  NoToken,  // a temporary key without the token that it came with
  Ended,    // revoked, or its user, role, account or console session is gone
  BadToken,
  TokenOfAnotherKey,
  Expired,
};

// For the operator: the errors below tell callers less.
[[nodiscard]] std::string_view describe(Refusal refusal);

// In the words of IAM and STS (aws-wire 2.2).
[[nodiscard]] Error query_error(Refusal refusal);

// In those of S3 (aws-wire 2.7), which repeat what was sent.
[[nodiscard]] Error rest_error(Refusal refusal,
                               std::string_view access_key_id,
                               std::string_view session_token);

// The caller of a request as another state has it, or as later credentials would find it: the key
// is still there and active, its user, role or account still the one of that unique id, the session
// neither expired at `now` nor revoked. Anonymous callers stay what they are.
[[nodiscard]] std::expected<model::CallerRef, Refusal> caller_again(
    const model::CallerRef& caller, const identity::Snapshot& snapshot, Instant now);

}  // namespace signet::authn
