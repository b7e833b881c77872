#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet::policy {

// A number of a Numeric condition: exact while it fits 64 bits, else IEEE double.
struct Number {
  double real = 0;
  std::int64_t integer = 0;
  bool is_integer = false;
};

[[nodiscard]] std::optional<Number> parse_number(std::string_view text);

// Negative, 0 or positive.
[[nodiscard]] int compare_numbers(const Number& a, const Number& b);

// Milliseconds since 1970 of an ISO-8601 text or of epoch seconds.
// `four_digits_are_a_year`: Q-3.
[[nodiscard]] std::optional<std::int64_t> parse_date(std::string_view text,
                                                     bool four_digits_are_a_year = true);

// What IAM's "legacy parsing" takes for a date when a policy is stored (aws-wire 4.9): wider than
// parse_date.
[[nodiscard]] bool is_storable_date(std::string_view text);

// "true" or "false", ASCII case ignored.
[[nodiscard]] std::optional<bool> parse_bool(std::string_view text);

// An address of either family in network order; v4 uses the first four bytes.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v6 = false;
};

// Host bits are cleared.
struct IpBlock {
  IpAddress base;
  std::uint8_t prefix = 0;  // 0..32 or 0..128
};

[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);

// An IP address as bits to compare: those of IPv4 stand first, zeros behind them.
struct AddressBits {
  std::array<std::uint64_t, 2> words;
  bool is_v6;
};

[[nodiscard]] AddressBits bits_of(const IpAddress& address);

// Address or CIDR block; an address alone is a block of one.
[[nodiscard]] std::optional<IpBlock> parse_ip_block(std::string_view text);

[[nodiscard]] bool contains(const IpBlock& block, const IpAddress& address);

// Standard base64 with padding; nothing when malformed, which bits of the last character
// that carry no data make it too: AWS decodes so ("Invalid last non-pad Base64 character").
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

// Compares base64 text against decoded bytes without allocating; malformed text never matches.
[[nodiscard]] bool base64_equals(std::string_view text, std::string_view bytes);

// "2026-11-22T10:00:00Z" into a buffer of at least 24 characters; returns its length.
[[nodiscard]] std::size_t format_iso8601(std::int64_t unix_ms, char* out);

}  // namespace signet::policy
