#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Short comparisons without a call: names and literal pieces of ARNs are mostly below 32 bytes.

namespace signet::policy {

// The first `size` bytes of both are equal. Words overlap, so that no size needs a loop over a
// tail.
[[nodiscard]] inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto differ = [a, b]<class Word>(Word, std::size_t at) {
    Word x = 0;
    Word y = 0;
    std::memcpy(&x, a + at, sizeof x);
    std::memcpy(&y, b + at, sizeof y);
    return static_cast<std::uint64_t>(x ^ y);
  };
  if (size >= 8) {
    if (size <= 16) {
      return (differ(std::uint64_t{}, 0) | differ(std::uint64_t{}, size - 8)) == 0;
    }
    if (size > 32) {
      return std::memcmp(a, b, size) == 0;
    }
    return (differ(std::uint64_t{}, 0) | differ(std::uint64_t{}, 8) |
            differ(std::uint64_t{}, size - 16) | differ(std::uint64_t{}, size - 8)) == 0;
  }
  if (size >= 4) {
    return (differ(std::uint32_t{}, 0) | differ(std::uint32_t{}, size - 4)) == 0;
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) {
      return false;
    }
  }
  return true;
}

[[nodiscard]] inline bool same_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size());
}

// A value that stands at `at`, wherever that lies.
template <class T>
[[nodiscard]] T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Ones in the first `n` bytes of a word, zeros behind them.
inline constexpr std::uint64_t kByteMasks[9] = {0x0,
                                                0xFF,
                                                0xFFFF,
                                                0xFF'FFFF,
                                                0xFFFF'FFFF,
                                                0xFF'FFFF'FFFF,
                                                0xFFFF'FFFF'FFFF,
                                                0xFF'FFFF'FFFF'FFFF,
                                                ~std::uint64_t{0}};

}  // namespace signet::policy
