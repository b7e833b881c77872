#pragma once

#include <span>
#include <string_view>

#include "base/instant.h"

namespace signet::facts {

// One policy that AWS maintains, from facts/managed_policies.jsonl. Only the version in force is
// known.
struct ManagedPolicy {
  std::string_view arn;                 // arn:aws:iam::aws:policy<path><name>
  std::string_view name;                // unique among them
  std::string_view path;                // "/", "/job-function/", "/service-role/", ...
  std::string_view policy_id;           // AWS's own where recorded, otherwise derived from the ARN
  std::string_view description;         // empty where AWS's is not recorded
  std::string_view default_version_id;  // "v" and a number
  Instant create_date;
  Instant update_date;
  std::string_view document;  // JSON without blanks between its parts
};

// All of them, sorted by ARN without duplicates; the texts live as long as the process.
[[nodiscard]] std::span<const ManagedPolicy> managed_policies();

// The policy of this ARN, compared with case, or null. Thread-safe, no allocation, O(log n).
[[nodiscard]] const ManagedPolicy* find_managed_policy(std::string_view arn);

}  // namespace signet::facts
