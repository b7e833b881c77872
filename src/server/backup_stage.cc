#include "server/backup_stage.h"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include <sys/stat.h>

#include "base/errno_text.h"
#include "base/place_file.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "identity/data_keys.h"
#include "objects/moment.h"
#include "server/backup_lock.h"
#include "store/embedded/folder_marker.h"
#include "store/moment.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

std::string staging_folder(const std::string& data_folder) {
  return data_folder + "/backup.staging";
}

Result<StagedBackup> stage_backup(const BackupSource& source) {
  const std::string staging = staging_folder(source.data_folder);
  std::error_code error;
  fs::remove_all(staging, error);
  TRY_STATUS(make_folder(staging));
  std::unique_ptr<store::Moment> state;
  const auto hold_state = [&]() -> Status {
    state = TRY(source.store.hold_moment());
    return {};
  };
  const std::unique_ptr<objects::Moment> objects = TRY(source.objects.hold_moment(hold_state));
  TRY_STATUS(state->write_to(staging + "/signet.db"));
  const objects::Moment::Copied copied = TRY(objects->copy_to(staging + "/objects"));
  TRY_STATUS(source.audit.copy_to(staging + "/audit.jsonl"));
  TRY_STATUS(stage_policies(source.data_folder + "/policies", staging + "/policies"));
  const auto marker = TRY(store::read_folder_marker(source.data_folder));
  TRY_STATUS(store::write_folder_marker(staging, marker.value_or(store::FolderMarker())));
  return StagedBackup{.objects = copied.objects,
                      .bytes = copied.bytes,
                      .master_key = TRY(identity::master_key_id_of(source.store))};
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
