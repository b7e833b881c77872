#include "crypto/uuid.h"

#include <cstdint>

#include "crypto/hex_pairs.h"

namespace signet::crypto {
namespace {

// Where the digits of each byte stand between the dashes.
constexpr std::array<std::uint8_t, 16> kPlaces = {
    0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

}  // namespace

UuidText uuid_v4_text(Random& random) {
  std::array<std::uint8_t, 16> bytes;
  random.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant 10x
  UuidText text;
  text.fill('-');
  char* const out = text.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* const pair = kHexPairs[bytes[i]].data();
    out[kPlaces[i]] = pair[0];
    out[kPlaces[i] + 1] = pair[1];
  }
  return text;
}

std::string uuid_v4(Random& random) {
  const UuidText text = uuid_v4_text(random);
  return {text.data(), text.size()};
}

}  // namespace signet::crypto
