#pragma once

#include <cstdint>

namespace signet::server {

// What the system says of this process; 0: it does not say.
struct ProcessState {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t open_files_max = 0;
  std::uint64_t cpu_microseconds = 0;
};

// Reads /proc; for a thread that may block.
[[nodiscard]] ProcessState read_process_state();

}  // namespace signet::server
