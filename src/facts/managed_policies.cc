#include "facts/managed_policies.h"

#include <algorithm>
#include <array>

namespace signet::facts {
namespace {

// The generator sorts them and refuses two of one ARN.
constexpr auto kManagedPolicies = std::to_array<ManagedPolicy>({
#include "facts/managed_policies_table.inc"
});

}  // namespace

std::span<const ManagedPolicy> managed_policies() {
  return kManagedPolicies;
}

const ManagedPolicy* find_managed_policy(std::string_view arn) {
  const auto* const found =
      std::ranges::lower_bound(kManagedPolicies, arn, {}, &ManagedPolicy::arn);
  return found != kManagedPolicies.end() && found->arn == arn ? found : nullptr;
}

}  // namespace signet::facts
