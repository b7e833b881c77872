#include "store/embedded/tables.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

// On disk, docs/formats/store.md: "Sign", and the version of the tables.
constexpr std::int64_t kApplicationId = 0x5369676E;
constexpr std::int64_t kLayoutVersion = 3;
constexpr std::int64_t kLayoutWithoutChecksums = 2;
constexpr std::int64_t kLayoutWithoutLog = 1;

constexpr std::string_view kSetMeta =
    "UPDATE meta SET revision = ?1, log = ?2, records = ?3, total = ?4, checksum = ?5 WHERE id = 1";

std::int64_t on_disk(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

}  // namespace

Status Tables::open(const TablesOptions& options) {
  path_ = options.path;
  connection_ = TRY(Connection::open(path_));
  TRY_STATUS(prepare_tables(options));
  TRY_STATUS(prepare_statements());
  meta_ = TRY(read_tables_meta(connection_, path_));
  return {};
}

Status Tables::prepare_tables(const TablesOptions& options) {
  const std::int64_t id = TRY(connection_.number("PRAGMA application_id"));
  const std::int64_t version = TRY(connection_.number("PRAGMA user_version"));
  const std::int64_t tables = TRY(connection_.number("SELECT count(*) FROM sqlite_schema"));
  const bool is_new = id == 0 && version == 0 && tables == 0;
  if (!is_new && id != kApplicationId) {
    return refuse("is not a Signet database");
  }
  if (is_new && !options.may_make) {
    return refuse(
        "holds no tables, but the folder has been in use: the file is not the one that belongs "
        "here; restore the whole folder from a backup, or move it away to start anew");
  }
  if (version == kLayoutVersion && !options.has_marker) {
    return refuse(
        "is part of a folder whose file signet.folder is missing: restore the whole folder from a "
        "backup");
  }
  if (!is_new && (version < kLayoutWithoutLog || version > kLayoutVersion)) {
    return refuse(concat("has tables of version ",
                         std::to_string(version),
                         ", but this program knows versions up to ",
                         std::to_string(kLayoutVersion),
                         ": run a newer program"));
  }
  // SQLite's own log is copied into the database after a transaction that leaves it above 4 MB, and
  // is cut to 16 MiB when it begins anew.
  TRY_STATUS(
      connection_.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = "
                      "-8192; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = "
                      "16777216"));
  if (is_new) {
    return create_tables();
  }
  return version < kLayoutVersion ? upgrade_tables(version) : Status();
}

Status Tables::create_tables() {
  TRY_STATUS(connection_.run(
      "BEGIN;"
      "CREATE TABLE record (id INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT NULL,"
      " revision INTEGER NOT NULL, checksum INTEGER NOT NULL DEFAULT 0);"
      "CREATE UNIQUE INDEX record_by_key ON record (key);"
      "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL,"
      " log_id BLOB NOT NULL DEFAULT (x''), log INTEGER NOT NULL DEFAULT 0,"
      " records INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,"
      " checksum INTEGER NOT NULL DEFAULT 0);"
      "INSERT INTO meta (id, revision, log_id) VALUES (1, 0, randomblob(16))"));
  return finish_tables({});
}

Status Tables::upgrade_tables(std::int64_t from) {
  log(LogLevel::Warning,
      "folder_upgrade",
      {{"file", path_},
       {"from", std::to_string(from)},
       {"to", std::to_string(kLayoutVersion)},
       {"back", "restore a backup"}});
  TRY_STATUS(connection_.run("BEGIN IMMEDIATE"));
  if (from == kLayoutWithoutLog) {
    TRY_STATUS(
        connection_.run("ALTER TABLE meta ADD COLUMN log_id BLOB NOT NULL DEFAULT (x'');"
                        "UPDATE meta SET log_id = randomblob(16)"));
  }
  TRY_STATUS(
      connection_.run("ALTER TABLE record ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;"
                      "ALTER TABLE meta ADD COLUMN log INTEGER NOT NULL DEFAULT 0;"
                      "ALTER TABLE meta ADD COLUMN records INTEGER NOT NULL DEFAULT 0;"
                      "ALTER TABLE meta ADD COLUMN total INTEGER NOT NULL DEFAULT 0;"
                      "ALTER TABLE meta ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0"));
  TablesMeta meta;
  meta.log = from == kLayoutWithoutChecksums ? LogUse::Layout2 : LogUse::None;
  meta.sum = TRY(add_checksums());
  return finish_tables(meta);
}

// Gives every record its checksum.
Result<RecordSum> Tables::add_checksums() {
  RecordSum sum;
  Statement next = TRY(connection_.prepare(
      "SELECT id, key, value, revision FROM record WHERE id > ?1 ORDER BY id LIMIT 1"));
  Statement set = TRY(connection_.prepare("UPDATE record SET checksum = ?2 WHERE id = ?1"));
  std::int64_t id = std::numeric_limits<std::int64_t>::min();
  while (true) {
    next.bind(1, id);
    if (TRY(next.step()) != Step::Row) {
      return sum;
    }
    id = next.number(0);
    const std::uint64_t checksum =
        record_checksum(next.bytes(1), next.bytes(2), static_cast<Revision>(next.number(3)));
    next.reset();
    sum.add(checksum);
    set.bind(1, id);
    set.bind(2, on_disk(checksum));
    TRY_STATUS(connection_.finish(set));
  }
}

