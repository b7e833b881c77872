#pragma once

#include <cstdint>

namespace signet::server {

// Gives memory back to the system after a burst: the allocator keeps what it has got once, on every
// thread's own list. One thread.
class MemoryWatch {
 public:
  // Called every second with bytes of buffers in use and connections that were open in it. True: a
  // burst is over, and its memory was given back.
  bool look(std::uint64_t buffered_bytes, std::uint64_t connections);

 private:
  std::uint64_t peak_ = 0;
};

}  // namespace signet::server
