#include "server/process_state.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

namespace signet::server {
namespace {

// The second number of proc(5)'s statm: pages in memory.
std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return file >> size >> resident ? resident * page : 0;
}

// Names alone: a path for each would cost as much as the rest, with many connections.
std::uint64_t open_files() {
  const std::unique_ptr<DIR, decltype([](DIR* one) { ::closedir(one); })> folder(
      ::opendir("/proc/self/fd"));
  std::uint64_t names = 0;
  while (folder && ::readdir(folder.get()) != nullptr) {
    names += 1;
  }
  constexpr std::uint64_t kNotFiles = 2;  // . and ..
  return names - std::min(names, kNotFiles);
}

std::uint64_t microseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(time.tv_usec);
}

}  // namespace

ProcessState read_process_state() {
  ProcessState state{.resident_bytes = resident_bytes(), .open_files = open_files()};
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    state.open_files_max = limit.rlim_cur;
  }
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) {
    state.cpu_microseconds = microseconds(used.ru_utime) + microseconds(used.ru_stime);
  }
  return state;
}

}  // namespace signet::server
