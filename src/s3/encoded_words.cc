#include "s3/encoded_words.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/strings.h"
#include "codec/base64.h"

namespace signet::s3 {
namespace {

constexpr std::string_view kBegin = "=?UTF-8?";
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

}  // namespace

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
