#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/unique_fd.h"

namespace signet::http {

struct TcpTarget {
  std::string host;  // localhost is 127.0.0.1
  std::uint16_t port = 0;
  int timeout_seconds = 0;      // of connecting, and of each send and receive
  bool resolves_names = false;  // or the host is an address
};

// A connected socket that blocks, to the first of the host's addresses that answers. The error is a
// sentence. Blocks.
[[nodiscard]] std::expected<UniqueFd, std::string> connect_tcp(const TcpTarget& target);

}  // namespace signet::http
