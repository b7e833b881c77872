#include "policy_language/request_names.h"

#include <bit>
#include <cstring>
#include <limits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/strings.h"
#include "policy_language/bytes.h"

namespace signet::policy {
namespace {

constexpr std::uint64_t kFold = 0x2020202020202020ULL;
constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;

bool find_colons_slowly(std::string_view text, Colons& colons) {
  std::size_t found = 0;
  for (std::size_t at = 0; at < text.size() && found < colons.size(); ++at) {
    if (text[at] == ':') {
      colons[found++] = static_cast<std::uint32_t>(at);
    }
  }
  return found == colons.size();
}

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word | kFold;
}

std::uint64_t hash_of(std::string_view action) {
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

bool is_of_service(std::string_view action, const char (&name)[4]) {
  return action.size() > 3 && action[3] == ':' && to_lower(action[0]) == name[0] &&
         to_lower(action[1]) == name[1] && to_lower(action[2]) == name[2];
}

}  // namespace

bool find_colons(std::string_view text, Colons& colons) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    return false;
  }
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
      return static_cast<std::uint32_t>(std::countr_zero(bits));
    };
    colons = {place(mask), place(second), place(third), place(fourth), place(fifth)};
    return true;
  }
#endif
  return find_colons_slowly(text, colons);
}

std::uint64_t first_bytes(std::string_view text) {
  std::uint64_t word = 0;
  if (text.size() >= sizeof word) {
    std::memcpy(&word, text.data(), sizeof word);
    return word;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  }
  return word;
}

ShortText short_text(std::string_view text) {
  const char* const at = text.data();
  const std::size_t size = text.size();
  if (size > ShortText::kMost) {
    return ShortText::too_long();
  }
  ShortText made;
  if (size >= 8) {
    std::memcpy(&made.low, at, 8);
    std::memcpy(&made.high, at + size - 8, 8);  // overlaps; what `low` has is shifted out
    made.high = (made.high >> (8 * (15 - size))) >> 8U;
  } else {
    made.low = first_bytes(text);
  }
  made.high |= std::uint64_t{size} << 56U;
  return made;
}

ShortText short_lead(std::string_view scheme,
                     std::string_view partition,
                     std::string_view service) {
  constexpr unsigned kPartitionAt = 60;  // above the number of bytes
  if (scheme != "arn") {
    return ShortText::too_long();
  }
  std::uint64_t number = 0;
  if (partition != "aws") {
    number = partition == "aws-cn" ? 1 : (partition == "aws-us-gov" ? 2 : 3);
  }
  ShortText made = short_text(service);
  if (number == 3 || made.is_too_long()) {
    return ShortText::too_long();
  }
  made.high |= number << kPartitionAt;
  return made;
}

ActionName::ActionName(std::string_view text) : text_(text), hash_(hash_of(text)) {
  const std::size_t size = text.size() < kFolded ? text.size() : kFolded;
  for (std::size_t i = 0; i < size; ++i) {
    folded_[i] = to_lower(text[i]);
  }
  if (is_of_service(text, "sts")) {
    service_ = Service::Sts;
  } else if (is_of_service(text, "kms")) {
    service_ = Service::Kms;
  }
}

ResourceName::ResourceName(std::string_view text)
    : text_(text), is_arn_(find_colons(text, colons_)) {
  if (is_arn_) {
    head_ = {.lead = short_lead(part(0), part(1), part(2)),
             .region = short_text(part(3)),
             .account = short_text(part(4))};
  }
}

const ResourceName& ResourceName::anything() {
  static const ResourceName kAnything("*");
  return kAnything;
}

}  // namespace signet::policy
