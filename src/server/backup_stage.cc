#include "server/backup_stage.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include <sys/stat.h>

#include "base/errno_text.h"
#include "base/place_file.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "identity/data_keys.h"
#include "objects/moment.h"
#include "server/backup_lock.h"
#include "server/state_copy.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/folder_marker.h"
#include "store/moment.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDatabaseName = "signet.db";

std::unexpected<Error> failure(std::string_view doing,
                               const std::string& path,
                               std::string_view why) {
  return std::unexpected(
      facts::service_failure(concat("backup: cannot ", doing, " ", path, ": ", why)));
}

Status make_folder(const std::string& path) {
  constexpr mode_t kOwnerOnly = 0700;
  return ::mkdir(path.c_str(), kOwnerOnly) == 0 ? Status()
                                                : failure("make", path, errno_text(errno));
}

// The imported policies, as they are when a server starts.
Status stage_policies(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::exists(from, error)) {
    return {};
  }
  TRY_STATUS(make_folder(to.string()));
  fs::directory_iterator entry(from, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string path = entry->path().string();
    const int failed = place_file(path, (to / entry->path().filename()).string(), Placing::Link);
    if (failed != 0) {
      return failure("copy", path, errno_text(failed));
    }
  }
  return error ? failure("read", from.string(), error.message()) : Status();
}

// What the cluster has, as a database of one machine, and its id in the marker.
Status stage_cluster(const BackupSource& source,
                     const std::string& staging,
                     store::FolderMarker& marker,
                     StagedBackup& staged) {
  const std::string folder = staging + "/state";  // whose lock and log no backup has
  {
    const auto database = TRY(store::open_embedded_store({.folder = folder}));
    StateCopy copy(*database);
    const StateSums read = TRY(copy.take(source.store));
    TRY_STATUS(copy.finish());
    const StateSums written = TRY(sum_up(*database));
    if (written.digest != read.digest || written.records != read.records) {
      return failure("make", folder, "what was written is not what the cluster holds");
    }
    staged.records = read.records;
    staged.digest = read.digest;
  }
  const auto made = TRY(store::read_folder_marker(folder));
  marker.store = made ? made->store : std::string();
  const std::string placed = concat(staging, "/", kDatabaseName);
  if (std::rename(concat(folder, "/", kDatabaseName).c_str(), placed.c_str()) != 0) {
    return failure("make", placed, errno_text(errno));
  }
  std::error_code error;
  fs::remove_all(folder, error);
  // Whatever this node committed before is in its trail once a later write has come to its end.
  TRY_STATUS(source.directory.apply(
      [](const identity::Snapshot&, identity::Transaction&) { return Status(); }));
  return error ? failure("remove", folder, error.message()) : Status();
}

}  // namespace

std::string staging_folder(const std::string& data_folder) {
  return data_folder + "/backup.staging";
}

Result<StagedBackup> stage_backup(const BackupSource& source) {
  const std::string staging = staging_folder(source.data_folder);
  std::error_code error;
  fs::remove_all(staging, error);
  TRY_STATUS(make_folder(staging));
  store::FolderMarker marker =
      TRY(store::read_folder_marker(source.data_folder)).value_or(store::FolderMarker());
  StagedBackup staged;
  std::unique_ptr<objects::Moment> objects;
  if (source.directory.is_shared()) {
    // Objects first: none is missing of a bucket that is there then. Of one that is deleted with
    // its account meanwhile some are left, which nobody sees.
    objects = TRY(source.objects.hold_moment([] { return Status(); }));
    TRY_STATUS(stage_cluster(source, staging, marker, staged));
  } else {
    std::unique_ptr<store::Moment> state;
    const auto hold_state = [&]() -> Status {
      state = TRY(source.store.hold_moment());
      return {};
    };
    objects = TRY(source.objects.hold_moment(hold_state));
    TRY_STATUS(state->write_to(concat(staging, "/", kDatabaseName)));
  }
  const objects::Moment::Copied copied = TRY(objects->copy_to(staging + "/objects"));
  staged.objects = copied.objects;
  staged.bytes = copied.bytes;
  TRY_STATUS(source.audit.copy_to(staging + "/audit.jsonl"));
  TRY_STATUS(stage_policies(source.data_folder + "/policies", staging + "/policies"));
  TRY_STATUS(store::write_folder_marker(staging, marker));
  staged.master_key = TRY(identity::master_key_id_of(source.store));
  return staged;
}

void remove_stale_staging(const std::string& data_folder) {
  std::error_code error;
  if (!fs::exists(staging_folder(data_folder), error)) {
    return;
  }
  const auto lock = BackupLock::take(data_folder);
  if (lock) {
    fs::remove_all(staging_folder(data_folder), error);
  }
}

}  // namespace signet::server
