#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "policy_language/bytes.h"

// Comparisons and searches sixteen bytes at a time.

namespace signet::policy {

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

#if defined(__SSE2__)

inline __m128i block_at(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// A bit per byte that equals `byte`.
inline std::uint32_t places_of(__m128i block, char byte) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(byte))));
}

// The first `size` bytes, 8 to 16 of them, and zeros.
inline __m128i short_block(const char* at, std::size_t size) {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, at, 8);
  std::memcpy(&high, at + size - 8, 8);
  const std::size_t shift = 8 * (16 - size);  // of what `low` has too
  high = shift == 64 ? 0 : high >> shift;
  return _mm_set_epi64x(static_cast<std::int64_t>(high), static_cast<std::int64_t>(low));
}

// `piece` stands at one of the places, each a bit from `base` on.
inline bool stands_at(const char* base, std::uint32_t places, std::string_view piece) {
  for (; places != 0; places &= places - 1) {
    if (same_bytes(base + std::countr_zero(places), piece.data(), piece.size())) {
      return true;
    }
  }
  return false;
}

// `text` contains `piece`. Looks for its first and last byte sixteen places at a time.
[[nodiscard]] inline bool contains(std::string_view text, std::string_view piece) {
  if (piece.size() > text.size()) {
    return false;
  }
  if (piece.empty()) {
    return true;
  }
  const char* const at = text.data();
  const std::size_t last = piece.size() - 1;
  const std::size_t places = text.size() - last;  // where it may stand
  const char first_byte = piece.front();
  const char last_byte = piece.back();
  if (text.size() < 8) {
    return text.find(piece) != std::string_view::npos;
  }
  if (places < 16) {
    const std::uint32_t valid = (1U << places) - 1U;
    std::uint32_t candidates = 0;
    if (text.size() < 16) {
      const __m128i block = short_block(at, text.size());
      candidates = places_of(block, first_byte) & (places_of(block, last_byte) >> last) & valid;
    } else {
      // The last sixteen bytes hold every place's last byte.
      const std::uint32_t ends = places_of(block_at(at + text.size() - 16), last_byte);
      candidates = places_of(block_at(at), first_byte) & (ends >> (16 - places)) & valid;
    }
    return stands_at(at, candidates, piece);
  }
  for (std::size_t i = 0;; i = i + 32 <= places ? i + 16 : places - 16) {
    const std::uint32_t candidates =
        places_of(block_at(at + i), first_byte) & places_of(block_at(at + i + last), last_byte);
    if (stands_at(at + i, candidates, piece)) {
      return true;
    }
    if (i + 16 == places) {
      return false;
    }
  }
}

#else

// `text` contains `piece`. Looks for its first and last byte sixteen places at a time.
[[nodiscard]] inline bool contains(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

#endif

}  // namespace signet::policy
