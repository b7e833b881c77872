#include "store/embedded/sqlite.h"

#include <cerrno>
#include <cstring>

#include <sqlite3.h>

#include "base/assertion.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::store {
namespace {

// Only our own other connections compete (the folder is locked): a checkpoint waits this long for a
// reader.
constexpr int kBusyTimeoutMs = 200;

// What happened, in an operator's words.
std::string_view describe(int code, int system_errno) {
  if (system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG) {
    return "disk full";
  }
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return "disk full";
    case SQLITE_IOERR:
      return code == SQLITE_IOERR_WRITE ? "write failed (disk full or faulty)" : "I/O error";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "cannot be written";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "damaged database (restore the whole folder from a backup)";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "locked by another program";
    default:
      return "failed";
  }
}

std::unexpected<Error> make_failure(sqlite3* db, std::string_view path, std::string_view doing) {
  const int code = db == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(db);
  const int system_errno = db == nullptr ? 0 : sqlite3_system_errno(db);
  const std::string_view message = db == nullptr ? "out of memory" : sqlite3_errmsg(db);
  return std::unexpected(facts::service_failure(concat("store ",
                                                       path,
                                                       ": ",
                                                       describe(code, system_errno),
                                                       " while ",
                                                       doing,
                                                       ": ",
                                                       message,
                                                       " (SQLite ",
                                                       std::to_string(code),
                                                       ", errno ",
                                                       std::to_string(system_errno),
                                                       ")")));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Statement::bind(int position, std::string_view bytes) {
  // A null pointer would bind NULL instead of empty bytes.
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  const int code =
      sqlite3_bind_blob64(statement_.get(), position, data, bytes.size(), SQLITE_STATIC);
  SIGNET_ASSERT(code == SQLITE_OK);
}

void Statement::bind(int position, std::int64_t number) {
  SIGNET_ASSERT(sqlite3_bind_int64(statement_.get(), position, number) == SQLITE_OK);
}

Result<Step> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) {
    return Step::Row;
  }
  if (code == SQLITE_DONE) {
    return Step::Done;
  }
  sqlite3* db = sqlite3_db_handle(statement_.get());
  return make_failure(db, sqlite3_db_filename(db, nullptr), sqlite3_sql(statement_.get()));
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

void Connection::Close::operator()(sqlite3* db) const {
  sqlite3_close_v2(db);
}

Result<Connection> Connection::open(const std::string& path) {
  Connection connection;
  connection.path_ = path;
  // Counting memory takes a lock with every allocation. Before the first connection only.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  // The folder is locked for us. This way of locking keeps what connections share in memory instead
  // of in a file, which a full disk would have no room for.
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, "unix-excl");
  connection.db_.reset(db);
  if (code != SQLITE_OK) {
    return connection.failure("opening");
  }
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  return connection;
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(),
                                      sql.data(),
                                      static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT,
                                      &raw,
                                      nullptr);
  Statement statement;
  statement.statement_.reset(raw);
  if (code != SQLITE_OK) {
    return failure(sql);
  }
  return statement;
}

Status Connection::run(const std::string& sql) {
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure(sql);
  }
  return {};
}

Result<std::int64_t> Connection::number(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  const Step step = TRY(statement.step());
  return step == Step::Row ? statement.number(0) : 0;
}

Status Connection::copy_to(const std::string& path) {
  constexpr int kAllPages = -1;
  const Connection target = TRY(open(path));
  sqlite3_backup* copy = sqlite3_backup_init(target.db_.get(), "main", db_.get(), "main");
  if (copy != nullptr) {
    sqlite3_backup_step(copy, kAllPages);
    if (sqlite3_backup_finish(copy) == SQLITE_OK) {
      return {};
    }
  }
  return target.failure("copying");
}

Status Connection::finish(Statement& statement) {
  Result<Step> step = statement.step();
  while (step && *step == Step::Row) {
    step = statement.step();
  }
  statement.reset();
  if (!step) {
    return std::unexpected(std::move(step).error());
  }
  return {};
}

void Connection::rollback() {
  if (sqlite3_get_autocommit(db_.get()) == 0) {
    sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

std::unexpected<Error> Connection::failure(std::string_view doing) const {
  return make_failure(db_.get(), path_, doing);
}

}  // namespace signet::store
