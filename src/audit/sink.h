#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signet::audit {

// Appends audit lines to a file from any thread. Lines are gathered in memory and written by one
// background thread at least every 200 ms and when 64 KB have gathered; the file is rotated (FILE
// -> FILE.1 -> ... -> FILE.4) when it passes 64 MiB. If the disk refuses, lines are counted as lost
// and the loss is logged; requests go on.
class Sink {
 public:
  // Takes no records at all (dev mode without --audit).
  Sink();

  // Opens `path` for appending (mode 0600). Fails with the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<Sink>> open(const std::string& path);

  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  Sink(Sink&&) = delete;
  Sink& operator=(Sink&&) = delete;

  // Writes what is gathered, then closes.
  ~Sink();

  [[nodiscard]] bool is_enabled() const { return state_ != nullptr; }

  // Queues one line (it ends in a newline). Never blocks on the disk.
  void append(std::string_view line);

  // Writes everything gathered so far; for tests and shutdown.
  void flush();

  // Lines that could not be written since the start.
  [[nodiscard]] std::uint64_t lost() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signet::audit
