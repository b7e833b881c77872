#include "objects/impl/index_file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "objects/impl/database.h"

namespace signet::objects::impl {

Status check_index_file(const std::string& path) {
  struct stat info{};
  const bool is_there = stat(path.c_str(), &info) == 0;
  if (is_there && info.st_size > 0) {
    return {};
  }
  return std::unexpected(
      storage_error(concat("the index of the objects, ",
                           path,
                           ", is ",
                           is_there ? "empty" : "missing",
                           ", but objects were stored here: restore the whole folder from a "
                           "backup")));
}

Status make_private_index(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  bool is_private = file.valid() && fchmod(file.get(), 0600) == 0;
  for (const char* suffix : {"-wal", "-shm"}) {
    is_private = is_private && (chmod(concat(path, suffix).c_str(), 0600) == 0 || errno == ENOENT);
  }
  return is_private ? Status()
                    : std::unexpected(storage_error(concat("the index of the objects, ",
                                                           path,
                                                           ", cannot be made private: ",
                                                           errno_text(errno))));
}

}  // namespace signet::objects::impl
