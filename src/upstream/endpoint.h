#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet::upstream {

// Where an S3 service is.
struct Endpoint {
  bool is_tls = false;
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 0;
  std::string authority;  // as the Host header has it
};

// "http://HOST[:PORT]" or "https://HOST[:PORT]", perhaps with a slash at its end. Nothing for
// anything else: a user, a path, a query.
[[nodiscard]] std::optional<Endpoint> endpoint_of(std::string_view url);

}  // namespace signet::upstream
