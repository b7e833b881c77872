#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The two ways to write a signature of ECDSA: two numbers of `half` bytes each, one after the other
// (RFC 7518 3.4; half is coordinate_size() of the curve), and the DER of X9.62 (RFC 3279 2.2.3).
// Pure functions.
namespace signet::crypto {

// Nothing for halves of another size.
[[nodiscard]] std::optional<std::string> ecdsa_to_der(std::string_view halves, std::size_t half);

// Nothing for bytes that are no signature in DER, all of them, or whose numbers are negative or too
// long for the curve.
[[nodiscard]] std::optional<std::string> ecdsa_from_der(std::string_view der, std::size_t half);

}  // namespace signet::crypto
