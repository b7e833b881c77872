#include "store/embedded/merged_load.h"

#include <algorithm>
#include <map>

#include "base/strings.h"
#include "facts/errors.h"
#include "store/batch.h"
#include "store/embedded/record_sum.h"
#include "store/embedded/tables_meta.h"

namespace signet::store {
namespace {

constexpr std::size_t kShownMax = 120;  // bytes of a key

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

// A key in a message: what is damaged may hold anything.
std::string printable(std::string_view key) {
  std::string text(key.substr(0, kShownMax));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::unexpected<Error> damaged(const std::string& database, std::string_view what) {
  return std::unexpected(facts::service_failure(
      concat("store ",
             database,
             ": ",
             what,
             " checksum: the file is damaged or was changed; restore the whole folder from a "
             "backup")));
}

// A connection for reading, inside a transaction.
Result<Connection> open_reader(const std::string& database) {
  Connection reader = TRY(Connection::open(database));
  TRY_STATUS(reader.run("PRAGMA query_only = 1; PRAGMA cache_size = -1024; BEGIN"));
  return reader;
}

// Shows the rows of `scan` (key, value, revision, checksum) to `show`; the sum over them.
template <class Show>
Result<RecordSum> scan_rows(const std::string& database, Statement& scan, const Show& show) {
  RecordSum sum;
  while (TRY(scan.step()) == Step::Row) {
    const RecordView row{.key = scan.bytes(0),
                         .value = scan.bytes(1),
                         .revision = static_cast<Revision>(scan.number(2))};
    const auto checksum = static_cast<std::uint64_t>(scan.number(3));
    if (record_checksum(row.key, row.value, row.revision) != checksum) {
      return damaged(database, concat("the record ", printable(row.key), " does not match its"));
    }
    sum.add(checksum);
    TRY_STATUS(show(row));
  }
  return sum;
}

Status check_sum(const std::string& database, const RecordSum& sum, const RecordSum& known) {
  if (sum != known) {
    return damaged(database,
                   concat("of ",
                          std::to_string(known.records),
                          " records, ",
                          std::to_string(sum.records),
                          " were found, and together they do not match their"));
  }
  return {};
}

Revision newest(const TablesMeta& meta, std::span<const SharedLogRecord> log) {
  return std::max(meta.revision, log.empty() ? Revision{0} : log.back()->last);
}

}  // namespace

Result<Revision> load_merged(const std::string& database,
                             std::span<const SharedLogRecord> log,
                             std::string_view prefix,
                             const Visitor& visit) {
  Connection reader = TRY(open_reader(database));
  const TablesMeta meta = TRY(read_tables_meta(reader, database));
  const Overlay overlay = TRY(changes_after(log, prefix, meta.revision));
  const std::string end = prefix_end(prefix);
  Statement scan =
      TRY(reader.prepare(concat("SELECT key, value, revision, checksum FROM record WHERE key >= ?1",
                                end.empty() ? "" : " AND key < ?2",
                                " ORDER BY key")));
  scan.bind(1, prefix);
  if (!end.empty()) {
    scan.bind(2, end);
  }
  Merge merge(overlay, visit);
  const RecordSum sum =
      TRY(scan_rows(database, scan, [&merge](const RecordView& row) { return merge.row(row); }));
  if (prefix.empty()) {
    TRY_STATUS(check_sum(database, sum, meta.sum));
  }
  TRY_STATUS(merge.rest());
  return newest(meta, log);
}

Result<Revision> load_merged_all(const std::string& database,
                                 std::span<const SharedLogRecord> log,
                                 const Visitor& visit) {
  Connection reader = TRY(open_reader(database));
  const TablesMeta meta = TRY(read_tables_meta(reader, database));
  const Overlay overlay = TRY(changes_after(log, {}, meta.revision));
  Statement scan =
      TRY(reader.prepare("SELECT key, value, revision, checksum FROM record ORDER BY id"));
  const RecordSum sum = TRY(scan_rows(database, scan, [&](const RecordView& row) {
    // The log knows a key of its own better.
    return overlay.contains(row.key) ? Status() : visit(row);
  }));
  TRY_STATUS(check_sum(database, sum, meta.sum));
  for (const auto& [key, change] : overlay) {
    if (change.value) {
      TRY_STATUS(visit({.key = key, .value = *change.value, .revision = change.revision}));
    }
  }
  return newest(meta, log);
}

}  // namespace signet::store
