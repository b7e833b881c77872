#pragma once

#include <expected>
#include <string>

namespace signet::ctl {

struct StatusOptions {
  std::string endpoint;
  bool is_json = false;
  std::string ca_file = {};   // for https; empty: the system's authorities
  std::string tls_name = {};  // that the certificate must have; empty: the endpoint's host
};

// The HTTP status of a server's health; or why there is no answer.
[[nodiscard]] std::expected<int, std::string> health_of(const StatusOptions& options);

}  // namespace signet::ctl
