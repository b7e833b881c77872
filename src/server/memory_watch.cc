#include "server/memory_watch.h"

#include <algorithm>

#include "base/process.h"

namespace signet::server {
namespace {

// What a connection has beside its counted buffers while it is served, roughly.
constexpr std::uint64_t kConnectionBytes = std::uint64_t{8} << 10U;

// Less than this is not worth the work.
constexpr std::uint64_t kBurstBytes = std::uint64_t{8} << 20U;

}  // namespace

bool MemoryWatch::look(std::uint64_t buffered_bytes, std::uint64_t connections) {
  const std::uint64_t now = buffered_bytes + connections * kConnectionBytes;
  peak_ = std::max(peak_, now);
  if (peak_ - now < std::max(kBurstBytes, peak_ / 2)) {
    return false;
  }
  peak_ = now;
  return_freed_memory();
  return true;
}

}  // namespace signet::server
