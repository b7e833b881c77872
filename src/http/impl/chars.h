#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

// Character classes of RFC 9110 and 9112 as tables.
namespace signet::http::chars {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) {
    table[static_cast<std::size_t>(c)] =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}

// Visible ASCII except `#`, which never goes over the wire (RFC 9112 3.2.1).
constexpr std::array<bool, 256> make_target_table() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x21; c <= 0x7E; ++c) {
    table[c] = c != '#';
  }
  return table;
}

constexpr std::array<bool, 256> make_authority_table() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x21; c <= 0x7E; ++c) {
    table[c] = true;
  }
  for (const char c : std::string_view("/?#@\\\"<>^`{|},")) {
    table[static_cast<unsigned char>(c)] = false;
  }
  return table;
}

inline constexpr std::array<bool, 256> kToken = make_token_table();
inline constexpr std::array<bool, 256> kTarget = make_target_table();
inline constexpr std::array<bool, 256> kAuthority = make_authority_table();

constexpr bool in(const std::array<bool, 256>& table, char c) {
  return table[static_cast<unsigned char>(c)];
}

constexpr bool all_in(const std::array<bool, 256>& table, std::string_view text) {
  for (const char c : text) {
    if (!in(table, c)) {
      return false;
    }
  }
  return true;
}

// A byte that may stand in a field value: everything but the control bytes, HTAB excepted (RFC
// 9110 5.5).
constexpr bool is_field_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
}

// Index of the first byte at or after `at` that is below 0x20 or is 0x7F; the size if there is
// none. Eight at a time.
inline std::size_t find_control(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  while (at + 8 <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t below = (word - kOnes * 0x20) & ~word & kHigh;
    const std::uint64_t del = word ^ (kOnes * 0x7F);
    const std::uint64_t is_del = (del - kOnes) & ~del & kHigh;
    const std::uint64_t hit = below | is_del;
    if (hit != 0) {
      // The lowest hit is exact; borrow can only mark bytes above a true one.
      static_assert(std::endian::native == std::endian::little);
      return at + static_cast<std::size_t>(std::countr_zero(hit)) / 8;
    }
    at += 8;
  }
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte == 0x7F) {
      return at;
    }
    ++at;
  }
  return text.size();
}

}  // namespace signet::http::chars
