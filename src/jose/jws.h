#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "codec/json.h"

namespace signet::jose {

// How a token is signed (RFC 7518 3.1). There is no "none" and no HMAC, so that no token can ask
// for them.
enum class Algorithm : std::uint8_t { Rs256, Rs384, Rs512, Es256, Es384, Es512 };

// By the name that a header or a key has for it; nothing for any other.
[[nodiscard]] std::optional<Algorithm> find_algorithm(std::string_view name);
[[nodiscard]] std::string_view name_of(Algorithm algorithm);

// Longest compact serialization that is read.
inline constexpr std::size_t kMaxCompactSize = std::size_t{32} * 1024;

// A JWS as it came (RFC 7515), whose signature nobody has looked at.
struct CompactJws {
  Algorithm algorithm = Algorithm::Rs256;
  std::optional<std::string> key_id;
  codec::Json header;         // an object
  std::string signing_input;  // what is signed: header and payload as they came, a dot between
  std::string payload;        // decoded
  std::string signature;      // decoded
};

// Reads the compact serialization (RFC 7515 7.1). The error says what is wrong, for the operator:
// a text that is none, a header with a member twice, an algorithm of no use here, and extensions
// that a reader must understand ("crit").
[[nodiscard]] std::expected<CompactJws, std::string> read_compact(std::string_view text);

}  // namespace signet::jose
