#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace signet::http {

// An IPv6 address, or an IPv4 one in its mapped form (::ffff:192.0.2.1), in network order.
using AddressBytes = std::array<std::uint8_t, 16>;

// Whether a textual address is one of this machine's own: 127.0.0.0/8 or ::1, also mapped.
[[nodiscard]] bool is_loopback(std::string_view address);

// What counts as one client where addresses are counted: an IPv4 address, or the /64 network of an
// IPv6 address, of which a client has the whole. A text that is no address is left as it is.
[[nodiscard]] std::string client_network(std::string_view address);

// The proxies whose word about their client is taken.
class TrustedProxies {
 public:
  // Reads one range (192.0.2.0/24, 2001:db8::/32) or one address. The error says what is wrong with
  // it. A range of every address is refused: any client could choose where it comes from.
  [[nodiscard]] std::expected<void, std::string> add(std::string_view range);

  [[nodiscard]] bool is_empty() const { return ranges_.empty(); }

  [[nodiscard]] bool contains(std::string_view address) const;
  [[nodiscard]] bool contains(const AddressBytes& address) const;

 private:
  struct Range {
    AddressBytes first{};
    int bits = 0;  // of the 128
  };

  std::vector<Range> ranges_;
};

struct ForwardedClient {
  std::string address;  // in its shortest form; IPv4 where it is mapped
  bool is_secure = false;
};

// What `peer`, a trusted proxy, says about the client of a request: in Forwarded (RFC 7239), and in
// X-Forwarded-For and X-Forwarded-Proto. Nothing if it says nothing.
//
// Each proxy adds the address it saw at the right, so the client is the right-most address that is
// no trusted proxy; what stands to the left of it is the client's own claim and is not looked at.
// The connection counts as secure if the client's element of Forwarded says https, or all of
// X-Forwarded-Proto does. A value that cannot be read, an address that is not told (`unknown`,
// `_hidden`) or two headers that contradict each other fail closed: the peer is the client, and the
// connection is not secure.
[[nodiscard]] std::optional<ForwardedClient> forwarded_client(const TrustedProxies& proxies,
                                                              std::span<const HeaderView> headers,
                                                              std::string_view peer);

}  // namespace signet::http
