#include "crypto/uuid.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace signet::crypto {

std::string uuid_v4(Random& random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::uint8_t, 16> bytes;
  random.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant 10x
  std::string text(36, '-');
  char* at = text.data();
  std::size_t next = 0;
  for (const std::size_t group : {4U, 2U, 2U, 2U, 6U}) {
    for (std::size_t i = 0; i < group; ++i) {
      const std::uint8_t byte = bytes[next++];
      *at++ = kDigits.data()[byte >> 4];
      *at++ = kDigits.data()[byte & 15];
    }
    ++at;  // a dash, or the end
  }
  return text;
}

}  // namespace signet::crypto
