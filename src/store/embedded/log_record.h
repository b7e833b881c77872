#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace signet::store {

// The form of one group of commits in the commit log; docs/formats/store.md. No I/O here.

// Records begin at multiples of this, so that a write never touches a sector that holds an earlier
// one. On disk: do not change.
inline constexpr std::size_t kLogBlock = 4096;

// Random bytes that the database and its log share. A record of another database is no record, and
// nobody who can only choose keys and values can make bytes that look like one.
inline constexpr std::size_t kLogIdSize = 16;
using LogId = std::array<char, kLogIdSize>;

struct LogRecord {
  Revision first = 0;  // of its first batch; the others follow one by one
  Revision last = 0;
  std::string bytes;  // as in the file: a multiple of kLogBlock
};

// What a batch does to one key. The views point into the record.
struct LogChange {
  Revision revision = 0;
  std::string_view key;
  std::optional<std::string_view> value;  // none: the record of the key goes
};

using Batch = std::span<const Transaction>;
using LogVisitor = std::function<Status(const LogChange&)>;

// Bytes that a record of these batches takes in the file.
[[nodiscard]] std::size_t log_record_size(std::span<const Batch> batches);

// The record of these batches (at least one), which get the revisions from `first` on.
[[nodiscard]] LogRecord make_log_record(const LogId& id,
                                        Revision first,
                                        std::span<const Batch> batches);

// The whole record at the beginning of `bytes`, checksum verified. None: anything else, such as
// zeros, a record that was not written to its end, or one of another database.
[[nodiscard]] std::optional<LogRecord> read_log_record(const LogId& id, std::string_view bytes);

// Shows the changes of a record in order. Fails with ServiceFailure where the body is not in the
// documented form.
[[nodiscard]] Status visit_log_record(const LogRecord& record, const LogVisitor& visit);

// What lies in one file of the log.
struct LogScan {
  std::vector<LogRecord> records;  // from the beginning on, each continuing the one before
  std::size_t end = 0;             // where they end
  Revision highest = 0;            // first revision of any record that was begun anywhere in it
};

[[nodiscard]] LogScan scan_log(const LogId& id, std::string_view bytes);

}  // namespace signet::store
