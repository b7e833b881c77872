#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "identity/directory.h"

namespace signet::server {

// Gives every issuer of web identity tokens a new key of each algorithm when its newest is 90 days
// old. A new key is published for a day before it signs, and an old one for a day after that, so
// that verifiers who keep key sets for less have the right one all the time. Slow when it makes
// keys.
[[nodiscard]] Status rotate_issuer_keys(identity::Directory& directory, Instant now);

// The same for the issuer of one account (empty: for all), whatever the age of its keys. `at_once`:
// the new keys sign from now on and the others are published no more, so that verifiers refuse what
// those have signed as soon as they ask again. Answers what happened, for people. InvalidInput: the
// account has no issuer.
[[nodiscard]] Result<std::string> replace_issuer_keys(identity::Directory& directory,
                                                      std::string_view account,
                                                      bool at_once,
                                                      Instant now);

}  // namespace signet::server
