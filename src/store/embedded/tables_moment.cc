#include "store/embedded/tables_moment.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"
#include "store/embedded/sqlite.h"
#include "store/embedded/tables_meta.h"

namespace signet::store {
namespace {

std::unexpected<Error> failure(const std::string& path, std::string_view doing) {
  return std::unexpected(facts::service_failure(
      concat("copy of the store: cannot ", doing, " ", path, ": ", errno_text(errno))));
}

Status make_empty(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  return fd.valid() ? Status() : failure(path, "make");
}

Status flush(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return fd.valid() && ::fsync(fd.get()) == 0 ? Status() : failure(path, "flush");
}

class TablesMoment final : public Moment {
 public:
  TablesMoment(Connection reader, std::vector<SharedLogRecord> pending)
      : reader_(std::move(reader)), pending_(std::move(pending)) {}

  Status write_to(const std::string& path) override {
    TRY_STATUS(make_empty(path));
    TRY_STATUS(reader_.copy_to(path));
    {
      Tables copy;
      TRY_STATUS(copy.open({.path = path, .may_make = false, .has_marker = true}));
      std::vector<SharedLogRecord> missing;
      for (const SharedLogRecord& record : pending_) {
        if (record->last > copy.revision()) {
          missing.push_back(record);
        }
      }
      TRY_STATUS(copy.apply(missing));
      TRY_STATUS(copy.note_log(LogUse::None));
    }
    return flush(path);
  }

 private:
  Connection reader_;
  std::vector<SharedLogRecord> pending_;
};

}  // namespace

Result<std::unique_ptr<Moment>> hold_tables(const std::string& database,
                                            std::vector<SharedLogRecord> pending) {
  Connection reader = TRY(Connection::open(database));
  TRY_STATUS(reader.run("PRAGMA query_only = 1; PRAGMA cache_size = -1024; BEGIN"));
  // The first read fixes what all later ones see.
  TRY_STATUS(read_tables_meta(reader, database));
  return std::make_unique<TablesMoment>(std::move(reader), std::move(pending));
}

}  // namespace signet::store
