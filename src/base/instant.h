#pragma once

#include <compare>
#include <cstdint>

namespace signet {

// A point of wall time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted. A plain
// value, so that <chrono> stays out of headers.
struct Instant {
  std::int64_t unix_ms = 0;

  static constexpr Instant from_seconds(std::int64_t seconds) { return Instant{seconds * 1000}; }

  // Whole seconds, rounded towards minus infinity.
  [[nodiscard]] constexpr std::int64_t seconds() const {
    return unix_ms >= 0 ? unix_ms / 1000 : -((-unix_ms + 999) / 1000);
  }

  [[nodiscard]] constexpr Instant plus_seconds(std::int64_t s) const {
    return Instant{unix_ms + s * 1000};
  }

  auto operator<=>(const Instant&) const = default;
};

}  // namespace signet
