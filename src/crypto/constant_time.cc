#include "crypto/constant_time.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace signet::crypto {
namespace {

std::uint64_t load(const char* bytes, std::size_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return word;
}

}  // namespace

// Eight bytes a step, where CRYPTO_memcmp takes one: every request compares a secret and a
// signature. The compiler must not know what was gathered, or it could leave the loop early.
bool equal_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  std::uint64_t difference = 0;
  std::size_t at = 0;
  for (; at + 8 <= a.size(); at += 8) {
    difference |= load(a.data() + at, 8) ^ load(b.data() + at, 8);
    asm volatile("" : "+r"(difference));
  }
  for (; at < a.size(); ++at) {
    difference |= load(a.data() + at, 1) ^ load(b.data() + at, 1);
    asm volatile("" : "+r"(difference));
  }
  return difference == 0;
}

}  // namespace signet::crypto
