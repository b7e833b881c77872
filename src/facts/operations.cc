#include "facts/operations.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signet::facts {
namespace {

constexpr auto kServiceRows = std::to_array<ServiceRow>({
#include "facts/services_table.inc"
});

constexpr auto kJsonRoutes = std::to_array<JsonRoute>({
#include "facts/json_routes_table.inc"
});

constexpr auto kOperations = std::to_array<OperationRow>({
#include "facts/operations_table.inc"
});

constexpr bool ids_match_their_rows() {
  for (std::size_t i = 0; i < kOperations.size(); ++i) {
    if (static_cast<std::size_t>(kOperations[i].id) != i) {
      return false;
    }
  }
  return true;
}

constexpr bool services_match_their_rows() {
  for (std::size_t i = 0; i < kServiceRows.size(); ++i) {
    if (static_cast<std::size_t>(kServiceRows[i].service) != i) {
      return false;
    }
  }
  return kServiceRows.size() == kServices;
}

constexpr auto key(const OperationRow& row) {
  return std::pair(row.service, row.name);
}

static_assert(ids_match_their_rows());
static_assert(std::ranges::is_sorted(kOperations, std::ranges::less{}, key));
static_assert(services_match_their_rows());

}  // namespace

const ServiceRow& service_row(Service service) {
  return kServiceRows[static_cast<std::size_t>(service)];
}

const OperationRow& operation_row(Operation id) {
  return kOperations[static_cast<std::size_t>(id)];
}

std::span<const OperationRow> all_operations() {
  return kOperations;
}

std::span<const JsonRoute> all_json_routes() {
  return kJsonRoutes;
}

const OperationRow* find_operation(Service service, std::string_view name) {
  const auto wanted = std::pair(service, name);
  const auto* const row = std::ranges::lower_bound(kOperations, wanted, std::ranges::less{}, key);
  return row != kOperations.end() && key(*row) == wanted ? row : nullptr;
}

}  // namespace signet::facts
