#include "http/unique_fd.h"

#include <unistd.h>

namespace signet::http {

void UniqueFd::reset() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

}  // namespace signet::http
