#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "identity/directory.h"

namespace signet::server {

// Gives every issuer of web identity tokens a new key of each algorithm when its newest is 90 days
// old. A new key is published for a day before it signs, and an old one for a day after that, so
// that verifiers who keep key sets for less have the right one all the time. Slow when it makes
// keys.
[[nodiscard]] Status rotate_issuer_keys(identity::Directory& directory, Instant now);

}  // namespace signet::server
