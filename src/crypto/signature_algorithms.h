#pragma once

#include <cstdint>

namespace signet::crypto {

// NIST's curves of FIPS 186-4 D.1.2.
enum class EcCurve : std::uint8_t { P256, P384, P521 };

enum class Digest : std::uint8_t { Sha256, Sha384, Sha512 };

}  // namespace signet::crypto
