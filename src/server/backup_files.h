#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "base/place_file.h"
#include "base/result.h"
#include "server/backup_manifest.h"

namespace signet::server {

// Takes files from one folder to another, each with its digest, and makes all of it durable in the
// end.
class FolderFiller {
 public:
  // `target` is there.
  FolderFiller(std::string source, std::string target);

  // Takes one file to the same place in the target, and answers its size and digest there.
  [[nodiscard]] Result<BackupFile> take(const std::string& path, Placing how);

  // Makes a folder in the target, unless it is there.
  [[nodiscard]] Status make_folder(const std::string& path) { return make_folders(path + "/"); }

  // The names of all that was taken are on the disk.
  [[nodiscard]] Status flush();

 private:
  [[nodiscard]] Status make_folders(const std::string& path);

  std::string source_;
  std::string target_;
  std::set<std::string> folders_;
};

// Size and digest of a file below a folder, as it lies there.
[[nodiscard]] Result<BackupFile> digest_of(const std::string& folder, const std::string& path);

// A new file, durable with its name; mode 0600.
[[nodiscard]] Status write_new_file(const std::string& path, std::string_view text);

// Absent, or a folder without anything in it: made if it is absent.
[[nodiscard]] Status make_empty_folder(const std::string& path);

[[nodiscard]] std::unexpected<Error> backup_failure(std::string_view doing,
                                                    std::string_view path,
                                                    std::string_view why);

}  // namespace signet::server
