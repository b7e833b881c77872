#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace signet::jose {

// What a client proves about a key of its own with each request for a token (RFC 9449 4).
struct DpopProof {
  std::string thumbprint;  // of the key (RFC 7638), base64url
  std::string method;
  std::string url;
  Instant issued;
};

// Reads a proof whose signature is that of the key in its header: ES256 alone, as AWS's clients
// make them. Coordinates without their leading zeros are taken, as some of those clients send them
// (signin-api 2). The error says what is wrong, for the operator. Method, URL and time are the
// caller's to compare; the id of the proof is not looked at, since clients send one again after a
// lost answer.
[[nodiscard]] std::expected<DpopProof, std::string> read_dpop_proof(std::string_view text);

}  // namespace signet::jose
