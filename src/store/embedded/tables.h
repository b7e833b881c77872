#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/embedded/log_record.h"
#include "store/embedded/sqlite.h"
#include "store/store.h"

namespace signet::store {

using SharedLogRecord = std::shared_ptr<const LogRecord>;

// The SQLite database of a data folder, through its one connection that writes: WAL mode,
// synchronous=FULL, so what answered is durable. One thread at a time.
class Tables {
 public:
  Tables() = default;

  // Opens an existing file: makes the tables in an empty one, brings older tables to today's form,
  // refuses other programs' and newer ones.
  [[nodiscard]] Status open(const std::string& path);

  [[nodiscard]] const LogId& log_id() const { return log_id_; }

  // What the last apply() or commit() left.
  [[nodiscard]] Revision revision() const { return revision_; }

  // Applies the records in order as one transaction; the first one continues revision().
  [[nodiscard]] Status apply(std::span<const SharedLogRecord> records);

  // One transaction for all batches, which continue revision(). A batch whose expectations fail is
  // left out and answers a conflict; any other failure undoes all.
  [[nodiscard]] Result<std::vector<CommitResult>> commit(std::span<const Batch> batches);

 private:
  [[nodiscard]] Status prepare_tables();
  [[nodiscard]] Status create_tables();
  [[nodiscard]] Status upgrade_tables();
  [[nodiscard]] Status prepare_statements();
  [[nodiscard]] Status read_meta();
  [[nodiscard]] std::unexpected<Error> refuse(std::string_view why) const;
  [[nodiscard]] Status apply_change(const LogChange& change);
  [[nodiscard]] Status write_records(std::span<const SharedLogRecord> records);
  [[nodiscard]] Result<std::vector<CommitResult>> write_batches(std::span<const Batch> batches,
                                                                Revision& next);
  [[nodiscard]] Result<CommitResult> write_batch(const Batch& batch, Revision& next);
  [[nodiscard]] Status write_transaction(const Transaction& transaction, Revision revision);
  [[nodiscard]] Status finish(Revision revision);
  [[nodiscard]] Result<Revision> revision_of(std::string_view key);

  std::string path_;
  Connection connection_;
  Statement begin_;
  Statement commit_;
  Statement find_;
  Statement put_;
  Statement delete_;
  Statement set_revision_;
  LogId log_id_{};
  Revision revision_ = 0;
};

}  // namespace signet::store
