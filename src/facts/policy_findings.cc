#include "facts/policy_findings.h"

#include <cstddef>

namespace signet::facts {
namespace {

constexpr PolicyFinding kRows[] = {
#include "facts/policy_findings_table.inc"
};

static_assert(std::size(kRows) == kFindingCount);

}  // namespace

std::span<const PolicyFinding> policy_findings() {
  return kRows;
}

const PolicyFinding& policy_finding(FindingId id) {
  return kRows[static_cast<std::size_t>(id)];
}

}  // namespace signet::facts
