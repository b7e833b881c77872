#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace signet::crypto {

// The two hexadecimal digits of every byte, in lower case.
inline constexpr auto kHexPairs = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t byte = 0; byte < pairs.size(); ++byte) {
    pairs[byte] = {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return pairs;
}();

}  // namespace signet::crypto
