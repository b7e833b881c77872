#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace signet::token {

// What a user signs in with at one service (aws-wire 4.18): shown once, and known by its digest
// afterwards.
struct ServiceSecret {
  Secret shown;        // the password, or the API key
  std::string digest;  // SHA-256 of the 60 characters that are secret in it
};

// A password: 60 characters of base64, 352 random bits.
[[nodiscard]] ServiceSecret make_service_password(Random& random);

// An API key: `prefix` and the base64 of `alias`, a colon and 60 such characters.
[[nodiscard]] ServiceSecret make_service_api_key(std::string_view prefix,
                                                 std::string_view alias,
                                                 Random& random);

}  // namespace signet::token
