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

// Blank characters: OWS of HTTP (RFC 9110 5.6.3), and the white space of XML and PEM.
inline constexpr std::string_view kBlanks = " \t";
inline constexpr std::string_view kWhiteSpace = " \t\r\n";

// The text without such characters at its ends.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text,
                                                 std::string_view blanks = kBlanks) {
  const std::size_t first = text.find_first_not_of(blanks);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Joins the pieces into one string with one allocation.
template <class... Pieces>
[[nodiscard]] std::string concat(const Pieces&... pieces) {
  std::string out;
  out.reserve((std::string_view(pieces).size() + ... + 0));
  (out.append(std::string_view(pieces)), ...);
  return out;
}

// The text as one word of a POSIX shell.
[[nodiscard]] std::string shell_quoted(std::string_view text);

// Decimal digits only, no sign, no space; nothing on overflow of 63 bits.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view s);

// Number of code points of UTF-8 text; a malformed byte counts as one.
[[nodiscard]] std::size_t utf8_length(std::string_view s);

// Strict UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view s);

}  // namespace signet
