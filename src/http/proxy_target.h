#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet::http {

// What a request to a proxy is for (RFC 9112 3.2.2, 3.2.3).
struct ProxyTarget {
  bool is_tunnel = false;  // CONNECT
  std::string host;        // lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;
  // Of a plain request, as it is sent on to the origin: the head with the target in origin form and
  // `Connection: close` in place of what the client said of its own connection.
  std::string origin_head;
};

// Reads the head of a request to a proxy, blank line included. Nothing for what is not one: another
// form, no host, a port that is none.
[[nodiscard]] std::optional<ProxyTarget> read_proxy_target(std::string_view head);

}  // namespace signet::http
