#include "store/embedded/log_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assertion.h"
#include "base/errno_text.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "store/embedded/log_record.h"

namespace signet::store {
namespace {

// Far above what any setting makes; keeps a foreign file from being read into memory.
constexpr std::size_t kSizeMax = std::size_t{256} << 20;

// Zeros in one go: writers wait that long.
constexpr std::size_t kFillStep = std::size_t{128} << 10;

constexpr mode_t kMode = 0600;

// O_DSYNC: a write that returns is durable.
constexpr int kFlags = O_RDWR | O_CLOEXEC | O_DSYNC;

// The part of `buffer` that begins at a multiple of kLogBlock and has `size` bytes, as writes past
// the page cache demand.
char* aligned_room(std::string& buffer, std::size_t size) {
  if (buffer.size() < size + kLogBlock) {
    buffer.resize(size + kLogBlock);
  }
  const auto address = reinterpret_cast<std::uintptr_t>(buffer.data());
  return buffer.data() + (kLogBlock - address % kLogBlock) % kLogBlock;
}

}  // namespace

LogFile::Fd::~Fd() {
  close(fd_);
}

Result<LogFile> LogFile::open(const std::string& path) {
  LogFile file = TRY(open(path, kFlags));
  TRY_STATUS(file.measure());
  return file;
}

Result<LogFile> LogFile::create(const std::string& path, const LogHeader& header) {
  LogFile file = TRY(open(path, kFlags | O_CREAT | O_TRUNC));
  TRY_STATUS(file.lengthen(header));
  return file;
}

Result<LogFile> LogFile::open(const std::string& path, int flags) {
  LogFile file;
  file.path_ = path;
  int fd = ::open(path.c_str(), flags | O_DIRECT, kMode);
  if (fd < 0 && errno == EINVAL) {
    fd = ::open(path.c_str(), flags, kMode);  // such as tmpfs of older kernels
  }
  if (fd < 0) {
    return file.failure("open the log", errno);
  }
  file.fd_ = std::make_unique<Fd>(fd);
  return file;
}

// Where the file ends, and where its first hole begins: what lies before was written. A file system
// that tells no holes says that there are none; room is then found when it is needed.
Status LogFile::measure() {
  struct stat info{};
  if (fstat(fd_->get(), &info) != 0) {
    return failure("look at the log", errno);
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  length_ = size < kLogBlock ? 0 : size - kLogBlock;
  const off_t hole = length_ == 0 ? -1 : lseek(fd_->get(), kLogBlock, SEEK_HOLE);
  const std::size_t end = hole < 0 ? size : static_cast<std::size_t>(hole);
  written_ = length_ == 0 ? 0 : (end - kLogBlock) / kLogBlock * kLogBlock;
  return {};
}

Result<std::optional<LogHeader>> LogFile::header() const {
  // Through the page cache: a cut file has any size, which reads past the cache do not take.
  const Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  std::string block(kLogBlock, '\0');
  const ssize_t got = fd.get() < 0 ? -1 : pread(fd.get(), block.data(), block.size(), 0);
  if (got < 0) {
    return failure("read the log", errno);
  }
  return read_log_header(std::string_view(block).substr(0, static_cast<std::size_t>(got)));
}

Status LogFile::lengthen(const LogHeader& header) {
  if (ftruncate(fd_->get(), static_cast<off_t>(kLogBlock + header.size)) != 0) {
    return failure("make the log", errno);
  }
  TRY_STATUS(write_raw(make_log_header(header), 0));
  // The length is not among what a write makes durable.
  if (fsync(fd_->get()) != 0) {
    return failure("flush the log", errno);
  }
  return measure();
}

Result<std::string> LogFile::read() const {
  const Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (fd.get() < 0 || fstat(fd.get(), &info) != 0) {
    return failure("open the log", errno);
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > kSizeMax) {
    return std::unexpected(
        facts::service_failure(concat("store ", path_, ": too long for a log of this program")));
  }
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got =
        pread(fd.get(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return failure("read the log", got < 0 ? errno : EIO);
    }
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

Status LogFile::append(std::string_view bytes) {
  SIGNET_ASSERT(bytes.size() % kLogBlock == 0);
  const std::size_t before = written_;
  const Status written = write(bytes, end_);
  if (!written) {
    is_tail_dirty_ = true;
    give_back(before);
    return written;
  }
  end_ += bytes.size();
  is_tail_dirty_ = false;
  return {};
}

Status LogFile::clean_tail() {
  if (is_tail_dirty_) {
    TRY_STATUS(write(std::string(kLogBlock, '\0'), end_));
    is_tail_dirty_ = false;
  }
  return {};
}

Status LogFile::fill(std::size_t size) {
  if (written_ >= size) {
    return {};
  }
  const std::size_t before = written_;
  const Status written = write(std::string(std::min(kFillStep, size - before), '\0'), before);
  if (!written) {
    give_back(before);
  }
  return written;
}

Status LogFile::write(std::string_view bytes, std::size_t at) {
  TRY_STATUS(write_raw(bytes, kLogBlock + at));
  written_ = std::max(written_, at + bytes.size());
  length_ = std::max(length_, written_);
  return {};
}

Status LogFile::write_raw(std::string_view bytes, std::size_t offset) {
  char* const room = aligned_room(buffer_, bytes.size());
  std::memcpy(room, bytes.data(), bytes.size());
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put =
        pwrite(fd_->get(), room + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (put < 0 && (errno == EINTR || (errno == EINVAL && go_through_cache()))) {
      continue;
    }
    if (put <= 0) {
      return failure("write the log", put < 0 ? errno : ENOSPC);
    }
    done += static_cast<std::size_t>(put);
  }
  return {};
}

// For file systems that open a file past the page cache but want larger blocks than ours. False:
// it was in use already.
bool LogFile::go_through_cache() {
  const int flags = fcntl(fd_->get(), F_GETFL);
  return flags >= 0 && (flags & O_DIRECT) != 0 &&
         fcntl(fd_->get(), F_SETFL, flags & ~O_DIRECT) == 0;
}

// What a failed write has taken of a full disk behind the first `written` bytes. Only room: its
// failure is no error.
void LogFile::give_back(std::size_t written) {
  if (length_ > written) {
    [[maybe_unused]] const int ignored = fallocate(fd_->get(),
                                                   FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                                   static_cast<off_t>(kLogBlock + written),
                                                   static_cast<off_t>(length_ - written));
  }
}

std::unexpected<Error> LogFile::failure(std::string_view doing, int number) const {
  const bool is_full = number == ENOSPC || number == EDQUOT || number == EFBIG;
  return std::unexpected(facts::service_failure(concat("store ",
                                                       path_,
                                                       ": cannot ",
                                                       doing,
                                                       ": ",
                                                       is_full ? "disk full, " : "",
                                                       errno_text(number))));
}

}  // namespace signet::store
