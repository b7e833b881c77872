#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace signet {

// Source of unpredictable bytes. Implementations are safe to call from any thread. crypto/random.h
// has the real one.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  Random(Random&&) = delete;
  Random& operator=(Random&&) = delete;
  virtual ~Random() = default;

  // Fills all of `out`; ends the process if the system's source fails (there is no safe way on).
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace signet
