#include "base/place_file.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace signet {
namespace {

constexpr std::size_t kPiece = 256UL << 10;

// A file that ends before `size` is an error: it is not what it was.
bool copy(int from, std::uint64_t size, int to) {
  std::vector<char> piece(kPiece);
  std::uint64_t done = 0;
  while (done < size) {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, size - done));
    const ssize_t got = ::pread(from, piece.data(), wanted, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      errno = got == 0 ? EIO : errno;
      return false;
    }
    if (const int error = write_all(to, {piece.data(), static_cast<std::size_t>(got)});
        error != 0) {
      errno = error;
      return false;
    }
    done += static_cast<std::uint64_t>(got);
  }
  return true;
}

// Fills a new file; nothing is left of it where that fails.
template <class Fill>
int make(const std::string& to, Fill fill) {
  const UniqueFd fd(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return errno;
  }
  if (fill(fd.get()) && ::fsync(fd.get()) == 0) {
    return 0;
  }
  const int reason = errno;
  ::unlink(to.c_str());
  return reason;
}

}  // namespace

int copy_bytes(int from, std::uint64_t size, const std::string& to) {
  return make(to, [from, size](int fd) { return copy(from, size, fd); });
}

int place_file(const std::string& from, const std::string& to, Placing how) {
  const UniqueFd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info{};
  if (!source.valid() || ::fstat(source.get(), &info) != 0) {
    return errno;
  }
  if (!S_ISREG(info.st_mode)) {
    return EINVAL;
  }
  const int cloned =
      make(to, [&source](int fd) { return ::ioctl(fd, FICLONE, source.get()) == 0; });
  if (cloned == 0 || cloned == EEXIST) {
    return cloned;
  }
  if (how == Placing::Link && ::link(from.c_str(), to.c_str()) == 0) {
    return 0;
  }
  return copy_bytes(source.get(), static_cast<std::uint64_t>(info.st_size), to);
}

}  // namespace signet
