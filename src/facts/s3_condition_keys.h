#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace signet::facts {

// What facts/s3_condition_keys.tsv says about a condition key of S3.
struct S3ConditionKey {
  bool fits_every_action = false;
  std::span<const std::string_view> actions;  // else these, without "s3:"
};

// The key of that name, such as s3:prefix or s3:ExistingObjectTag/team, ASCII case ignored; nothing
// when S3 has no such key. Thread-safe, no allocation.
[[nodiscard]] std::optional<S3ConditionKey> find_s3_condition_key(std::string_view name);

}  // namespace signet::facts
