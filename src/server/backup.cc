#include "server/backup.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "identity/data_keys.h"
#include "server/backup_files.h"
#include "server/backup_stage.h"
#include "server/master_key.h"
#include "server/operator.h"
#include "store/embedded/folder_marker.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKeyName = "master.key";
constexpr const char* kDatabaseName = "signet.db";

std::string manifest_of(const std::string& folder) {
  return concat(folder, "/", store::kBackupManifestName);
}

std::string unfinished_of(const std::string& folder) {
  return concat(folder, "/", store::kUnfinishedBackupName);
}

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}

Result<std::string> read_whole_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return in ? Result<std::string>(std::move(text)) : backup_failure("read", path, "I/O error");
}

// Every file below a folder, as paths below it, in order.
Result<std::vector<std::string>> files_below(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_regular_file(error)) {
      paths.push_back(entry->path().lexically_relative(folder).string());
    }
  }
  if (error) {
    return backup_failure("read", folder, error.message());
  }
  std::ranges::sort(paths);
  return paths;
}

// The key that the secrets of a backup are under, from wherever it is given.
Result<Secret> key_for(const RestoreWishes& wishes, const BackupHead& head, Random& random) {
  if (!wishes.master_key_file.empty()) {
    return read_master_key(wishes.master_key_file);
  }
  if (head.has_master_key) {
    return read_master_key(concat(wishes.backup, "/", kKeyName));
  }
  // A folder without a key file: the environment's key, or none.
  auto key = load_master_key(wishes.backup, MissingKey::Refuse, random);
  if (key) {
    return key;
  }
  return refuse(concat("the backup ",
                       wishes.backup,
                       " is without its master key (id ",
                       head.master_key,
                       "): give the file with --master-key FILE, or the key in SIGNET_MASTER_KEY"));
}

Status check_key(const Secret& key, const BackupHead& head) {
  const std::string id = identity::master_key_id(key);
  if (id == head.master_key) {
    return {};
  }
  return refuse(concat("the master key that was given has the id ",
                       id,
                       ", but the backup's secrets are under the key ",
                       head.master_key));
}

}  // namespace

Status check_backup_target(const std::string& data_folder, const std::string& target) {
  std::error_code error;
  if (is_backup(target)) {
    const bool is_finished = is_there(manifest_of(target));
    return refuse(concat(target,
                         is_finished ? " holds a backup already"
                                     : " holds a backup that was not finished: remove it",
                         "; name another folder"));
  }
  const bool is_free = !fs::exists(target, error) || fs::is_empty(target, error);
  if (error || !is_free) {
    return refuse(concat(target,
                         ": ",
                         error ? error.message() : std::string("not empty"),
                         "; name a folder that is empty or not there"));
  }
  const fs::path inner = fs::weakly_canonical(target, error);
  const fs::path outer = fs::weakly_canonical(data_folder, error);
  const auto [end, rest] = std::ranges::mismatch(outer, inner);
  if (error || end == outer.end()) {
    return refuse(concat(target, " lies in the data folder; name a place outside of it"));
  }
  return {};
}

Result<BackupManifest> take_backup(const std::string& data_folder,
                                   const BackupWishes& wishes,
                                   BackupHead head) {
  const std::string staging = staging_folder(data_folder);
  TRY_STATUS(make_empty_folder(wishes.target));
  TRY_STATUS(write_new_file(unfinished_of(wishes.target), ""));
  BackupManifest manifest{.head = std::move(head), .files = {}};
  FolderFiller filler(staging, wishes.target);
  const std::vector<std::string> paths = TRY(files_below(staging));
  for (const std::string& path : paths) {
    const Placing how = wishes.copies_objects ? Placing::Copy : Placing::Link;
    manifest.files.push_back(TRY(filler.take(path, how)));
  }
  if (wishes.takes_master_key) {
    FolderFiller keys(data_folder, wishes.target);
    manifest.files.push_back(TRY(keys.take(kKeyName, Placing::Copy)));
  }
  TRY_STATUS(filler.flush());
  const std::string fresh = manifest_of(wishes.target) + ".new";
  TRY_STATUS(write_new_file(fresh, manifest_text(manifest)));
  if (std::rename(fresh.c_str(), manifest_of(wishes.target).c_str()) != 0) {
    return backup_failure("finish", wishes.target, errno_text(errno));
  }
  ::unlink(unfinished_of(wishes.target).c_str());
  TRY_STATUS(filler.flush());
  return manifest;
}

bool is_backup(const std::string& folder) {
  return is_there(manifest_of(folder)) || is_there(unfinished_of(folder));
}

Result<BackupManifest> read_backup(const std::string& folder) {
  if (!is_there(manifest_of(folder))) {
    return refuse(concat(
        folder,
        is_there(unfinished_of(folder))
            ? " is a backup that was not finished: remove it, and take another one"
            : concat(" is no backup: the file ", store::kBackupManifestName, " is missing")));
  }
  const std::string text = TRY(read_whole_file(manifest_of(folder)));
  return parse_manifest(text);
}

std::size_t verify_backup(const std::string& folder,
                          const BackupManifest& manifest,
                          const std::function<void(std::string_view)>& show) {
  std::size_t wrong = 0;
  for (const BackupFile& file : manifest.files) {
    const Result<BackupFile> found = digest_of(folder, file.path);
    if (!found) {
      show(found.error().cause);
    } else if (*found != file) {
      show(concat(folder,
                  "/",
                  file.path,
                  found->size == file.size ? " is not what was stored: its digest differs"
                                           : " is not what was stored: its size differs"));
    } else {
      continue;
    }
    wrong += 1;
  }
  return wrong;
}

Status restore_backup(const Options& options,
                      const RestoreWishes& wishes,
                      const BackupManifest& manifest,
                      Random& random) {
  const std::string& target = options.data_folder;
  const Secret key = TRY(key_for(wishes, manifest.head, random));
  TRY_STATUS(check_key(key, manifest.head));
  TRY_STATUS(make_empty_folder(target));
  const std::string unfinished = concat(target, "/", store::kUnfinishedRestoreName);
  TRY_STATUS(write_new_file(unfinished, ""));
  FolderFiller filler(wishes.backup, target);
  for (const BackupFile& file : manifest.files) {
    // The database comes last: without it no program takes the folder for one.
    if (file.path != kDatabaseName && TRY(filler.take(file.path, Placing::Copy)) != file) {
      return backup_failure("restore", file.path, "it changed meanwhile");
    }
  }
  if (!manifest.head.has_master_key && !wishes.master_key_file.empty()) {
    TRY_STATUS(write_master_key(concat(target, "/", kKeyName), key));
  }
  TRY_STATUS(filler.make_folder("objects/data"));  // empty where there were no objects
  TRY_STATUS(filler.take(kDatabaseName, Placing::Copy));
  TRY_STATUS(filler.flush());
  TRY_STATUS(record_act(options,
                        "RestoreBackup",
                        concat("restored the backup ",
                               wishes.backup,
                               " of ",
                               manifest.head.source,
                               ", made ",
                               manifest.head.made)));
  if (::unlink(unfinished.c_str()) != 0) {
    return backup_failure("finish", target, errno_text(errno));
  }
  return filler.flush();
}

}  // namespace signet::server
