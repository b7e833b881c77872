#pragma once

#include <cstdint>

#include "facts/operation_ids.h"

namespace signet::facts {

// Which temporary credentials may call an operation at all, besides those of roles.
enum class Sessions : std::uint8_t {
  Any,
  SessionToken,         // those of GetSessionToken
  SessionTokenWithMfa,  // of those, the ones that an MFA code was given for
  Roles,                // those of roles only
  None,                 // not even those of roles
};

// One operation in facts/operations/credentials.tsv.
struct CredentialRow {
  Operation id;
  Sessions sessions;
  bool needs_signature;  // false: a token or an assertion says who asks
};

// Every Operation has a row.
[[nodiscard]] const CredentialRow& credentials_of(Operation id);

}  // namespace signet::facts
