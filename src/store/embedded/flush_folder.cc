#include "store/embedded/flush_folder.h"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

std::unexpected<Error> failure(const std::string& path, std::string_view doing, int number) {
  return std::unexpected(facts::service_failure(
      concat("data folder ", path, ": cannot ", doing, ": ", errno_text(number))));
}

}  // namespace

Status flush_folder(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return failure(path, "open", errno);
  }
  return fsync(fd.get()) == 0 ? Status() : failure(path, "flush", errno);
}

}  // namespace signet::store
