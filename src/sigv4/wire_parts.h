#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sigv4/request.h"

// Private to this room: taking the texts that carry a signature apart. No errors here, only what is
// there and what is not.
namespace signet::sigv4 {

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// Raw value of the first query parameter of that exact name; nothing if there is none.
[[nodiscard]] std::optional<std::string_view> raw_parameter(std::string_view query,
                                                            std::string_view name);

// The decoded value, which stays in scratch.decoded (whose capacity was reserved).
[[nodiscard]] std::optional<std::string_view> parameter(std::string_view query,
                                                        std::string_view name,
                                                        Scratch& scratch);

// The three components of an Authorization header after the algorithm; empty where missing.
struct Components {
  std::string_view credential;
  std::string_view signed_headers;
  std::string_view signature;
};

[[nodiscard]] Components split_components(std::string_view text);

// keyid/date/region/service/term, plus the scope, which is all but the key id. SigV4A has no
// region.
struct Credential {
  std::string_view key_id;
  std::string_view date;
  std::string_view region;
  std::string_view service;
  std::string_view terminator;
  std::string_view scope;
};

[[nodiscard]] std::optional<Credential> split_credential(std::string_view text,
                                                         Algorithm algorithm);

// Whether the ';'-joined list names the header, in any case.
[[nodiscard]] bool is_signed_header(std::string_view signed_headers, std::string_view name);

// What a value of x-amz-content-sha256 means in a request of that form; nothing for one that means
// nothing there.
[[nodiscard]] std::optional<PayloadKind> payload_kind(std::string_view value, Algorithm algorithm);

// The form whose name an Authorization header begins with; nothing for another scheme.
[[nodiscard]] std::optional<Algorithm> algorithm_of(std::string_view authorization);

}  // namespace signet::sigv4
