#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signet::codec {

// RFC 4648 6 (A-Z, 2-7), with padding.
[[nodiscard]] std::string encode_base32(std::string_view bytes);

// The bytes of base32 text. Lower case is taken as upper case and padding may be missing, because
// people type TOTP seeds; nothing for other characters, an impossible length, wrong padding or
// unused bits that are not zero.
[[nodiscard]] std::optional<std::string> decode_base32(std::string_view text);

}  // namespace signet::codec
