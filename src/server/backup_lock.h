#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace signet::server {

// Held by the process that takes a backup of a data folder, from before anything is staged until it
// has been taken away: one at a time.
class BackupLock {
 public:
  // Refuses while another process has it.
  [[nodiscard]] static Result<BackupLock> take(const std::string& data_folder);

 private:
  explicit BackupLock(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace signet::server
