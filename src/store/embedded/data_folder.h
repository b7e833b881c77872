#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace signet::store {

// A folder that this process owns for as long as the object lives (flock on its file "lock"; the
// kernel drops the lock when the process ends, however it ends).
class DataFolder {
 public:
  // Makes the folder (mode 0700) when missing, locks it, and makes the database and log files (mode
  // 0600) when missing.
  [[nodiscard]] static Result<DataFolder> open(const std::string& path);

  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] std::string database_path() const;
  // The two files of the commit log, 0 and 1.
  [[nodiscard]] std::string log_path(std::size_t number) const;

 private:
  DataFolder(std::string path, int lock_fd);

  std::string path_;
  int lock_fd_ = -1;
};

}  // namespace signet::store
