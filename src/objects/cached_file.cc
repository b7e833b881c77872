#include "objects/cached_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace signet::objects {

UniqueFd open_if_cached(const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC;
  how.resolve = RESOLVE_CACHED;
  // glibc 2.36 has no wrapper.
  const auto fd = ::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how);
  return UniqueFd(static_cast<int>(fd));
}

bool read_if_cached(int fd, std::uint64_t offset, std::span<char> out) {
  const iovec part{out.data(), out.size()};
  const ssize_t got = ::preadv2(fd, &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  return got == static_cast<ssize_t>(out.size());
}

}  // namespace signet::objects
