#include "store/embedded/tables.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

// On disk, docs/formats/store.md: "Sign", and the version of the tables.
constexpr std::int64_t kApplicationId = 0x5369676E;
constexpr std::int64_t kLayoutVersion = 2;
constexpr std::int64_t kLayoutWithoutLog = 1;

}  // namespace

Status Tables::open(const std::string& path) {
  path_ = path;
  connection_ = TRY(Connection::open(path));
  TRY_STATUS(prepare_tables());
  TRY_STATUS(prepare_statements());
  return read_meta();
}

Status Tables::prepare_tables() {
  const std::int64_t id = TRY(connection_.number("PRAGMA application_id"));
  const std::int64_t version = TRY(connection_.number("PRAGMA user_version"));
  const std::int64_t tables = TRY(connection_.number("SELECT count(*) FROM sqlite_schema"));
  const bool is_new = id == 0 && version == 0 && tables == 0;
  if (!is_new && id != kApplicationId) {
    return refuse("is not a Signet database");
  }
  if (!is_new && version != kLayoutVersion && version != kLayoutWithoutLog) {
    return refuse(concat("has tables of version ",
                         std::to_string(version),
                         ", but this program knows version ",
                         std::to_string(kLayoutVersion)));
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
  return version == kLayoutWithoutLog ? upgrade_tables() : Status();
}

Status Tables::create_tables() {
  return connection_.run(
      concat("BEGIN;"
             "CREATE TABLE record (id INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT NULL,"
             " revision INTEGER NOT NULL);"
             "CREATE UNIQUE INDEX record_by_key ON record (key);"
             "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL,"
             " log_id BLOB NOT NULL DEFAULT (x''));"
             "INSERT INTO meta (id, revision, log_id) VALUES (1, 0, randomblob(16));"
             "PRAGMA application_id = ",
             std::to_string(kApplicationId),
             "; PRAGMA user_version = ",
             std::to_string(kLayoutVersion),
             "; COMMIT"));
}

Status Tables::upgrade_tables() {
  return connection_.run(
      concat("BEGIN;"
             "ALTER TABLE meta ADD COLUMN log_id BLOB NOT NULL DEFAULT (x'');"
             "UPDATE meta SET log_id = randomblob(16);"
             "PRAGMA user_version = ",
             std::to_string(kLayoutVersion),
             "; COMMIT"));
}

Status Tables::prepare_statements() {
  begin_ = TRY(connection_.prepare("BEGIN IMMEDIATE"));
  commit_ = TRY(connection_.prepare("COMMIT"));
  find_ = TRY(connection_.prepare("SELECT revision FROM record WHERE key = ?1"));
  put_ = TRY(connection_.prepare(
      "INSERT INTO record (key, value, revision) VALUES (?1, ?2, ?3)"
      " ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision"));
  delete_ = TRY(connection_.prepare("DELETE FROM record WHERE key = ?1"));
  set_revision_ = TRY(connection_.prepare("UPDATE meta SET revision = ?1 WHERE id = 1"));
  return {};
}

Status Tables::read_meta() {
  Statement meta = TRY(connection_.prepare("SELECT revision, log_id FROM meta WHERE id = 1"));
  if (TRY(meta.step()) != Step::Row || meta.bytes(1).size() != log_id_.size()) {
    return refuse("has no usable row in the table meta");
  }
  revision_ = static_cast<Revision>(meta.number(0));
  std::ranges::copy(meta.bytes(1), log_id_.begin());
  return {};
}

std::unexpected<Error> Tables::refuse(std::string_view why) const {
  return std::unexpected(facts::service_failure(concat("store ", path_, ": ", why)));
}

Status Tables::apply(std::span<const SharedLogRecord> records) {
  if (records.empty()) {
    return {};
  }
  Status status = write_records(records);
  if (!status) {
    connection_.rollback();
    return status;
  }
  revision_ = records.back()->last;
  return {};
}

Status Tables::write_records(std::span<const SharedLogRecord> records) {
  TRY_STATUS(connection_.finish(begin_));
  for (const SharedLogRecord& record : records) {
    TRY_STATUS(visit_log_record(*record,
                                [this](const LogChange& change) { return apply_change(change); }));
  }
  return finish(records.back()->last);
}

Status Tables::apply_change(const LogChange& change) {
  if (change.value) {
    put_.bind(1, change.key);
    put_.bind(2, *change.value);
    put_.bind(3, static_cast<std::int64_t>(change.revision));
    return connection_.finish(put_);
  }
  delete_.bind(1, change.key);
  return connection_.finish(delete_);
}

Result<std::vector<CommitResult>> Tables::commit(std::span<const Batch> batches) {
  Revision next = revision_;
  Result<std::vector<CommitResult>> results = write_batches(batches, next);
  if (!results) {
    connection_.rollback();
    return results;
  }
  revision_ = next;
  return results;
}

Result<std::vector<CommitResult>> Tables::write_batches(std::span<const Batch> batches,
                                                        Revision& next) {
  std::vector<CommitResult> results;
  TRY_STATUS(connection_.finish(begin_));
  for (const Batch& batch : batches) {
    results.push_back(TRY(write_batch(batch, next)));
  }
  TRY_STATUS(finish(next));
  return results;
}

Result<CommitResult> Tables::write_batch(const Batch& batch, Revision& next) {
  for (const Transaction& transaction : batch) {
    for (const Expectation& expectation : transaction.expects) {
      if (TRY(revision_of(expectation.key)) != expectation.revision) {
        return CommitResult{.revision = 0, .is_conflict = true, .conflict_key = expectation.key};
      }
    }
  }
  next += batch.empty() ? 0 : 1;
  for (const Transaction& transaction : batch) {
    TRY_STATUS(write_transaction(transaction, next));
  }
  return CommitResult{.revision = next, .is_conflict = false, .conflict_key = {}};
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

Status Tables::finish(Revision revision) {
  set_revision_.bind(1, static_cast<std::int64_t>(revision));
  TRY_STATUS(connection_.finish(set_revision_));
  return connection_.finish(commit_);
}

Result<Revision> Tables::revision_of(std::string_view key) {
  find_.bind(1, key);
  const Result<Step> step = find_.step();
  const Revision revision = step && *step == Step::Row ? static_cast<Revision>(find_.number(0)) : 0;
  find_.reset();
  if (!step) {
    return std::unexpected(step.error());
  }
  return revision;
}

}  // namespace signet::store
