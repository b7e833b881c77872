#pragma once

struct sqlite3;

namespace signet::objects::impl {

// Gives a connection the SQL function row_check(value, ...): a CRC-64/NVME over the kinds, lengths
// and bytes of its arguments. Every row of the index carries the one over its own columns, so that
// a record that is not what was written is noticed where SQLite's pages do not tell.
[[nodiscard]] bool add_row_check(sqlite3* raw);

}  // namespace signet::objects::impl
