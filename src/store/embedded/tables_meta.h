#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/embedded/log_record.h"
#include "store/embedded/record_sum.h"
#include "store/embedded/sqlite.h"
#include "store/store.h"

namespace signet::store {

// What the database remembers of the commit log's files. On disk: do not renumber.
enum class LogUse : std::uint8_t {
  None = 0,     // not needed: they hold nothing that the tables do not hold
  InUse = 1,    // records were written to them
  Layout2 = 2,  // there may be some without a first block, as layout 2 had them
};

// The one row of the table meta: what the database says about itself.
struct TablesMeta {
  Revision revision = 0;  // up to which the tables hold everything
  LogId log_id{};
  LogUse log = LogUse::None;
  RecordSum sum;  // of the table record
};

[[nodiscard]] std::uint64_t meta_checksum(const TablesMeta& meta);

// Reads the row. `path` is for the message. Fails where it is missing or does not match its
// checksum.
[[nodiscard]] Result<TablesMeta> read_tables_meta(Connection& connection, const std::string& path);

}  // namespace signet::store
