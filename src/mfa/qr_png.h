#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signet::mfa {

// A PNG (one bit a pixel, quiet zone included, about 300 pixels wide) of the QR code of `text`,
// error correction M. Nothing if the text is longer than a QR code holds (about 2,300 bytes).
[[nodiscard]] std::optional<std::string> qr_png(std::string_view text);

}  // namespace signet::mfa
