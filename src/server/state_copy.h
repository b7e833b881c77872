#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace signet::server {

// What a store holds, to compare it with another one.
struct StateSums {
  std::uint64_t records = 0;
  std::uint64_t lines = 0;  // groups of audit lines that wait for a trail; not among the records
  store::Revision revision = 0;
  bool has_schema = false;
  std::string digest;  // SHA-256 of lengths and bytes of keys and values, in the order of keys
};

[[nodiscard]] Result<StateSums> sum_up(store::Store& store);

// Takes every record of a store to an empty one as it is, data keys under their master key among
// them. Audit lines stay where they are: they belong to the trail of a process. The schema version
// comes last, and a store without it is refused by every start.
class StateCopy {
 public:
  // `to` outlives it.
  explicit StateCopy(store::Store& to) : to_(to) {}

  // All records of one revision of `from` but the schema version; what there was, that among it.
  [[nodiscard]] Result<StateSums> take(store::Store& from);
  [[nodiscard]] Status finish();

 private:
  [[nodiscard]] Status add(const store::RecordView& record);
  [[nodiscard]] Status flush();

  store::Store& to_;
  store::Transaction next_;
  std::size_t bytes_ = 0;
  std::string schema_;
};

}  // namespace signet::server
