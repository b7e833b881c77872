#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace signet::codec::impl {

// Sixteen bytes compared at once; GCC and clang turn this into SSE2 or NEON.
using Block = std::uint8_t __attribute__((vector_size(16)));

// Length of the longest prefix without a byte that `stop` picks. `stop` is called with a Block and
// with a single byte and answers non-zero lanes (or true) for bytes that must be looked at.
template <class Stop>
[[nodiscard]] std::size_t plain_prefix(std::string_view text, Stop stop) {
  std::size_t i = 0;
  for (; i + sizeof(Block) <= text.size(); i += sizeof(Block)) {
    Block block;
    std::memcpy(&block, text.data() + i, sizeof(Block));
    const auto hits = stop(block);
    std::uint64_t halves[2];
    std::memcpy(halves, &hits, sizeof(halves));
    if ((halves[0] | halves[1]) != 0) {
      break;
    }
  }
  while (i < text.size() && !stop(static_cast<std::uint8_t>(text[i]))) {
    ++i;
  }
  return i;
}

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace signet::codec::impl
