#include "s3/encoded_words.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/utf8.h"

namespace signet::s3 {
namespace {

constexpr std::string_view kBegin = "=?UTF-8?";
constexpr std::string_view kWordBegin = "=?";
constexpr std::string_view kEnd = "?=";
constexpr std::size_t kWordMax = 75;

bool is_printable(char c) {
  return c == '\t' || (c >= ' ' && c <= '~');
}

std::string utf8_of_latin1(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0U | (byte >> 6U));
      out += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return out;
}

// The characters of a text in UTF-8.
std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
      size += 1;
    }
    out.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

std::string in_q(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') {
      out += '_';
    } else if (c > ' ' && c <= '~' && c != '=' && c != '?' && c != '_') {
      out += c;
    } else {
      out += '=';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 0xFU];
    }
  }
  return out;
}

std::string word_of(std::string_view text, bool is_mostly_ascii) {
  return is_mostly_ascii ? concat(kBegin, "Q?", in_q(text), kEnd)
                         : concat(kBegin, "B?", codec::encode_base64(text), kEnd);
}

std::optional<std::string> decode_q(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i] == '_' ? ' ' : text[i];
      continue;
    }
    const std::optional<std::string> byte = codec::decode_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) {
      return std::nullopt;
    }
    out += *byte;
    i += 2;
  }
  return out;
}

// Takes an encoded word off the front: "=?charset?encoding?text?=" (RFC 2047 2).
std::optional<std::string> take_word(std::string_view& text) {
  if (!text.starts_with(kWordBegin)) {
    return std::nullopt;
  }
  const std::size_t charset_end = text.find('?', 2);
  const std::size_t encoding_end =
      charset_end == std::string_view::npos ? charset_end : text.find('?', charset_end + 1);
  const std::size_t end =
      encoding_end == std::string_view::npos ? encoding_end : text.find(kEnd, encoding_end + 1);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view charset = text.substr(2, charset_end - 2);
  const std::string_view encoding = text.substr(charset_end + 1, encoding_end - charset_end - 1);
  const std::string_view coded = text.substr(encoding_end + 1, end - encoding_end - 1);
  const bool is_known =
      equals_ignore_case(charset, "UTF-8") || equals_ignore_case(charset, "US-ASCII");
  std::optional<std::string> word;
  if (is_known && equals_ignore_case(encoding, "Q")) {
    word = decode_q(coded);
  } else if (is_known && equals_ignore_case(encoding, "B")) {
    word = codec::decode_base64(coded);
  }
  if (!word || !is_utf8(*word)) {
    return std::nullopt;
  }
  text.remove_prefix(end + kEnd.size());
  return word;
}

}  // namespace

std::string stored_metadata(std::string_view value) {
  std::string out;
  std::string_view left = value;
  bool follows_word = false;
  while (!left.empty()) {
    const std::size_t begin = std::min(left.find(kWordBegin), left.size());
    const std::string_view between = left.substr(0, begin);
    left.remove_prefix(begin);
    const bool is_gap = follows_word && !left.empty() && trimmed(between).empty();
    out += is_gap ? std::string_view() : between;
    if (left.empty()) {
      break;
    }
    const bool is_apart = between.empty() || between.back() == ' ' || between.back() == '\t';
    const std::optional<std::string> word = is_apart ? take_word(left) : std::nullopt;
    if (!word) {
      return std::string(value);
    }
    out += *word;
    follows_word = true;
  }
  return out;
}

std::string latin1_or_spaces(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::uint32_t point = 0;
    const std::size_t size = codec::utf8_sequence(text, point);
    out += size == 0 || point > 0xFF ? ' ' : static_cast<char>(point);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

std::string shown_metadata(std::string_view value) {
  if (std::ranges::all_of(value, is_printable)) {
    return std::string(value);
  }
  const std::string text = is_utf8(value) ? std::string(value) : utf8_of_latin1(value);
  const std::vector<std::string_view> all = characters(text);
  const auto printable = static_cast<std::size_t>(std::ranges::count_if(
      all, [](std::string_view one) { return one.size() == 1 && is_printable(one.front()); }));
  const bool is_mostly_ascii = printable > all.size() - printable;
  std::string out;
  std::string part;
  const auto end_word = [&] {
    out += out.empty() ? "" : " ";
    out += word_of(part, is_mostly_ascii);
    part.clear();
  };
  for (const std::string_view one : all) {
    if (!part.empty() && word_of(concat(part, one), is_mostly_ascii).size() > kWordMax) {
      end_word();
    }
    part += one;
  }
  end_word();
  return out;
}

}  // namespace signet::s3
