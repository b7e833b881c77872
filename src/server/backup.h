#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "server/backup_manifest.h"
#include "server/options.h"

namespace signet::server {

// A backup is a folder with what a data folder holds and the file signet.backup, which comes last:
// a folder without it is no backup (docs/formats/backup.md). These run in the process of the
// operator.

struct BackupWishes {
  std::string target;           // absent or empty
  bool copies_objects = false;  // files of their own, also where a link would do
  bool takes_master_key = false;
};

// Refuses a target that is not absent or empty, or lies in the data folder. Nothing is changed.
[[nodiscard]] Status check_backup_target(const std::string& data_folder, const std::string& target);

// Takes what stage_backup() left to the target. `head` says what stands in the manifest.
[[nodiscard]] Result<BackupManifest> take_backup(const std::string& data_folder,
                                                 const BackupWishes& wishes,
                                                 BackupHead head);

// Whether a folder is a backup, finished or not.
[[nodiscard]] bool is_backup(const std::string& folder);

// The manifest of a finished backup. InvalidInput: it is none.
[[nodiscard]] Result<BackupManifest> read_backup(const std::string& folder);

// Compares every file with its digest; `show` is told of each that differs. How many do.
[[nodiscard]] std::size_t verify_backup(const std::string& folder,
                                        const BackupManifest& manifest,
                                        const std::function<void(std::string_view)>& show);

struct RestoreWishes {
  std::string backup;
  std::string master_key_file;  // for a backup without one; empty: SIGNET_MASTER_KEY
};

// Makes the data folder options.data_folder, absent or empty, of a backup whose files were
// verified. A restore that was interrupted leaves a folder that no command takes for a data folder.
[[nodiscard]] Status restore_backup(const Options& options,
                                    const RestoreWishes& wishes,
                                    const BackupManifest& manifest,
                                    Random& random);

}  // namespace signet::server
