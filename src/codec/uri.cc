#include "codec/uri.h"

#include <array>
#include <cstddef>

#include "base/strings.h"

namespace signet::codec {
namespace {

constexpr std::array<bool, 256> unreserved() {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 128; ++i) {
    const char c = static_cast<char>(i);
    table[i] = is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
  }
  return table;
}

constexpr auto kUnreserved = unreserved();
constexpr std::string_view kDigits = "0123456789ABCDEF";

int digit_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
      continue;
    }
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) {
      return std::nullopt;
    }
    const int high = digit_value(text[i + 1]);
    const int low = digit_value(text[i + 2]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace

void append_percent_encoded(std::string& out, std::string_view text, Slash slash) {
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (kUnreserved[byte] || (c == '/' && slash == Slash::Keep)) {
      out += c;
      continue;
    }
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
}

std::string percent_encode(std::string_view text, Slash slash) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  append_percent_encoded(out, text, slash);
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
  return decode(text, false);
}

std::optional<std::string> form_decode(std::string_view text) {
  return decode(text, true);
}

}  // namespace signet::codec
