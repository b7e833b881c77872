#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "store/embedded/folder_marker.h"

namespace signet::store {

// A folder that this process owns for as long as the object lives (flock on its file "lock"; the
// kernel drops the lock when the process ends, however it ends).
class DataFolder {
 public:
  // Makes the folder (mode 0700) when missing, locks it, and makes an empty database file when this
  // is the first start. Files of ours that others may use are made private. Fails with
  // ServiceFailure and what to do: the folder is in use, holds something but no database of ours,
  // or is not ours to protect.
  [[nodiscard]] static Result<DataFolder> open(const std::string& path);

  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  [[nodiscard]] const std::string& path() const { return path_; }

  // Nothing was ever stored here: the database may be made.
  [[nodiscard]] bool is_first_start() const { return marker_ && marker_->store.empty(); }

  // False: the folder is of a program that wrote no marker.
  [[nodiscard]] bool has_marker() const { return marker_.has_value(); }

  // The database with this id is made and durable: from now on it must be there, and no other.
  // Fails where another one was noted before.
  [[nodiscard]] Status note_store(const std::string& id);

  [[nodiscard]] std::string database_path() const;
  // The two files of the commit log, 0 and 1.
  [[nodiscard]] std::string log_path(std::size_t number) const;

 private:
  DataFolder(std::string path, int lock_fd);

  [[nodiscard]] Status look();
  [[nodiscard]] Status begin();

  std::string path_;
  int lock_fd_ = -1;
  std::optional<FolderMarker> marker_;
};

}  // namespace signet::store
