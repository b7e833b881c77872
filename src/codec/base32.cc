#include "codec/base32.h"

#include <cstddef>
#include <cstdint>

#include "base/strings.h"

namespace signet::codec {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

int digit_value(char c) {
  const char lower = to_lower(c);
  if (lower >= 'a' && lower <= 'z') {
    return lower - 'a';
  }
  return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

}  // namespace

std::string encode_base32(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 4) / 5 * 8);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : bytes) {
    bits = (bits << 8U | static_cast<std::uint8_t>(c)) & 0xFFFU;
    held += 8;
    while (held >= 5) {
      held -= 5;
      out += kAlphabet[bits >> held & 31U];
    }
  }
  if (held > 0) {
    out += kAlphabet[bits << (5U - held) & 31U];
  }
  out.append((8 - out.size() % 8) % 8, '=');
  return out;
}

std::optional<std::string> decode_base32(std::string_view text) {
  const bool is_padded = text.ends_with('=');
  if (is_padded) {
    if (text.size() % 8 != 0) {
      return std::nullopt;
    }
    text = text.substr(0, text.find_last_not_of('=') + 1);
  }
  const std::size_t tail = text.size() % 8;
  if (tail == 1 || tail == 3 || tail == 6 || (is_padded && tail == 0)) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(text.size() / 8 * 5 + 5);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const int value = digit_value(c);
    if (value < 0) {
      return std::nullopt;
    }
    bits = (bits << 5U | static_cast<std::uint32_t>(value)) & 0xFFFU;
    held += 5;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xFFU);
    }
  }
  if ((bits & ((1U << held) - 1U)) != 0) {
    return std::nullopt;
  }
  return out;
}

}  // namespace signet::codec
