#include "store/embedded/data_folder.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

std::unexpected<Error> failure(std::string_view path, std::string_view doing, int number) {
  return std::unexpected(facts::service_failure(concat(
      "data folder ", path, ": cannot ", doing, ": ", std::generic_category().message(number))));
}

// The process id that the owner of the lock left in the file; "another process" if it cannot be
// read.
std::string owner_of(int fd) {
  std::array<char, 24> buffer{};
  const ssize_t size = pread(fd, buffer.data(), buffer.size(), 0);
  std::string_view text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!text.empty() && !is_digit(text.back())) {
    text.remove_suffix(1);
  }
  return text.empty() ? std::string("another process") : concat("process ", text);
}

// A new name in a folder is durable only when the folder itself was flushed.
Status flush_folder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return failure(path, "open", errno);
  }
  const int flushed = fsync(fd);
  const int number = errno;
  close(fd);
  if (flushed != 0) {
    return failure(path, "flush", number);
  }
  return {};
}

Status make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) {
    const std::size_t slash = path.find_last_of('/');
    return flush_folder(slash == std::string::npos ? "." : path.substr(0, slash == 0 ? 1 : slash));
  }
  if (errno != EEXIST) {
    return failure(path, "make it", errno);
  }
  return {};
}

Status make_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return failure(path, "open it for writing", errno);
  }
  close(fd);
  return {};
}

void leave_process_id(int fd) {
  const std::string text = concat(std::to_string(getpid()), "\n");
  if (ftruncate(fd, 0) == 0) {
    // Only for messages: a failure (full disk) does no harm.
    [[maybe_unused]] const ssize_t written = pwrite(fd, text.data(), text.size(), 0);
  }
}

}  // namespace

Result<DataFolder> DataFolder::open(const std::string& path) {
  TRY_STATUS(make_folder(path));
  const std::string lock_path = concat(path, "/lock");
  const int fd = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return failure(path, "write to it", errno);
  }
  DataFolder folder(path, fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return failure(path, "lock it", errno);
    }
    return std::unexpected(facts::service_failure(
        concat("data folder ", path, ": in use by ", owner_of(fd), "; stop it first")));
  }
  leave_process_id(fd);
  TRY_STATUS(make_file(folder.database_path()));
  TRY_STATUS(make_file(folder.log_path(0)));
  TRY_STATUS(make_file(folder.log_path(1)));
  TRY_STATUS(flush_folder(path));
  return folder;
}

DataFolder::DataFolder(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_fd_(std::exchange(other.lock_fd_, -1)) {}

DataFolder::~DataFolder() {
  if (lock_fd_ >= 0) {
    close(lock_fd_);
  }
}

std::string DataFolder::database_path() const {
  return concat(path_, "/signet.db");
}

std::string DataFolder::log_path(std::size_t number) const {
  return concat(path_, number == 0 ? "/signet.log.0" : "/signet.log.1");
}

}  // namespace signet::store
