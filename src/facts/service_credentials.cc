#include "facts/service_credentials.h"

#include <algorithm>
#include <array>

namespace signet::facts {
namespace {

constexpr auto kServices = std::to_array<ServiceWithCredentials>({
#include "facts/service_credentials_table.inc"
});

static_assert(std::ranges::is_sorted(kServices, {}, &ServiceWithCredentials::name));

}  // namespace

const ServiceWithCredentials* find_service_with_credentials(std::string_view name) {
  const auto* const found =
      std::ranges::lower_bound(kServices, name, {}, &ServiceWithCredentials::name);
  return found != kServices.end() && found->name == name ? found : nullptr;
}

}  // namespace signet::facts
