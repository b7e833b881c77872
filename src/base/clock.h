#pragma once

#include <atomic>
#include <cstdint>

#include "base/instant.h"

namespace signet {

// The wall clock that sessions, TOTP and signatures follow. Implementations are safe to call from
// any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  Clock(Clock&&) = delete;
  Clock& operator=(Clock&&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual Instant now() const = 0;
};

// The machine's clock plus an offset that --dev's clock endpoint may set (0 otherwise). The only
// reader of the system's wall clock in the product.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;

  // Shifts every later now() so that it answers `target` at the time of this call.
  void set(Instant target);
  void shift_ms(std::int64_t delta_ms);
  void reset();

 private:
  std::atomic<std::int64_t> offset_ms_ = 0;
};

// For tests: stands still until told.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : now_ms_(start.unix_ms) {}

  [[nodiscard]] Instant now() const override { return Instant{now_ms_.load()}; }

  void set(Instant t) { now_ms_.store(t.unix_ms); }

  void advance_seconds(std::int64_t s) { now_ms_.fetch_add(s * 1000); }

 private:
  std::atomic<std::int64_t> now_ms_;
};

// Monotonic milliseconds for timeouts; unrelated to wall time.
[[nodiscard]] std::int64_t monotonic_ms();

// The same clock in microseconds, for measuring.
[[nodiscard]] std::int64_t monotonic_us();

}  // namespace signet
