#include "codec/base64.h"

#include <array>
#include <cstddef>

namespace signet::codec {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kBad = 0xFF;

constexpr std::array<std::uint8_t, 256> reverse(std::string_view alphabet) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto kStandardValues = reverse(kStandard);
constexpr auto kUrlValues = reverse(kUrl);

std::uint32_t byte_at(std::string_view s, std::size_t i) {
  return static_cast<std::uint8_t>(s[i]);
}

void encode(std::string& out, std::string_view bytes, std::string_view alphabet, bool pad) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t v =
        byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U | byte_at(bytes, i + 2);
    out += alphabet[v >> 18U];
    out += alphabet[v >> 12U & 63U];
    out += alphabet[v >> 6U & 63U];
    out += alphabet[v & 63U];
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) {
    return;
  }
  const std::uint32_t v = byte_at(bytes, i) << 16U | (rest == 2 ? byte_at(bytes, i + 1) << 8U : 0U);
  out += alphabet[v >> 18U];
  out += alphabet[v >> 12U & 63U];
  if (rest == 2) {
    out += alphabet[v >> 6U & 63U];
  }
  if (pad) {
    out.append(3 - rest, '=');
  }
}

// `text` has no padding any more.
std::optional<std::string> decode(std::string_view text,
                                  const std::array<std::uint8_t, 256>& values) {
  if (text.size() % 4 == 1) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::uint8_t value = values[static_cast<std::uint8_t>(c)];
    if (value == kBad) {
      return std::nullopt;
    }
    bits = (bits << 6U | value) & 0xFFFFU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xFFU);
    }
  }
  if ((bits & ((1U << held) - 1U)) != 0) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  encode(out, bytes, kStandard, true);
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  encode(out, bytes, kStandard, true);
  return out;
}

std::string encode_base64url(std::string_view bytes) {
  std::string out;
  encode(out, bytes, kUrl, false);
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  for (int i = 0; i < 2 && text.ends_with('='); ++i) {
    text.remove_suffix(1);
  }
  return decode(text, kStandardValues);
}

std::optional<std::string> decode_base64url(std::string_view text) {
  return decode(text, kUrlValues);
}

}  // namespace signet::codec
