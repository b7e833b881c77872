#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace signet::signin {

// Slows down who guesses passwords: after a few failures for one name, or from one address, each
// further attempt has to wait, twice as long as the one before it, five minutes at most. A name
// that nobody has is treated as any other. Of IPv6 addresses the /64 network counts. In memory
// only: a restart forgets. Thread-safe.
class Attempts {
 public:
  static constexpr std::uint32_t kFreePerName = 5;
  static constexpr std::uint32_t kFreePerAddress = 20;
  static constexpr std::int64_t kLongestWaitSeconds = 300;
  static constexpr std::int64_t kForgottenAfterSeconds = 3600;
  static constexpr std::size_t kMaxRemembered = 100'000;

  // Seconds until an attempt for that name from that address would be looked at; 0: now. Counts
  // and remembers nothing.
  [[nodiscard]] std::int64_t wait(std::string_view name, std::string_view address, Instant now);

  // The same, and if it is let in it counts as failed until succeeded() says otherwise, so that of
  // many at once only a few are let in.
  [[nodiscard]] std::int64_t enter(std::string_view name, std::string_view address, Instant now);

  void succeeded(std::string_view name, std::string_view address);

  // Forgets everything.
  void reset();

 private:
  struct Failures {
    std::uint32_t count = 0;
    Instant last;
  };

  using Table = std::map<std::string, Failures, std::less<>>;

  [[nodiscard]] static std::int64_t wait_of(const Table& table,
                                            std::string_view key,
                                            std::uint32_t free,
                                            Instant now);
  static void count(Table& table, std::string_view key, Instant now);

  std::mutex mutex_;
  Table names_;
  Table addresses_;
};

}  // namespace signet::signin
