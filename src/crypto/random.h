#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/random.h"

namespace signet::crypto {

// The system's cryptographic source (OpenSSL's private generator, seeded by the kernel). A call for
// a few bytes costs as much as one for 4 KB, so each thread draws 4 KB at a time and deals them
// out, wiping what it gave. A child process after fork() never deals the parent's bytes.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

// `size` unpredictable bytes as a string.
[[nodiscard]] std::string random_bytes(Random& random, std::size_t size);

// A number from 0 to bound - 1, each equally likely (drawn again instead of folded). `bound` is 1
// to 256.
[[nodiscard]] std::uint8_t random_below(Random& random, unsigned bound);

}  // namespace signet::crypto
