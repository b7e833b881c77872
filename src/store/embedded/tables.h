#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/embedded/log_record.h"
#include "store/embedded/sqlite.h"
#include "store/embedded/tables_meta.h"
#include "store/store.h"

namespace signet::store {

using SharedLogRecord = std::shared_ptr<const LogRecord>;

struct TablesOptions {
  std::string path;        // an existing file
  bool may_make = false;   // an empty one is the first start; otherwise it is refused
  bool has_marker = true;  // of the folder: tables of this layout are refused without one
};

// The SQLite database of a data folder, through its one connection that writes: WAL mode,
// synchronous=FULL, so what answered is durable. One thread at a time.
class Tables {
 public:
  Tables() = default;

  // Makes the tables in an empty file, brings older tables to today's form, refuses other programs'
  // and newer ones, and what does not match its checksum.
  [[nodiscard]] Status open(const TablesOptions& options);

  [[nodiscard]] const LogId& log_id() const { return meta_.log_id; }

  // What the last apply() or commit() left.
  [[nodiscard]] Revision revision() const { return meta_.revision; }

  [[nodiscard]] LogUse log_use() const { return meta_.log; }

  // Remembers it durably.
  [[nodiscard]] Status note_log(LogUse use);

  // Applies the records in order as one transaction; the first one continues revision().
  [[nodiscard]] Status apply(std::span<const SharedLogRecord> records);

  // One transaction for all batches, which continue revision(): all of them or none. The answer is
  // the revision of each.
  [[nodiscard]] Result<std::vector<Revision>> commit(std::span<const Batch> batches);

 private:
  [[nodiscard]] Status prepare_tables(const TablesOptions& options);
  [[nodiscard]] Status create_tables();
  [[nodiscard]] Status upgrade_tables(std::int64_t from);
  [[nodiscard]] Result<RecordSum> add_checksums();
  [[nodiscard]] Status finish_tables(TablesMeta known);
  [[nodiscard]] Status prepare_statements();
  [[nodiscard]] Status write_meta();
  [[nodiscard]] std::unexpected<Error> refuse(std::string_view why) const;
  [[nodiscard]] Status apply_change(const LogChange& change);
  [[nodiscard]] Status write_records(std::span<const SharedLogRecord> records);
  [[nodiscard]] Result<std::vector<Revision>> write_batches(std::span<const Batch> batches);
  [[nodiscard]] Result<Revision> write_batch(const Batch& batch);
  [[nodiscard]] Status write_transaction(const Transaction& transaction, Revision revision);
  [[nodiscard]] Status finish();
  void undo(const TablesMeta& before);
  void copy_to_database();

  struct Row {
    Revision revision = 0;
    std::uint64_t checksum = 0;
  };

  [[nodiscard]] Result<std::optional<Row>> find(std::string_view key);

  std::string path_;
  Connection connection_;
  Statement begin_;
  Statement commit_;
  Statement find_;
  Statement put_;
  Statement delete_;
  Statement set_meta_;
  TablesMeta meta_;
};

}  // namespace signet::store
