#include "facts/managed_policies.h"

#include <algorithm>
#include <array>

namespace signet::facts {
namespace {

constexpr auto kManagedPolicies = std::to_array<ManagedPolicy>({
#include "facts/managed_policies_table.inc"
});

static_assert(std::ranges::is_sorted(kManagedPolicies, {}, &ManagedPolicy::arn));
static_assert(std::ranges::adjacent_find(kManagedPolicies, {}, &ManagedPolicy::arn) ==
              kManagedPolicies.end());

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
