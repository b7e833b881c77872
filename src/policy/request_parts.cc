#include "policy/request_parts.h"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/strings.h"
#include "policy/decide.h"

namespace signet::policy {
namespace {

constexpr std::uint64_t kFold = 0x2020202020202020ULL;
constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;

bool find_colons_slowly(std::string_view text, Colons& colons) {
  std::size_t found = 0;
  for (std::size_t at = 0; at < text.size() && found < colons.size(); ++at) {
    if (text[at] == ':') {
      colons[found++] = at;
    }
  }
  return found == colons.size();
}

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word | kFold;
}

}  // namespace

bool find_colons(std::string_view text, Colons& colons) {
#if defined(__SSE2__)
  // The head of an ARN is seldom longer than 64 bytes: one bit per byte of it.
  if (text.size() >= 16) {
    const __m128i colon = _mm_set1_epi8(':');
    const auto block = [&text, colon](std::size_t at) {
      __m128i bytes;
      std::memcpy(&bytes, text.data() + at, sizeof bytes);
      return std::uint64_t{
          static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, colon)))};
    };
    const std::size_t seen = text.size() < 64 ? text.size() : 64;
    std::uint64_t mask = block(0) | (block(seen - 16) << (seen - 16));
    if (seen > 32) {
      mask |= block(16) << 16U;
      mask |= seen > 48 ? block(32) << 32U : 0;
    }
    const std::uint64_t second = mask & (mask - 1);
    const std::uint64_t third = second & (second - 1);
    const std::uint64_t fourth = third & (third - 1);
    const std::uint64_t fifth = fourth & (fourth - 1);
    if (fifth == 0) {
      return text.size() > 64 && find_colons_slowly(text, colons);
    }
    const auto place = [](std::uint64_t bits) {
      return static_cast<std::size_t>(std::countr_zero(bits));
    };
    colons = {place(mask), place(second), place(third), place(fourth), place(fifth)};
    return true;
  }
#endif
  return find_colons_slowly(text, colons);
}

std::uint64_t hash_action(std::string_view action) {
  const char* at = action.data();
  const std::size_t size = action.size();
  std::uint64_t hash = size * kMix;
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) {
      hash = (hash ^ static_cast<unsigned char>(to_lower(at[i]))) * kMix;
    }
    return hash ^ (hash >> 32U);
  }
  for (std::size_t i = 0; i + 8 < size; i += 8) {
    hash = (hash ^ word_at(at + i)) * kMix;
    hash ^= hash >> 29U;
  }
  hash = (hash ^ word_at(at + size - 8)) * kMix;  // overlaps the word before: no loop over a tail
  return hash ^ (hash >> 32U);
}

RequestParts::RequestParts(const Request& request)
    : action(request.action),
      action_hash(hash_action(request.action)),
      resource(request.wildcard_only ? std::string_view("*") : request.resource),
      is_arn(find_colons(resource, colons)) {}

}  // namespace signet::policy
