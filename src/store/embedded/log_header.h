#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/embedded/log_record.h"

namespace signet::store {

// What the first block of a log file says about it; docs/formats/store.md. No I/O here.
struct LogHeader {
  LogId id{};                // of the database whose log it is
  std::uint32_t number = 0;  // which of its files
  std::uint64_t size = 0;    // bytes behind the block that the file has at least

  bool operator==(const LogHeader&) const = default;
};

// A block.
[[nodiscard]] std::string make_log_header(const LogHeader& header);

// Nothing where `bytes` do not begin with one, checksum verified.
[[nodiscard]] std::optional<LogHeader> read_log_header(std::string_view bytes);

}  // namespace signet::store
