#include "base/process.h"

#include <malloc.h>
#include <sys/resource.h>

namespace signet {
namespace {

constexpr int kBackgroundNice = 10;

// Blocks of this size are mapped by themselves. Set explicitly it does not grow with use, as it
// would by default.
constexpr int kMappedBytes = 256 * 1024;

}  // namespace

void lower_thread_priority() {
  // On Linux a thread has a niceness of its own (setpriority(2), "C library/kernel differences").
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kBackgroundNice));
}

void map_large_blocks() {
  mallopt(M_MMAP_THRESHOLD, kMappedBytes);
}

void return_freed_memory() {
  malloc_trim(0);
}

}  // namespace signet
