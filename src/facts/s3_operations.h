#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "facts/s3_operation_ids.h"  // IWYU pragma: export

namespace signet::facts {

// What the path of a request names.
enum class S3Level : std::uint8_t { Service, Bucket, Object };

// One row of facts/s3_operations.tsv.
struct S3OperationRow {
  S3Operation id;
  std::string_view name;
  std::string_view method;
  S3Level level;
  // Query parameters that must be there, "name" or "name=value"; unused ones are empty.
  std::array<std::string_view, 2> params;
  std::string_view header;  // request header that must be there; empty: none
  bool is_implemented;
  std::string_view action;  // IAM action of implemented operations (policy-semantics 8.4)
};

// All rows, sorted by name.
[[nodiscard]] std::span<const S3OperationRow> all_s3_operations();

// The row of an operation; every S3Operation has one.
[[nodiscard]] const S3OperationRow& s3_operation_row(S3Operation id);

}  // namespace signet::facts
