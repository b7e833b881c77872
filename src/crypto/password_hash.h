#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace signet::crypto {

// What one argon2id hash costs (RFC 9106). The default is OWASP's 19 MiB, 2 passes, 1 lane: about
// 20 ms of one core, so callers bound how many run at once.
struct PasswordCost {
  std::uint32_t memory_kib = 19456;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;

  bool operator==(const PasswordCost&) const = default;
};

// The PHC string ($argon2id$v=19$m=...,t=...,p=...$salt$hash) of a password under a fresh 16-byte
// salt. Nothing if memory ran out.
[[nodiscard]] std::optional<std::string> hash_password(std::string_view password,
                                                       Random& random,
                                                       PasswordCost cost = {});

// Whether `password` is the one behind the PHC string. False also for a string that is not argon2id
// or asks for more than 1 GiB, 64 passes or 16 lanes (a record we cannot have written).
[[nodiscard]] bool verify_password(std::string_view phc, std::string_view password);

// Whether the stored hash was made at another cost and should be made again at the next successful
// sign-in.
[[nodiscard]] bool needs_rehash(std::string_view phc, PasswordCost cost = {});

}  // namespace signet::crypto
