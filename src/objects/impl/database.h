#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace signet::objects::impl {

// One prepared statement. Binding and stepping fail with S3InternalError whose cause names what
// SQLite said.
class Statement {
 public:
  Statement() = default;

  explicit Statement(sqlite3_stmt* raw) : raw_(raw) {}

  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Parameters, from 1. The bytes are copied.
  Statement& bind(int index, std::string_view bytes);
  Statement& bind(int index, std::int64_t value);

  // True: a row is there. False: done.
  [[nodiscard]] Result<bool> step();
  // Runs a statement that has no rows, and makes it ready again.
  [[nodiscard]] Status run();
  // Ends the run and forgets the parameters.
  void reset();

  // Columns of the row, from 0; views live until the next step or reset.
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  sqlite3_stmt* raw_ = nullptr;
};

// One connection to the index file. Used by one thread at a time.
class Database {
 public:
  // Opens the file, made if absent, in WAL mode. `is_durable`: a commit is on the disk when it
  // returns; otherwise nothing is ever forced (throw-away servers).
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                              bool is_durable);

  explicit Database(sqlite3* raw) : raw_(raw) {}

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Database(Database&&) = delete;
  Database& operator=(Database&&) = delete;
  ~Database();

  // Runs statements without parameters or rows.
  [[nodiscard]] Status execute(const char* sql);
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  // Writes the database, as an open transaction of this connection sees it, into a new file.
  [[nodiscard]] Status copy_to(const std::string& path);
  // The number in the first column of the first row; 0 if there is none.
  [[nodiscard]] Result<std::int64_t> number(std::string_view sql);

 private:
  sqlite3* raw_;
};

// S3InternalError with a cause for the log.
[[nodiscard]] Error storage_error(std::string cause);

}  // namespace signet::objects::impl
