#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Short comparisons without a call: names and literal pieces of ARNs are mostly below 32 bytes.
// Private to this room.

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

// 32 bytes of both are equal.
[[nodiscard]] inline bool same_32_bytes(const char* a, const char* b) {
#if defined(__SSE2__)
  const auto equal = [a, b](std::size_t at) {
    return _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + at)),
                          _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + at)));
  };
  return _mm_movemask_epi8(_mm_and_si128(equal(0), equal(16))) == 0xFFFF;
#else
  return std::memcmp(a, b, 32) == 0;
#endif
}

// `text` contains `piece`. Looks for its first and last byte sixteen places at a time.
[[nodiscard]] bool contains(std::string_view text, std::string_view piece);

}  // namespace signet::policy
