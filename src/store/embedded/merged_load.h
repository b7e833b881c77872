#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/embedded/tables.h"
#include "store/store.h"

namespace signet::store {

// Store::load() over a database and the part of the log that may not be in it yet. Reads the
// database on a connection of its own; writes nothing. Fails where a record does not match its
// checksum, or (with an empty prefix) all of them do not match the sum that the database remembers.
// The log's records continue each other and begin at the latest with the one that follows the
// database's revision.
[[nodiscard]] Result<Revision> load_merged(const std::string& database,
                                           std::span<const SharedLogRecord> log,
                                           std::string_view prefix,
                                           const Visitor& visit);

// Store::load_all(), likewise: as the rows lie in the file, then what only the log has. Pages are
// read once and one after the other, where the order of keys jumps about in a large file.
[[nodiscard]] Result<Revision> load_merged_all(const std::string& database,
                                               std::span<const SharedLogRecord> log,
                                               const Visitor& visit);

}  // namespace signet::store
