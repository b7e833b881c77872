#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/body_budget.h"
#include "http/message.h"
#include "http/trusted_proxies.h"

namespace signet::http {

// The other end of one connection.
struct Peer {
  std::string address;
  std::uint16_t port = 0;
  bool tls = false;
  int listener = 0;
  // Not null: the peer is one of these proxies and may speak for its clients.
  const TrustedProxies* proxies = nullptr;
  // Whom it spoke for in the request in progress.
  std::optional<ForwardedClient> spoken_for = std::nullopt;
  // Its place among the connections of its address; none for a proxy that is trusted.
  AddressLease lease = AddressLease();

  // Fills what a head, whose headers are there, says of its client. `tls_version`: of this
  // connection. The head borrows from this peer until the next call.
  void introduce(RequestHead& head, std::string_view tls_version);
};

}  // namespace signet::http
