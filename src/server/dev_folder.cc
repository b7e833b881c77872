#include "server/dev_folder.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "signet-dev.";
constexpr int kAttempts = 16;

// The folder, locked; not valid where it is not ours, is in use, or is gone by now.
UniqueFd lock_folder(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat held{};
  if (!fd.valid() || fstat(fd.get(), &held) != 0 || held.st_uid != geteuid() ||
      flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return {};
  }
  struct stat named{};
  const bool is_same = lstat(path.c_str(), &named) == 0 && named.st_dev == held.st_dev &&
                       named.st_ino == held.st_ino;
  return is_same ? std::move(fd) : UniqueFd();
}

void remove_leftovers(const std::string& parent) {
  std::error_code error;
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(kPrefix)) {
      continue;
    }
    const UniqueFd lock = lock_folder(entry->path().string());
    if (lock.valid()) {
      std::error_code ignored;
      fs::remove_all(entry->path(), ignored);
    }
  }
}

}  // namespace

Result<DevFolder> DevFolder::make(const std::string& parent) {
  remove_leftovers(parent);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string path = concat(parent, "/", kPrefix, "XXXXXX");
    if (mkdtemp(path.data()) == nullptr) {
      return std::unexpected(facts::service_failure(
          concat("cannot make a folder for objects in ", parent, ": ", errno_text(errno))));
    }
    // Another server that cleans up may be quicker than the lock.
    UniqueFd lock = lock_folder(path);
    if (lock.valid()) {
      return DevFolder(std::move(path), std::move(lock));
    }
  }
  return std::unexpected(facts::service_failure(
      concat("cannot lock a folder for objects in ", parent, ": others remove it")));
}

DevFolder::DevFolder(std::string path, UniqueFd lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

DevFolder::DevFolder(DevFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

DevFolder::~DevFolder() {
  if (!path_.empty()) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
}

}  // namespace signet::server
