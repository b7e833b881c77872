#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "facts/policy_finding_ids.h"  // IWYU pragma: export

namespace signet::facts {

// Most serious first, as AWS's ValidatePolicy names them.
enum class FindingType : std::uint8_t { Error, SecurityWarning, Warning, Suggestion };

// One row of facts/policy_findings.tsv that can be decided here.
struct PolicyFinding {
  std::string_view name;  // ours, such as PassRoleWithStar
  std::string_view aws;   // AWS's issue code, such as PASS_ROLE_WITH_STAR_IN_RESOURCE; may be empty
  FindingType type = FindingType::Error;
};

// All rows, in the order of FindingId.
[[nodiscard]] std::span<const PolicyFinding> policy_findings();

[[nodiscard]] const PolicyFinding& policy_finding(FindingId id);

}  // namespace signet::facts
