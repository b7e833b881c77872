#include "store/embedded/tables_meta.h"

#include <algorithm>
#include <string>

#include "base/strings.h"
#include "crypto/checksum.h"
#include "facts/errors.h"
#include "store/embedded/little_endian.h"

namespace signet::store {

std::uint64_t meta_checksum(const TablesMeta& meta) {
  std::string bytes;
  append_number(bytes, meta.revision, 8);
  append_number(bytes, static_cast<std::uint64_t>(meta.log), 8);
  append_number(bytes, meta.sum.records, 8);
  append_number(bytes, meta.sum.total, 8);
  bytes.append(meta.log_id.data(), meta.log_id.size());
  return crypto::crc64nvme(0, bytes);
}

Result<TablesMeta> read_tables_meta(Connection& connection, const std::string& path) {
  Statement row = TRY(connection.prepare(
      "SELECT revision, log_id, log, records, total, checksum FROM meta WHERE id = 1"));
  TablesMeta meta;
  const bool has_row = TRY(row.step()) == Step::Row && row.bytes(1).size() == meta.log_id.size();
  if (has_row) {
    meta.revision = static_cast<Revision>(row.number(0));
    std::ranges::copy(row.bytes(1), meta.log_id.begin());
    meta.log = static_cast<LogUse>(row.number(2));
    meta.sum = {.records = static_cast<std::uint64_t>(row.number(3)),
                .total = static_cast<std::uint64_t>(row.number(4))};
  }
  if (!has_row || meta_checksum(meta) != static_cast<std::uint64_t>(row.number(5))) {
    return std::unexpected(facts::service_failure(
        concat("store ",
               path,
               ": the row of the table meta does not match its checksum: the file is damaged or "
               "was changed; restore the whole folder from a backup")));
  }
  return meta;
}

}  // namespace signet::store
