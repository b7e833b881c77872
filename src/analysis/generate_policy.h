#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/recorded_access.h"
#include "base/result.h"

namespace signet::analysis {

struct GeneratedPolicy {
  std::string document;  // JSON, two spaces a level
  std::size_t statements = 0;
  std::vector<std::string> unused_patterns;  // that no resource matched
};

// The smallest identity policy that allows these accesses: a statement for each set of resources,
// with all actions on it; actions without resource types are on "*". `patterns`: resources with *
// and ?; whatever resource one of them matches becomes that pattern, the first that does.
// ServiceFailure if decide() does not allow one of them by the result, which is a fault of this
// function.
[[nodiscard]] Result<GeneratedPolicy> generate_policy(const std::map<Access, Uses>& accesses,
                                                      const std::vector<std::string>& patterns);

// A resource as a policy names it alone: what has a meaning there is written as a variable (R-2.1,
// "*" stays.
[[nodiscard]] std::string literal_pattern(std::string_view resource);

}  // namespace signet::analysis
