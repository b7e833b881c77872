#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/random.h"
#include "base/secret.h"

namespace signet::mfa {

// RFC 6238 with the parameters of AWS's virtual devices: HMAC-SHA-1, six digits, 30 s steps from
// 1970 (aws-wire 6).
inline constexpr std::int64_t kStepSeconds = 30;
inline constexpr std::size_t kCodeDigits = 6;
inline constexpr std::size_t kSeedSize = 40;  // bytes; 64 characters of base32

// The step that `t` lies in.
[[nodiscard]] std::int64_t step_of(Instant t);

// The code of a step. `seed` is the raw key, not its base32 text.
[[nodiscard]] std::string totp_code(std::string_view seed, std::int64_t step);

// A new seed: kSeedSize random bytes. Show it with encode_base32, which needs no padding at this
// size.
[[nodiscard]] Secret make_seed(Random& random);

}  // namespace signet::mfa
