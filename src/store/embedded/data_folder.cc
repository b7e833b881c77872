#include "store/embedded/data_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "store/embedded/flush_folder.h"

namespace signet::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockName = "lock";
constexpr std::size_t kNamesShown = 6;
constexpr mode_t kOthers = 077;

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

// Names in the folder that tell of use, in order.
Result<std::vector<std::string>> names_in(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name != kLockName && name != "lost+found" && name != concat(kFolderMarkerName, ".new")) {
      names.push_back(std::move(name));
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return failure(path, "look into it", error.value());
  }
  std::ranges::sort(names);
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) {
    text += concat(i == 0 ? "" : ", ", names[i]);
  }
  return names.size() > kNamesShown ? text + ", ..." : text;
}

// Makes a file or folder of ours private.
Status make_private(const std::string& path) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? Status() : failure(path, "look at it", errno);
  }
  const bool is_ours_to_change = S_ISREG(info.st_mode) || S_ISDIR(info.st_mode);
  if (!is_ours_to_change || (info.st_mode & kOthers) == 0) {
    return {};
  }
  if (chmod(path.c_str(), info.st_mode & 0700U) != 0) {
    return std::unexpected(
        facts::service_failure(concat("data folder: others may use ",
                                      path,
                                      ", and that cannot be changed: ",
                                      std::generic_category().message(errno),
                                      "; give the file to the user who runs the server, mode ",
                                      S_ISDIR(info.st_mode) ? "0700" : "0600")));
  }
  log(LogLevel::Warning, "permissions_tightened", {{"path", path}});
  return {};
}

// The folder, and what lies in it. Files below its folders are behind these.
Status make_all_private(const std::string& path) {
  TRY_STATUS(make_private(path));
  for (const std::string& name : TRY(names_in(path))) {
    // A key that others could read is for its owner to judge: whoever reads it refuses it.
    if (name != "master.key") {
      TRY_STATUS(make_private(concat(path, "/", name)));
    }
  }
  return make_private(concat(path, "/", kLockName));
}

}  // namespace

Result<DataFolder> DataFolder::open(const std::string& path) {
  TRY_STATUS(make_folder(path));
  DataFolder folder(path, -1);
  const std::string lock_path = concat(path, "/", kLockName);
  if (access(lock_path.c_str(), F_OK) != 0) {
    TRY_STATUS(folder.look());  // before anything is left in a folder that is not ours
  }
  const int fd = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return failure(path, "write to it", errno);
  }
  folder.lock_fd_ = fd;
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return failure(path, "lock it", errno);
    }
    return std::unexpected(facts::service_failure(
        concat("data folder ", path, ": in use by ", owner_of(fd), "; stop it first")));
  }
  leave_process_id(fd);
  TRY_STATUS(folder.look());
  TRY_STATUS(make_all_private(path));
  TRY_STATUS(folder.begin());
  return folder;
}

// Whether what lies here can be opened, or begun.
Status DataFolder::look() {
  TRY_STATUS(check_folder_purpose(path_));
  marker_ = TRY(read_folder_marker(path_));
  struct stat info{};
  const bool is_there = stat(database_path().c_str(), &info) == 0;
  const bool has_database = is_there && info.st_size > 0;
  const std::vector<std::string> names = TRY(names_in(path_));
  if (has_database || names.empty() || is_first_start()) {
    return {};
  }
  return std::unexpected(facts::service_failure(
      concat("data folder ",
             path_,
             ": signet.db is ",
             is_there ? "empty" : "missing",
             ", but the folder is not new (it holds ",
             listed(names),
             "): restore the whole folder from a backup, or name another folder to start anew")));
}

// Leaves what a first start needs.
Status DataFolder::begin() {
  struct stat info{};
  if (stat(database_path().c_str(), &info) == 0 && !is_first_start()) {
    return {};
  }
  if (!marker_) {
    TRY_STATUS(write_folder_marker(path_, {}));
    marker_ = FolderMarker();
  }
  TRY_STATUS(make_file(database_path()));
  return flush_folder(path_);
}

Status DataFolder::note_store(const std::string& id) {
  FolderMarker marker = marker_.value_or(FolderMarker());
  if (marker.store == id) {
    return {};
  }
  if (!marker.store.empty()) {
    return std::unexpected(facts::service_failure(
        concat("data folder ",
               path_,
               ": signet.db is the database of another folder: restore the whole folder from a "
               "backup")));
  }
  marker.store = id;
  TRY_STATUS(write_folder_marker(path_, marker));
  marker_ = marker;
  return {};
}

DataFolder::DataFolder(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)),
      lock_fd_(std::exchange(other.lock_fd_, -1)),
      marker_(other.marker_) {}

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
