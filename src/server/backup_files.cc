#include "server/backup_files.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "crypto/sha256.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kOwnerOnly = 0700;

Status flush_folder(const std::string& path) {
  const int failed = sync_folder(path);
  return failed == 0 ? Status() : backup_failure("flush", path, errno_text(failed));
}

}  // namespace

std::unexpected<Error> backup_failure(std::string_view doing,
                                      std::string_view path,
                                      std::string_view why) {
  return std::unexpected(facts::service_failure(concat("cannot ", doing, " ", path, ": ", why)));
}

FolderFiller::FolderFiller(std::string source, std::string target)
    : source_(std::move(source)), target_(std::move(target)), folders_{target_} {}

Status FolderFiller::make_folders(const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    std::string folder = concat(target_, "/", std::string_view(path).substr(0, slash));
    if (folders_.contains(folder)) {
      continue;
    }
    if (::mkdir(folder.c_str(), kOwnerOnly) != 0 && errno != EEXIST) {
      return backup_failure("make", folder, errno_text(errno));
    }
    folders_.insert(std::move(folder));
  }
  return {};
}

Result<BackupFile> FolderFiller::take(const std::string& path, Placing how) {
  TRY_STATUS(make_folders(path));
  const std::string from = concat(source_, "/", path);
  if (const int failed = place_file(from, concat(target_, "/", path), how); failed != 0) {
    return backup_failure("copy", from, errno_text(failed));
  }
  return digest_of(target_, path);
}

Status FolderFiller::flush() {
  for (const std::string& folder : folders_) {
    TRY_STATUS(flush_folder(folder));
  }
  return {};
}

Result<BackupFile> digest_of(const std::string& folder, const std::string& path) {
  const std::string whole = concat(folder, "/", path);
  const UniqueFd fd(::open(whole.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) {
    return backup_failure("read", whole, errno_text(errno));
  }
  BackupFile file{.path = path, .size = 0, .sha256 = std::string(64, '0')};
  crypto::Sha256 digest;
  std::string buffer(256UL << 10, '\0');
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return backup_failure("read", whole, errno_text(errno));
    }
    if (got == 0) {
      break;
    }
    digest.update(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    file.size += static_cast<std::uint64_t>(got);
  }
  crypto::write_hex(digest.finish(), file.sha256.data());
  return file;
}

Status write_new_file(const std::string& path, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid() || (errno = write_all(fd.get(), text)) != 0 || ::fsync(fd.get()) != 0) {
    return backup_failure("write", path, errno_text(errno));
  }
  const std::string folder = fs::path(path).parent_path().string();
  return flush_folder(folder.empty() ? "." : folder);
}

Status make_empty_folder(const std::string& path) {
  if (::mkdir(path.c_str(), kOwnerOnly) == 0) {
    const std::string folder = fs::path(path).parent_path().string();
    return flush_folder(folder.empty() ? "." : folder);
  }
  if (errno != EEXIST) {
    return backup_failure("make", path, errno_text(errno));
  }
  std::error_code error;
  const bool is_empty = fs::is_empty(path, error);
  if (error || !is_empty) {
    return backup_failure("use", path, error ? error.message() : std::string("it is not empty"));
  }
  return {};
}

}  // namespace signet::server
