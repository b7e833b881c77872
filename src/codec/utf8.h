#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet::codec {

// Bytes of the UTF-8 sequence that the (not empty) text begins with; 0 if it is malformed
// (overlong, surrogate, cut short, past U+10FFFF). `point` is set when it is well-formed.
[[nodiscard]] inline std::size_t utf8_sequence(std::string_view text, std::uint32_t& point) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) {
    point = lead;
    return 1;
  }
  const std::size_t size = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) {
    return 0;
  }
  point = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return 0;
    }
    point = point << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
  return overlong || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF ? 0 : size;
}

// The text cut to `limit` bytes at most, without half a character at its end.
[[nodiscard]] inline std::string_view cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) {
    return text;
  }
  while (limit > 0 && (static_cast<std::uint8_t>(text[limit]) & 0xC0U) == 0x80U) {
    --limit;
  }
  return text.substr(0, limit);
}

}  // namespace signet::codec
