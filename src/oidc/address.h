#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet::oidc {

// An address of a host, IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
using Address = std::array<std::uint8_t, 16>;

// Nothing for a text that is no address.
[[nodiscard]] std::optional<Address> address_of(std::string_view text);

// How far an address leads.
enum class Reach : std::uint8_t {
  Public,
  Private,    // of this machine or a network of one's own
  Forbidden,  // link-local (where clouds have their metadata), multicast, reserved, translated
};

// By IANA's registries of special-purpose addresses (RFC 6890); what they do not name is public in
// IPv4 and, in IPv6, within 2000::/3 only.
[[nodiscard]] Reach reach_of(const Address& address);

}  // namespace signet::oidc
