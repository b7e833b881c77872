#pragma once

#include <string_view>

namespace signet::facts {

// A service that has service-specific credentials; one row of facts/service_credentials.tsv.
struct ServiceWithCredentials {
  std::string_view name;    // codecommit.amazonaws.com
  std::string_view prefix;  // of its API keys; empty: it has user names and passwords

  [[nodiscard]] bool has_api_keys() const { return !prefix.empty(); }
};

// By its name in lower case; null if there is none. O(log n).
[[nodiscard]] const ServiceWithCredentials* find_service_with_credentials(std::string_view name);

}  // namespace signet::facts
