#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace signet::codec {

// A CBOR value (RFC 8949) of the kinds that authenticators send: no tags, no floats, no simple
// values but true, false and null, and every length told before what it is of. Texts are views into
// the bytes that were parsed.
struct Cbor {
  enum class Type : std::uint8_t { Unsigned, Negative, Bytes, Text, Array, Map, Simple };

  Type type = Type::Simple;
  std::uint64_t number = 0;  // Unsigned: the value; Negative: -1 minus it; Simple: 20, 21 or 22
  std::string_view text;     // of Bytes and Text
  std::vector<Cbor> items;   // of Array; of Map: key, value, key, value

  [[nodiscard]] bool is(Type wanted) const { return type == wanted; }

  // The number if it is whole and fits.
  [[nodiscard]] std::optional<std::int64_t> as_int() const;

  // The value under a key of a map; null if there is none, or this is no map.
  [[nodiscard]] const Cbor* find(std::string_view key) const;
  [[nodiscard]] const Cbor* find(std::int64_t key) const;
};

// Nothing for other bytes, a key that comes twice, more than 16 levels or 1,024 values. `used`, if
// given, says how many bytes the value took; without it there may be none behind it.
[[nodiscard]] std::optional<Cbor> parse_cbor(std::string_view bytes, std::size_t* used = nullptr);

}  // namespace signet::codec
