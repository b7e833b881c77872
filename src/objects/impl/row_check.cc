#include "objects/impl/row_check.h"

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include <sqlite3.h>

#include "crypto/checksum.h"

namespace signet::objects::impl {
namespace {

// A kind and eight bytes, little-endian: a number, or a length. On disk: do not change.
std::uint64_t add_number(std::uint64_t crc, char kind, std::uint64_t number) {
  std::array<char, 9> bytes{kind};
  for (std::size_t i = 1; i < bytes.size(); ++i, number >>= 8U) {
    bytes[i] = static_cast<char>(number & 0xFFU);
  }
  return crypto::crc64nvme(crc, std::string_view(bytes.data(), bytes.size()));
}

std::uint64_t add_value(std::uint64_t crc, sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
      return add_number(crc, 'n', 0);
    case SQLITE_INTEGER:
      return add_number(crc, 'i', static_cast<std::uint64_t>(sqlite3_value_int64(value)));
    default:
      break;
  }
  const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  crc = add_number(crc, 'b', size);
  return size == 0 ? crc : crypto::crc64nvme(crc, std::string_view(data, size));
}

void row_check(sqlite3_context* context, int count, sqlite3_value** values) {
  std::uint64_t crc = 0;
  for (sqlite3_value* value : std::span(values, static_cast<std::size_t>(count))) {
    crc = add_value(crc, value);
  }
  sqlite3_result_int64(context, std::bit_cast<std::int64_t>(crc));
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
