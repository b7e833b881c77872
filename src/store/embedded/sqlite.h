#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace signet::store {

// A thin, checked hold on SQLite. Nothing here is thread-safe: one thread at a time per connection.
// Errors are ServiceFailure with a cause such as "disk full", the place and SQLite's words.

enum class Step : std::uint8_t { Row, Done };

// A prepared statement. Positions of parameters count from 1, of columns from 0. Bound and shown
// bytes are not copied: parameters must live until reset(), columns live until the next step() or
// reset().
class Statement {
 public:
  Statement() = default;

  void bind(int position, std::string_view bytes);
  void bind(int position, std::int64_t number);
  [[nodiscard]] Result<Step> step();
  void reset();
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;

 private:
  friend class Connection;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Connection {
 public:
  Connection() = default;

  // Opens an existing file.
  [[nodiscard]] static Result<Connection> open(const std::string& path);

  [[nodiscard]] Result<Statement> prepare(std::string_view sql);

  // Runs one or more statements that give no rows.
  [[nodiscard]] Status run(const std::string& sql);

  // The number a query or pragma answers.
  [[nodiscard]] Result<std::int64_t> number(std::string_view sql);

  // Writes the database, as an open transaction of this connection sees it, into an existing empty
  // file.
  [[nodiscard]] Status copy_to(const std::string& path);

  // Runs the statement to its end and resets it.
  [[nodiscard]] Status finish(Statement& statement);

  // Ends an open transaction without applying it. Quiet: there is nothing to do about a failure
  // here.
  void rollback();

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };

  [[nodiscard]] std::unexpected<Error> failure(std::string_view doing) const;

  std::string path_;
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace signet::store
