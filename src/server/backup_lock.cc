#include "server/backup_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::server {

Result<BackupLock> BackupLock::take(const std::string& data_folder) {
  // On the folder itself: a folder that is refused afterwards has nothing new in it.
  UniqueFd fd(::open(data_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
    return BackupLock(std::move(fd));
  }
  return std::unexpected(facts::service_failure(
      errno == EWOULDBLOCK
          ? concat("another backup of ", data_folder, " is under way")
          : concat("cannot lock the folder ", data_folder, ": ", errno_text(errno))));
}

}  // namespace signet::server
