#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace signet::telemetry {

// Lines on their way from many threads to one. Bounded: what finds no room is dropped and counted,
// so that whoever brings it never waits. Thread-safe.
class Backlog {
 public:
  explicit Backlog(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // `line` ends in a newline and has no other.
  void push(std::string_view line);

  // All lines that are there; waits for some, at most so long. Empty: none came, or it is closed
  // and nothing is left.
  [[nodiscard]] std::string take(int wait_ms);

  // Ends every wait from now on.
  void close();
  [[nodiscard]] bool is_closed() const;

  [[nodiscard]] std::uint64_t dropped() const;

 private:
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string lines_;
  std::uint64_t dropped_ = 0;
  bool is_closed_ = false;
};

}  // namespace signet::telemetry
