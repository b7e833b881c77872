#include "facts/service_linked_roles.h"

#include <algorithm>
#include <array>

namespace signet::facts {
namespace {

constexpr auto kRows = std::to_array<ServiceLinkedRoleRow>({
#include "facts/service_linked_roles_table.inc"
});
static_assert(std::ranges::is_sorted(kRows, {}, &ServiceLinkedRoleRow::service));
static_assert(std::ranges::adjacent_find(kRows, {}, &ServiceLinkedRoleRow::service) == kRows.end(),
              "services must be unique");

}  // namespace

const ServiceLinkedRoleRow* find_service_linked_role(std::string_view service) {
  const auto* const found =
      std::ranges::lower_bound(kRows, service, {}, &ServiceLinkedRoleRow::service);
  return found != kRows.end() && found->service == service ? &*found : nullptr;
}

}  // namespace signet::facts
