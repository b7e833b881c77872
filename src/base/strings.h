#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet {

// ASCII-only character tests and folds; the locale plays no part.
[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] std::string to_lower(std::string_view s);

[[nodiscard]] bool equals_ignore_case(std::string_view a, std::string_view b);

// Three-way compare after ASCII folding: negative, 0 or positive.
[[nodiscard]] int compare_ignore_case(std::string_view a, std::string_view b);

// Joins the pieces into one string with one allocation.
template <class... Pieces>
[[nodiscard]] std::string concat(const Pieces&... pieces) {
  std::string out;
  out.reserve((std::string_view(pieces).size() + ... + 0));
  (out.append(std::string_view(pieces)), ...);
  return out;
}

// Decimal digits only, no sign, no space; nothing on overflow of 63 bits.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view s);

// Number of code points of UTF-8 text; a malformed byte counts as one.
[[nodiscard]] std::size_t utf8_length(std::string_view s);

// Strict UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view s);

}  // namespace signet