// Completes the row of meta with what `known` says and its checksum, and ends the transaction.
Status Tables::finish_tables(TablesMeta known) {
  {
    Statement row = TRY(connection_.prepare("SELECT revision, log_id FROM meta WHERE id = 1"));
    if (TRY(row.step()) != Step::Row || row.bytes(1).size() != known.log_id.size()) {
      return refuse("has no usable row in the table meta");
    }
    known.revision = static_cast<Revision>(row.number(0));
    std::ranges::copy(row.bytes(1), known.log_id.begin());
  }
  meta_ = known;
  set_meta_ = TRY(connection_.prepare(kSetMeta));
  TRY_STATUS(write_meta());
  return connection_.run(concat("PRAGMA application_id = ",
                                std::to_string(kApplicationId),
                                "; PRAGMA user_version = ",
                                std::to_string(kLayoutVersion),
                                // So that signet.db alone shows what it is.
                                "; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)"));
}

Status Tables::prepare_statements() {
  begin_ = TRY(connection_.prepare("BEGIN IMMEDIATE"));
  commit_ = TRY(connection_.prepare("COMMIT"));
  find_ = TRY(connection_.prepare("SELECT revision, checksum FROM record WHERE key = ?1"));
  put_ = TRY(connection_.prepare(
      "INSERT INTO record (key, value, revision, checksum) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision,"
      " checksum = excluded.checksum"));
  delete_ = TRY(connection_.prepare("DELETE FROM record WHERE key = ?1"));
  set_meta_ = TRY(connection_.prepare(kSetMeta));
  return {};
}

Status Tables::note_log(LogUse use) {
  if (meta_.log == use) {
    return {};
  }
  const TablesMeta before = meta_;
  meta_.log = use;
  Status status = connection_.finish(begin_);
  if (status) {
    status = finish();
  }
  if (!status) {
    undo(before);
    return status;
  }
  copy_to_database();
  return {};
}

// Brings what was committed from SQLite's log into the database file: what our own log does not
// hold is then there even where that file is lost. Its failure takes nothing back.
void Tables::copy_to_database() {
  static_cast<void>(connection_.run("PRAGMA wal_checkpoint(PASSIVE)"));
}

std::unexpected<Error> Tables::refuse(std::string_view why) const {
  return std::unexpected(facts::service_failure(concat("store ", path_, ": ", why)));
}

Status Tables::apply(std::span<const SharedLogRecord> records) {
  if (records.empty()) {
    return {};
  }
  const TablesMeta before = meta_;
  Status status = write_records(records);
  if (!status) {
    undo(before);
  }
  return status;
}

void Tables::undo(const TablesMeta& before) {
  connection_.rollback();
  meta_ = before;
}

Status Tables::write_records(std::span<const SharedLogRecord> records) {
  TRY_STATUS(connection_.finish(begin_));
  for (const SharedLogRecord& record : records) {
    TRY_STATUS(visit_log_record(*record,
                                [this](const LogChange& change) { return apply_change(change); }));
  }
  meta_.revision = records.back()->last;
  return finish();
}

Status Tables::apply_change(const LogChange& change) {
  const std::optional<Row> old = TRY(find(change.key));
  if (old) {
    meta_.sum.remove(old->checksum);
  }
  if (change.value) {
    const std::uint64_t checksum = record_checksum(change.key, *change.value, change.revision);
    meta_.sum.add(checksum);
    put_.bind(1, change.key);
    put_.bind(2, *change.value);
    put_.bind(3, on_disk(change.revision));
    put_.bind(4, on_disk(checksum));
    return connection_.finish(put_);
  }
  if (!old) {
    return {};
  }
  delete_.bind(1, change.key);
  return connection_.finish(delete_);
}

Result<std::vector<Revision>> Tables::commit(std::span<const Batch> batches) {
  const TablesMeta before = meta_;
  Result<std::vector<Revision>> results = write_batches(batches);
  if (!results) {
    undo(before);
    return results;
  }
  copy_to_database();
  return results;
}

Result<std::vector<Revision>> Tables::write_batches(std::span<const Batch> batches) {
  std::vector<Revision> results;
  TRY_STATUS(connection_.finish(begin_));
  for (const Batch& batch : batches) {
    results.push_back(TRY(write_batch(batch)));
  }
  TRY_STATUS(finish());
  return results;
}

Result<Revision> Tables::write_batch(const Batch& batch) {
  meta_.revision += batch.empty() ? 0 : 1;
  for (const Transaction& transaction : batch) {
    TRY_STATUS(write_transaction(transaction, meta_.revision));
  }
  return meta_.revision;
}

Status Tables::write_transaction(const Transaction& transaction, Revision revision) {
  for (const Put& put : transaction.puts) {
    TRY_STATUS(apply_change({.revision = revision, .key = put.key, .value = put.value}));
  }
  for (const std::string& key : transaction.deletes) {
    TRY_STATUS(apply_change({.revision = revision, .key = key, .value = std::nullopt}));
  }
  return {};
}

Status Tables::finish() {
  TRY_STATUS(write_meta());
  return connection_.finish(commit_);
}

Status Tables::write_meta() {
  set_meta_.bind(1, on_disk(meta_.revision));
  set_meta_.bind(2, static_cast<std::int64_t>(meta_.log));
  set_meta_.bind(3, on_disk(meta_.sum.records));
  set_meta_.bind(4, on_disk(meta_.sum.total));
  set_meta_.bind(5, on_disk(meta_checksum(meta_)));
  return connection_.finish(set_meta_);
}

Result<std::optional<Tables::Row>> Tables::find(std::string_view key) {
  find_.bind(1, key);
  const Result<Step> step = find_.step();
  std::optional<Row> row;
  if (step && *step == Step::Row) {
    row = Row{.revision = static_cast<Revision>(find_.number(0)),
              .checksum = static_cast<std::uint64_t>(find_.number(1))};
  }
  find_.reset();
  if (!step) {
    return std::unexpected(step.error());
  }
  return row;
}

}  // namespace signet::store
