#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace signet::crypto {

using Sha1Digest = std::array<std::uint8_t, 20>;

// SHA-1 (FIPS 180-4), for names that AWS makes so. Not for anything that must not be forged.
[[nodiscard]] Sha1Digest sha1(std::string_view bytes);

}  // namespace signet::crypto
