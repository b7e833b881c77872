#include "server/upgrade.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>

#include "base/errno_text.h"
#include "base/place_file.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"
#include "identity/record.h"
#include "identity/schema.h"
#include "objects/object_store.h"
#include "server/folder_parts.h"
#include "server/object_options.h"
#include "server/state.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/folder_marker.h"
#include "store/embedded/sqlite.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failure(std::string cause) {
  return std::unexpected(facts::service_failure(std::move(cause)));
}

// A folder that goes with its owner.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make() {
    std::error_code error;
    const fs::path parent = fs::temp_directory_path(error);
    std::string name = (parent / "signet-upgrade-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr) {
      return failure(
          concat("cannot make a temporary folder ", name, " (TMPDIR names another place)"));
    }
    return TemporaryFolder(std::move(name));
  }

  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  ~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty()) {
      fs::remove_all(path_, error);
    }
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

// Nobody changes the folder as long as this is held.
Result<UniqueFd> lock_folder(const std::string& folder) {
  UniqueFd fd(::open((folder + "/lock").c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.valid() && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0) {
    return failure(concat("data folder ", folder, ": in use by another process; stop it first"));
  }
  return fd;
}

Status copy_there(const std::string& from, const std::string& to, std::string_view name) {
  std::error_code error;
  const std::string source = concat(from, "/", name);
  if (!fs::exists(source, error)) {
    return {};
  }
  const int failed = place_file(source, concat(to, "/", name), Placing::Copy);
  return failed == 0 ? Status() : failure(concat("cannot copy ", source, ": ", errno_text(failed)));
}

Result<std::int64_t> layout_of(const std::string& database) {
  store::Connection connection = TRY(store::Connection::open(database));
  return connection.number("PRAGMA user_version");
}

Status plan_store(const std::string& copy, std::vector<PartVersion>& parts) {
  const std::string database = copy + "/signet.db";
  const std::int64_t layout = TRY(layout_of(database));
  std::uint32_t records = 0;
  {
    const auto store = TRY(store::open_embedded_store({.folder = copy}));
    records = TRY(identity::schema_of(*store));
  }
  if (records > identity::kSchemaVersion) {
    return failure(concat("the records have version ",
                          std::to_string(records),
                          ", but this program knows versions up to ",
                          std::to_string(identity::kSchemaVersion),
                          ": run a newer program"));
  }
  parts.push_back({.part = "database", .found = layout, .becomes = TRY(layout_of(database))});
  parts.push_back({.part = "records", .found = records, .becomes = identity::kSchemaVersion});
  return {};
}

Status plan_index(const std::string& copy, Random& random, std::vector<PartVersion>& parts) {
  const std::string index = copy + "/index.db";
  std::error_code error;
  if (!fs::exists(index, error)) {
    return {};
  }
  const std::int64_t found = TRY(layout_of(index));
  TRY_STATUS(objects::ObjectStore::open({.folder = copy, .is_durable = false}, random));
  parts.push_back({.part = "index of objects", .found = found, .becomes = TRY(layout_of(index))});
  return {};
}

}  // namespace

Result<std::vector<PartVersion>> plan_upgrade(const Options& options, Random& random) {
  const UniqueFd lock = TRY(lock_folder(options.data_folder));
  TRY_STATUS(check_parts(options));
  const TemporaryFolder copy = TRY(TemporaryFolder::make());
  for (const std::string_view name :
       {"signet.folder", "signet.db", "signet.db-wal", "signet.log.0", "signet.log.1"}) {
    TRY_STATUS(copy_there(options.data_folder, copy.path(), name));
  }
  std::vector<PartVersion> parts;
  if (Status planned = plan_store(copy.path(), parts); !planned) {
    // Not where it was tried, but what it was tried for.
    std::string& cause = planned.error().cause;
    if (const std::size_t at = cause.find(copy.path()); at != std::string::npos) {
      cause.replace(at, copy.path().size(), options.data_folder);
    }
    return std::unexpected(std::move(planned).error());
  }
  const TemporaryFolder objects = TRY(TemporaryFolder::make());
  for (const std::string_view name : {"index.db", "index.db-wal"}) {
    TRY_STATUS(copy_there(options.data_folder + "/objects", objects.path(), name));
  }
  TRY_STATUS(plan_index(objects.path(), random, parts));
  return parts;
}

Status upgrade_folder(const Options& options, Random& random) {
  const State state = TRY(open_state(options, random));
  const auto marker = TRY(store::read_folder_marker(options.data_folder));
  const std::string objects = options.data_folder + "/objects";
  std::error_code error;
  if (!fs::exists(objects, error)) {
    return {};
  }
  objects::ObjectStore::Options wanted = object_options(options, objects, state.object_keys);
  wanted.id = marker ? marker->objects : std::string();
  TRY_STATUS(objects::ObjectStore::open(std::move(wanted), random));
  return {};
}

}  // namespace signet::server
