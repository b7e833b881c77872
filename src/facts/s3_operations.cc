#include "facts/s3_operations.h"

#include <array>
#include <cstddef>

namespace signet::facts {
namespace {

constexpr auto kS3Operations = std::to_array<S3OperationRow>({
#include "facts/s3_operations_table.inc"
});

constexpr bool rows_match_their_ids() {
  for (std::size_t i = 0; i < kS3Operations.size(); ++i) {
    if (static_cast<std::size_t>(kS3Operations[i].id) != i) {
      return false;
    }
  }
  return true;
}

static_assert(rows_match_their_ids());

}  // namespace

std::span<const S3OperationRow> all_s3_operations() {
  return kS3Operations;
}

const S3OperationRow& s3_operation_row(S3Operation id) {
  return kS3Operations[static_cast<std::size_t>(id)];
}

}  // namespace signet::facts
