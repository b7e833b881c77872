#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signet::codec {

// Appends two lower-case hexadecimal digits a byte.
void append_hex(std::string& out, std::span<const std::uint8_t> bytes);

// The bytes of an even number of hexadecimal digits of either case; nothing otherwise.
[[nodiscard]] std::optional<std::string> decode_hex(std::string_view text);

}  // namespace signet::codec
