#include "codec/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "codec/impl/escape_scan.h"
#include "codec/utf8.h"

namespace signet::codec {
namespace {

struct Stop {
  auto operator()(impl::Block b) const {
    return (b < 0x20) | (b == '"') | (b == '\\') | (b > 0x7E);
  }

  bool operator()(std::uint8_t b) const { return b < 0x20 || b == '"' || b == '\\' || b > 0x7E; }
};

void append_ascii(std::string& out, char c) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  static constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  static constexpr std::string_view kLetters = "\"\\bfnrt";
  const auto byte = static_cast<std::uint8_t>(c);
  const std::size_t named = kNamed.find(c);
  if (named != std::string_view::npos) {
    out += '\\';
    out += kLetters[named];
  } else if (byte < 0x20 || byte == 0x7F) {
    out += "\\u00";
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  } else {
    out += c;
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (impl::plain_prefix(text, Stop{}) == text.size()) [[likely]] {
    const std::size_t before = out.size();
    out.resize_and_overwrite(before + text.size() + 2, [&](char* bytes, std::size_t) {
      char* at = bytes + before;
      *at++ = '"';
      at = std::copy(text.begin(), text.end(), at);
      *at = '"';
      return before + text.size() + 2;
    });
    return;
  }
  out += '"';
  while (true) {
    const std::size_t plain = impl::plain_prefix(text, Stop{});
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) {
      break;
    }
    std::uint32_t point = 0;
    const std::size_t size = utf8_sequence(text, point);
    if (size == 1) {
      append_ascii(out, text.front());
    } else {
      out.append(size == 0 ? impl::kReplacement : text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out += '"';
}

void JsonWriter::integer(std::int64_t value) {
  std::array<char, 24> digits{};
  const auto [last, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  literal(std::string_view(digits.data(), last));
}

}  // namespace signet::codec
