#include "objects/impl/row_check.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include <sqlite3.h>

#include "crypto/checksum.h"

namespace signet::objects::impl {
namespace {

// A kind and eight bytes, little-endian: a number, or a length. On disk: do not change.
void add_number(std::string& row, char kind, std::uint64_t number) {
  std::array<char, 9> bytes{kind};
  std::memcpy(&bytes[1], &number, sizeof number);
  row.append(bytes.data(), bytes.size());
}

void add_value(std::string& row, sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
      return add_number(row, 'n', 0);
    case SQLITE_INTEGER:
      return add_number(row, 'i', static_cast<std::uint64_t>(sqlite3_value_int64(value)));
    default:
      break;
  }
  const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  add_number(row, 'b', size);
  row.append(data, size);
}

// Put together first: the sum over one long text takes a fraction of those over many short ones.
void row_check(sqlite3_context* context, int count, sqlite3_value** values) {
  thread_local std::string row;
  row.clear();
  for (sqlite3_value* value : std::span(values, static_cast<std::size_t>(count))) {
    add_value(row, value);
  }
  sqlite3_result_int64(context, std::bit_cast<std::int64_t>(crypto::crc64nvme(0, row)));
}

}  // namespace

bool add_row_check(sqlite3* raw) {
  constexpr int kAnyCount = -1;
  return sqlite3_create_function_v2(raw,
                                    "row_check",
                                    kAnyCount,
                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                    nullptr,
                                    row_check,
                                    nullptr,
                                    nullptr,
                                    nullptr) == SQLITE_OK;
}

}  // namespace signet::objects::impl
