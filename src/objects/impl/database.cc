#include "objects/impl/database.h"

#include <cerrno>
#include <utility>

#include <sqlite3.h>

#include "base/strings.h"
#include "facts/errors.h"
#include "objects/disk_guard.h"
#include "objects/impl/row_check.h"

namespace signet::objects::impl {
namespace {

// Whether the disk, or what we may use of it, is full.
bool is_full(sqlite3* raw) {
  constexpr int kPrimaryCode = 0xFF;
  const int number = sqlite3_system_errno(raw);
  return (sqlite3_extended_errcode(raw) & kPrimaryCode) == SQLITE_FULL || number == ENOSPC ||
         number == EDQUOT;
}

Error sqlite_error(sqlite3* raw, std::string_view doing) {
  std::string cause = concat("object index: ", doing, ": ", sqlite3_errmsg(raw));
  return is_full(raw) ? no_room_error(std::move(cause)) : storage_error(std::move(cause));
}

}  // namespace

Error storage_error(std::string cause) {
  Error error = facts::make_error(ErrorCode::S3InternalError);
  error.cause = std::move(cause);
  return error;
}

Statement::Statement(Statement&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(raw_, other.raw_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(raw_);
}

// A failed bind (out of memory) leaves NULL, which every column of ours refuses.
Statement& Statement::bind(int index, std::string_view bytes) {
  // An empty view may have a null pointer, which would mean NULL.
  const char* data = bytes.empty() ? "" : bytes.data();
  sqlite3_bind_blob64(raw_, index, data, bytes.size(), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(raw_, index, value);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(raw_);
  if (code == SQLITE_ROW || code == SQLITE_DONE) {
    return code == SQLITE_ROW;
  }
  return std::unexpected(sqlite_error(sqlite3_db_handle(raw_), "step"));
}

Status Statement::run() {
  const Result<bool> row = step();
  reset();
  return row ? Status() : std::unexpected(row.error());
}

void Statement::reset() {
  sqlite3_reset(raw_);
  sqlite3_clear_bindings(raw_);
}

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(raw_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(raw_, column));
  return data == nullptr ? std::string_view()
                         : std::string_view(static_cast<const char*>(data), size);
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(raw_, column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(raw_, column) == SQLITE_NULL;
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, bool is_durable) {
  // Counting memory takes a lock with every allocation. Before the first connection only.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* raw = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  // The folder is ours alone. This way of locking keeps what connections share in memory instead of
  // in a file, which a full disk would have no room for.
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, "unix-excl");
  auto database = std::make_unique<Database>(raw);
  if (code != SQLITE_OK) {
    return std::unexpected(raw == nullptr ? storage_error("object index: out of memory")
                                          : sqlite_error(raw, path));
  }
  sqlite3_busy_timeout(raw, 10'000);
  sqlite3_extended_result_codes(raw, 1);
  if (!add_row_check(raw)) {
    return std::unexpected(sqlite_error(raw, path));
  }
  TRY_STATUS(database->execute(
      "PRAGMA journal_mode=WAL; PRAGMA cache_size=-512; PRAGMA foreign_keys=OFF;"));
  TRY_STATUS(database->execute(is_durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF"));
  return database;
}

Status Database::copy_to(const std::string& path) {
  constexpr int kAllPages = -1;
  const std::unique_ptr<Database> target = TRY(open(path, true));
  sqlite3_backup* copy = sqlite3_backup_init(target->raw_, "main", raw_, "main");
  if (copy != nullptr) {
    sqlite3_backup_step(copy, kAllPages);
    if (sqlite3_backup_finish(copy) == SQLITE_OK) {
      return {};
    }
  }
  return std::unexpected(sqlite_error(target->raw_, path));
}

Database::~Database() {
  sqlite3_close_v2(raw_);
}

Status Database::execute(const char* sql) {
  return sqlite3_exec(raw_, sql, nullptr, nullptr, nullptr) == SQLITE_OK
             ? Status()
             : std::unexpected(sqlite_error(raw_, sql));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(
      raw_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) {
    return std::unexpected(sqlite_error(raw_, sql));
  }
  return Statement(raw);
}

Result<std::int64_t> Database::number(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  return TRY(statement.step()) ? statement.number(0) : 0;
}

}  // namespace signet::objects::impl
