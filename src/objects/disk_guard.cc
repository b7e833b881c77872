#include "objects/disk_guard.h"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"

namespace signet::objects {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

// The index's log grows by some pages for a deletion.
constexpr std::uint64_t kBallastMax = 2 * kMiB;
constexpr std::uint64_t kBallastShare = 32;  // of the file system, at most one in so many

}  // namespace

std::uint64_t default_reserve(std::uint64_t total) {
  constexpr std::uint64_t kTwentieth = 20;
  constexpr std::uint64_t kQuarter = 4;
  const std::uint64_t wanted = std::max(64 * kMiB, total / kTwentieth);
  return std::min({wanted, 1024 * kMiB, total / kQuarter});
}

Error no_room_error(std::string cause) {
  Error error = facts::make_error(ErrorCode::SlowDown);
  error.message =
      "The disk of this server is nearly full: objects are not stored until there is room.";
  error.cause = std::move(cause);
  return error;
}

std::uint64_t DiskGuard::reserve_of(const DiskState& state) const {
  if (!options_.is_on) {
    return 0;
  }
  return options_.reserve > 0 ? options_.reserve : default_reserve(state.total);
}

DiskState DiskGuard::look() const {
  struct statvfs info{};
  if (statvfs(options_.folder.c_str(), &info) != 0) {
    return {};
  }
  return {.total = std::uint64_t{info.f_blocks} * info.f_frsize,
          .free = std::uint64_t{info.f_bavail} * info.f_frsize};
}

// A file system that does not tell its size refuses nothing.
Status DiskGuard::admit(std::uint64_t bytes) const {
  if (!options_.is_on) {
    return {};
  }
  const DiskState state = look();
  const std::uint64_t reserve = reserve_of(state);
  if (state.total == 0 || state.free >= reserve + bytes) {
    return {};
  }
  return std::unexpected(no_room_error(concat("disk below its reserve: ",
                                              std::to_string(state.free),
                                              " bytes free, ",
                                              std::to_string(reserve),
                                              " are kept")));
}

std::string DiskGuard::ballast_path() const {
  return options_.folder + "/ballast";
}

void DiskGuard::keep_ballast() const {
  const std::string path = ballast_path();
  const std::uint64_t size = std::min(kBallastMax, look().total / kBallastShare);
  struct stat present{};
  const bool is_there =
      stat(path.c_str(), &present) == 0 && static_cast<std::uint64_t>(present.st_size) >= size;
  if (!options_.is_on || is_there || !admit(size)) {
    return;
  }
  constexpr mode_t kOwnerOnly = 0600;
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly));
  // Whether or not it could be made in full: what is there helps.
  if (fd.valid()) {
    static_cast<void>(posix_fallocate(fd.get(), 0, static_cast<off_t>(size)));
  }
}

void DiskGuard::release_ballast() const {
  ::unlink(ballast_path().c_str());
}

}  // namespace signet::objects
