#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signet::codec {

// The bytes of a span as text, for the functions below.
[[nodiscard]] inline std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// RFC 4648 4, with padding.
void append_base64(std::string& out, std::string_view bytes);
[[nodiscard]] std::string encode_base64(std::string_view bytes);

// RFC 4648 5, without padding (as JOSE and our tokens use it).
[[nodiscard]] std::string encode_base64url(std::string_view bytes);

// Strict: right alphabet, full padding, unused bits zero, no white space. Nothing otherwise, so
// that every byte string has exactly one spelling.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

// The same into the front of `out`, which has room for text.size() / 4 * 3 bytes; answers how many
// bytes were written, and writes no further.
[[nodiscard]] std::optional<std::size_t> decode_base64_to(std::string_view text,
                                                          std::span<char> out);

// Strict as above, and without padding.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace signet::codec
