#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "crypto/signature_algorithms.h"

// What OpenSSL calls curves and digests. For this room alone.
namespace signet::crypto {

struct CurveRow {
  const char* name;
  std::size_t size;  // of a coordinate, in bytes
};

// In the order of EcCurve.
inline constexpr std::array<CurveRow, 3> kCurves{
    {{"prime256v1", 32}, {"secp384r1", 48}, {"secp521r1", 66}}};

[[nodiscard]] inline const CurveRow& row_of(EcCurve curve) {
  return kCurves.at(static_cast<std::size_t>(curve));
}

[[nodiscard]] inline const char* name_of(Digest digest) {
  constexpr std::array kNames{"SHA256", "SHA384", "SHA512"};
  return kNames.at(static_cast<std::size_t>(digest));
}

[[nodiscard]] inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace signet::crypto
