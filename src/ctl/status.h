#pragma once

#include <expected>
#include <string>

#include "http/client.h"

namespace signet::ctl {

struct StatusOptions {
  std::string endpoint;
  bool is_json = false;
  std::string ca_file = {};   // for https; empty: the system's authorities
  std::string tls_name = {};  // that the certificate must have; empty: the endpoint's host
};

// The HTTP status of a server's health; or why there is no answer.
[[nodiscard]] std::expected<int, std::string> health_of(const StatusOptions& options);

// Where the endpoint is, for a client; or what is wrong with it.
[[nodiscard]] std::expected<http::ClientOptions, std::string> server_at(
    const StatusOptions& options);

}  // namespace signet::ctl
