#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace signet::store {

// The file signet.folder of a data folder: which parts were made, so that one that is missing is
// not taken for a first start (docs/formats/store.md). Read and written by the process that holds
// the folder.
struct FolderMarker {
  std::string store;       // id of the database, in hexadecimal; empty: it was not made yet
  std::string objects;     // id of the index of objects, in hexadecimal; empty: it was not made yet
  bool has_audit = false;  // an audit trail was begun here

  bool operator==(const FolderMarker&) const = default;
};

inline constexpr const char* kFolderMarkerName = "signet.folder";

// Files that show a folder to be something else: a backup, finished or not, or a restore that was
// not finished. No command takes such a folder for a data folder.
inline constexpr const char* kBackupManifestName = "signet.backup";
inline constexpr const char* kUnfinishedBackupName = "signet.backup.unfinished";
inline constexpr const char* kUnfinishedRestoreName = "signet.restore.unfinished";

// Nothing: there is no such file. ServiceFailure where it cannot be read or holds something else.
[[nodiscard]] Result<std::optional<FolderMarker>> read_folder_marker(const std::string& folder);

// Replaces it as a whole, durably.
[[nodiscard]] Status write_folder_marker(const std::string& folder, const FolderMarker& marker);

// Refuses a folder that one of these files shows to be something else, and says what.
[[nodiscard]] Status check_folder_purpose(const std::string& folder);

}  // namespace signet::store
