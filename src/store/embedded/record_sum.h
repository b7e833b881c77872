#pragma once

#include <cstdint>
#include <string_view>

#include "store/store.h"

namespace signet::store {

// The checksum that a record carries in the database (docs/formats/store.md).
[[nodiscard]] std::uint64_t record_checksum(std::string_view key,
                                            std::string_view value,
                                            Revision revision);

// How many records there are and the sum of their checksums: what is lost, doubled or old changes
// it.
struct RecordSum {
  std::uint64_t records = 0;
  std::uint64_t total = 0;  // modulo 2^64

  void add(std::uint64_t checksum) {
    records += 1;
    total += checksum;
  }

  void remove(std::uint64_t checksum) {
    records -= 1;
    total -= checksum;
  }

  bool operator==(const RecordSum&) const = default;
};

}  // namespace signet::store
