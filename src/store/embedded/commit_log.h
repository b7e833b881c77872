#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/embedded/log_file.h"
#include "store/embedded/log_record.h"
#include "store/embedded/tables.h"
#include "store/store.h"

namespace signet::store {

struct CommitLogOptions {
  std::array<std::string, 2> paths;
  LogId id{};
  std::size_t file_bytes = 0;  // of each file, for records
  bool must_exist = false;     // the database remembers that records were written to the files
  bool takes_room_at_once = false;
};

// Commits that are durable but may not be in the database yet, in two files that take turns: one is
// written to while the other's records are moved into the database. One thread at a time.
//
// INVARIANT: a record is forgotten (its file written again from the start) only after the database
// holds it durably; records follow each other without a gap from the database's revision on.
class CommitLog {
 public:
  CommitLog() = default;

  // Finds what the files hold and the database, at `in_database`, does not hold yet. Changes
  // nothing. Fails with ServiceFailure and the name of a file that is missing where it must exist,
  // was cut, or belongs to another database or under another name; and where the files do not
  // continue the database: a record is damaged, or the files belong to another state of it.
  [[nodiscard]] Status open(const CommitLogOptions& options, Revision in_database);

  // Makes what is missing of the files. Before the first append().
  [[nodiscard]] Status make_files();

  // Of the newest record, or the database's when that is newer.
  [[nodiscard]] Revision last() const { return pending_.empty() ? moved_ : pending_.back()->last; }

  // What is not known to be in the database, in order.
  [[nodiscard]] std::vector<SharedLogRecord> pending() const;

  [[nodiscard]] bool is_empty() const { return pending_.empty(); }

  // Whether a record of this size can ever be appended.
  [[nodiscard]] bool takes(std::size_t size) const { return size <= options_.file_bytes; }

  // Whether it can be now; otherwise moved() makes room.
  [[nodiscard]] bool has_room(std::size_t size) const;

  // Makes the record, which begins with last() + 1, durable. Needs room. On an error nothing has
  // changed.
  [[nodiscard]] Status append(LogRecord record);

  // Whether records wait in the file that is not written to: it is needed back.
  [[nodiscard]] bool wants_move() const;

  // The database holds everything up to this revision durably.
  void moved(Revision revision);

  // Makes sure that no record that could not be appended is found later. Before the database takes
  // a commit that is not in the log.
  [[nodiscard]] Status forget_failed() { return files_[current_].clean_tail(); }

  // The database took a commit that is not in the log, which must be empty: it continues there.
  void skip_to(Revision revision);

  // Whether the files should be written in full, so that later records overwrite instead of grow.
  // Where they are in use, since most short-lived programs write a few records, or where it is
  // asked for.
  [[nodiscard]] bool wants_fill() const;

  // A part of that. Its failure (full disk) ends it until the next start.
  void fill_some();

  // Removes the files. They must be empty.
  void remove();

  // The records of files of layout 2 (no first block; a missing file is an empty one) that the
  // database, at `in_database`, does not hold yet. Fails as open() does.
  [[nodiscard]] static Result<std::vector<SharedLogRecord>> read_layout_2(
      const CommitLogOptions& options, Revision in_database);

 private:
  [[nodiscard]] bool fits(std::size_t size) const;

  [[nodiscard]] bool is_free(std::size_t number) const { return last_in_[number] <= moved_; }

  [[nodiscard]] Status turn();
  [[nodiscard]] Result<std::string> open_file(std::size_t number);
  [[nodiscard]] Status take(std::array<LogScan, 2> scans);
  [[nodiscard]] LogHeader header_of(std::size_t number) const;
  [[nodiscard]] std::unexpected<Error> damaged(Revision missing) const;

  CommitLogOptions options_;
  std::array<LogFile, 2> files_;
  std::array<Revision, 2> last_in_{};  // revision of the last record in each file
  std::size_t current_ = 0;            // file that is written to
  std::deque<SharedLogRecord> pending_;
  Revision moved_ = 0;
  std::size_t appended_bytes_ = 0;  // since open()
  bool is_fill_given_up_ = false;
};

}  // namespace signet::store
