#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// Private to this room: raw deflate (RFC 1951) through zlib.
namespace signet::token {

// Compressed bytes; deterministic for one version of zlib.
[[nodiscard]] std::string deflate_bytes(std::string_view bytes);

// The original; nothing if malformed, cut short, followed by more, or longer than `limit`.
[[nodiscard]] std::optional<std::string> inflate_bytes(std::string_view compressed,
                                                       std::size_t limit);

}  // namespace signet::token
