#include "base/clock.h"

#include <ctime>

namespace signet {
namespace {

std::int64_t read_clock_us(clockid_t id) {
  timespec ts{};
  clock_gettime(id, &ts);
  return std::int64_t{ts.tv_sec} * 1'000'000 + ts.tv_nsec / 1000;
}

std::int64_t read_clock_ms(clockid_t id) {
  return read_clock_us(id) / 1000;
}

}  // namespace

Instant SystemClock::now() const {
  return Instant{read_clock_ms(CLOCK_REALTIME) + offset_ms_.load(std::memory_order_relaxed)};
}

void SystemClock::set(Instant target) {
  offset_ms_.store(target.unix_ms - read_clock_ms(CLOCK_REALTIME));
}

void SystemClock::shift_ms(std::int64_t delta_ms) {
  offset_ms_.fetch_add(delta_ms);
}

void SystemClock::reset() {
  offset_ms_.store(0);
}

std::int64_t monotonic_ms() {
  return read_clock_ms(CLOCK_MONOTONIC);
}

std::int64_t monotonic_us() {
  return read_clock_us(CLOCK_MONOTONIC);
}

}  // namespace signet
