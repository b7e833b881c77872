#include "store/embedded/merged_load.h"

#include <algorithm>
#include <map>

#include "store/batch.h"

namespace signet::store {
namespace {

// The last change of each key. Views point into the log's records.
using Overlay = std::map<std::string_view, LogChange>;

// What the log says about keys that begin with `prefix` after the revision `seen`.
Result<Overlay> changes_after(std::span<const SharedLogRecord> log,
                              std::string_view prefix,
                              Revision seen) {
  Overlay overlay;
  const LogVisitor note = [&](const LogChange& change) -> Status {
    if (change.revision > seen && change.key.starts_with(prefix)) {
      overlay.insert_or_assign(change.key, change);
    }
    return {};
  };
  for (const SharedLogRecord& record : log) {
    if (record->last > seen) {
      TRY_STATUS(visit_log_record(*record, note));
    }
  }
  return overlay;
}

// Shows rows of the database and changes of the log in the order of keys.
class Merge {
 public:
  Merge(const Overlay& overlay, const Visitor& visit)
      : next_(overlay.begin()), end_(overlay.end()), visit_(visit) {}

  Status row(const RecordView& row) {
    while (next_ != end_ && next_->first < row.key) {
      TRY_STATUS(show_next());
    }
    // A key that the log knows better.
    return next_ != end_ && next_->first == row.key ? show_next() : visit_(row);
  }

  Status rest() {
    while (next_ != end_) {
      TRY_STATUS(show_next());
    }
    return {};
  }

 private:
  Status show_next() {
    const LogChange& change = next_->second;
    ++next_;
    if (!change.value) {
      return {};
    }
    return visit_(
        RecordView{.key = change.key, .value = *change.value, .revision = change.revision});
  }

  Overlay::const_iterator next_;
  Overlay::const_iterator end_;
  const Visitor& visit_;
};

}  // namespace

Result<Revision> load_merged(const std::string& database,
                             std::span<const SharedLogRecord> log,
                             std::string_view prefix,
                             const Visitor& visit) {
  Connection reader = TRY(Connection::open(database));
  TRY_STATUS(reader.run("PRAGMA query_only = 1; PRAGMA cache_size = -1024; BEGIN"));
  const auto revision =
      static_cast<Revision>(TRY(reader.number("SELECT revision FROM meta WHERE id = 1")));
  const Overlay overlay = TRY(changes_after(log, prefix, revision));
  const std::string end = prefix_end(prefix);
  Statement scan = TRY(reader.prepare(
      end.empty()
          ? "SELECT key, value, revision FROM record WHERE key >= ?1 ORDER BY key"
          : "SELECT key, value, revision FROM record WHERE key >= ?1 AND key < ?2 ORDER BY key"));
  scan.bind(1, prefix);
  if (!end.empty()) {
    scan.bind(2, end);
  }
  Merge merge(overlay, visit);
  while (TRY(scan.step()) == Step::Row) {
    TRY_STATUS(merge.row(RecordView{.key = scan.bytes(0),
                                    .value = scan.bytes(1),
                                    .revision = static_cast<Revision>(scan.number(2))}));
  }
  TRY_STATUS(merge.rest());
  return std::max(revision, log.empty() ? Revision{0} : log.back()->last);
}

}  // namespace signet::store
