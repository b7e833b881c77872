#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet::codec {

enum class Slash : std::uint8_t { Encode, Keep };

// RFC 3986 2.3: everything but A-Z a-z 0-9 - . _ ~ becomes %XX with upper-case digits, as SigV4
// wants it. A space is %20, never '+'. Slash::Keep leaves '/' alone (paths).
void append_percent_encoded(std::string& out, std::string_view text, Slash slash = Slash::Encode);
[[nodiscard]] std::string percent_encode(std::string_view text, Slash slash = Slash::Encode);

// Undoes %XX; '+' stays. Nothing when a '%' is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// The same for application/x-www-form-urlencoded, where '+' is a space.
[[nodiscard]] std::optional<std::string> form_decode(std::string_view text);

}  // namespace signet::codec
