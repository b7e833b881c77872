#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace signet::codec::impl {

// Sixteen bytes compared at once; GCC and clang turn this into SSE2 or NEON.
using Block = std::uint8_t __attribute__((vector_size(16)));

// Index of the first lane that is not zero; sizeof(Block) if all are.
template <class Hits>
[[nodiscard]] std::size_t first_hit(const Hits& hits) {
  static_assert(sizeof(Hits) == sizeof(Block) && std::endian::native == std::endian::little);
  std::uint64_t halves[2];
  std::memcpy(halves, &hits, sizeof(halves));
  if (halves[0] != 0) {
    return static_cast<std::size_t>(std::countr_zero(halves[0])) / 8;
  }
  return halves[1] != 0 ? 8 + static_cast<std::size_t>(std::countr_zero(halves[1])) / 8
                        : sizeof(Block);
}

// A text of 4 to 15 bytes in one block, some bytes more than once, in no useful order.
[[nodiscard]] inline Block short_block(std::string_view text) {
  std::uint64_t halves[2];
  if (text.size() >= 8) {
    std::memcpy(&halves[0], text.data(), 8);
    std::memcpy(&halves[1], text.data() + text.size() - 8, 8);
  } else {
    std::uint32_t ends[2];
    std::memcpy(&ends[0], text.data(), 4);
    std::memcpy(&ends[1], text.data() + text.size() - 4, 4);
    std::memcpy(&halves[0], ends, 8);
    halves[1] = halves[0];
  }
  Block block;
  std::memcpy(&block, halves, sizeof(block));
  return block;
}

// Length of the longest prefix without a byte that `stop` picks. `stop` is called with a Block and
// with a single byte and answers non-zero lanes (or true) for bytes that must be looked at.
template <class Stop>
[[nodiscard]] std::size_t plain_prefix(std::string_view text, Stop stop) {
  std::size_t i = 0;
  for (; i + sizeof(Block) <= text.size(); i += sizeof(Block)) {
    Block block;
    std::memcpy(&block, text.data() + i, sizeof(Block));
    if (const std::size_t lane = first_hit(stop(block)); lane != sizeof(Block)) {
      return i + lane;
    }
  }
  const std::string_view rest = text.substr(i);
  if (rest.size() >= 4 && first_hit(stop(short_block(rest))) == sizeof(Block)) {
    return text.size();
  }
  while (i < text.size() && !stop(static_cast<std::uint8_t>(text[i]))) {
    ++i;
  }
  return i;
}

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace signet::codec::impl
