#include "oidc/address.h"

#include <algorithm>
#include <cstddef>

#include <arpa/inet.h>

namespace signet::oidc {
namespace {

struct Network {
  Address prefix;
  unsigned bits;
  Reach reach;
};

constexpr Network v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, unsigned bits, Reach reach) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, 0}, 96 + bits, reach};
}

constexpr Network v6(std::uint16_t a, std::uint16_t b, unsigned bits, Reach reach) {
  return {{static_cast<std::uint8_t>(a >> 8),
           static_cast<std::uint8_t>(a & 0xFF),
           static_cast<std::uint8_t>(b >> 8),
           static_cast<std::uint8_t>(b & 0xFF)},
          bits,
          reach};
}

using enum Reach;

constexpr Network kLoopback6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, Private};

// The first that matches holds.
constexpr std::array kNetworks{
    v4(0, 0, 0, 8, Forbidden),        // this network
    v4(10, 0, 0, 8, Private),         // RFC 1918
    v4(100, 64, 0, 10, Private),      // RFC 6598, shared by carriers
    v4(127, 0, 0, 8, Private),        // loopback
    v4(169, 254, 0, 16, Forbidden),   // link-local
    v4(172, 16, 0, 12, Private),      // RFC 1918
    v4(192, 0, 0, 24, Forbidden),     // protocol assignments
    v4(192, 0, 2, 24, Forbidden),     // documentation
    v4(192, 88, 99, 24, Forbidden),   // 6to4 relays
    v4(192, 168, 0, 16, Private),     // RFC 1918
    v4(198, 18, 0, 15, Forbidden),    // benchmarks
    v4(198, 51, 100, 24, Forbidden),  // documentation
    v4(203, 0, 113, 24, Forbidden),   // documentation
    v4(224, 0, 0, 3, Forbidden),      // multicast, reserved, broadcast
    v4(0, 0, 0, 0, Public),           // all other IPv4
    kLoopback6,
    v6(0xFC00, 0, 7, Private),         // RFC 4193
    v6(0x2001, 0, 23, Forbidden),      // protocol assignments, Teredo
    v6(0x2001, 0xDB8, 32, Forbidden),  // documentation
    v6(0x2002, 0, 16, Forbidden),      // 6to4
    v6(0x3FFF, 0, 20, Forbidden),      // documentation
    v6(0x2000, 0, 3, Public),
};

bool is_in(const Address& address, const Network& network) {
  const std::size_t whole = network.bits / 8;
  const unsigned rest = network.bits % 8;
  if (!std::equal(address.begin(), address.begin() + whole, network.prefix.begin())) {
    return false;
  }
  return rest == 0 || (address.at(whole) >> (8 - rest)) == (network.prefix.at(whole) >> (8 - rest));
}

}  // namespace

std::optional<Address> address_of(std::string_view text) {
  const std::string name(text);
  Address address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (::inet_pton(AF_INET, name.c_str(), &address[12]) == 1 ||
      ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
    return address;
  }
  return std::nullopt;
}

Reach reach_of(const Address& address) {
  const auto* const found = std::ranges::find_if(
      kNetworks, [&address](const Network& network) { return is_in(address, network); });
  return found != kNetworks.end() ? found->reach : Forbidden;
}

}  // namespace signet::oidc
