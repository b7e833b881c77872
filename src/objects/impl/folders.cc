#include "objects/impl/folders.h"

#include <cerrno>

#include <sys/stat.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "objects/disk_guard.h"
#include "objects/impl/database.h"

namespace signet::objects::impl {

Error file_error(std::string_view doing, std::string_view path) {
  const int number = errno;
  std::string cause = concat(doing, " ", path, ": ", errno_text(number));
  const bool is_full = number == ENOSPC || number == EDQUOT;
  return is_full ? no_room_error(std::move(cause)) : storage_error(std::move(cause));
}

Status make_folder(const std::string& path) {
  constexpr mode_t kOwnerOnly = 0700;
  if (mkdir(path.c_str(), kOwnerOnly) == 0 || errno == EEXIST) {
    return {};
  }
  return std::unexpected(file_error("make folder", path));
}

}  // namespace signet::objects::impl
