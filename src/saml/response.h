#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "saml/assertion.h"
#include "saml/metadata.h"

namespace signet::saml {

enum class ResponseFault : std::uint8_t {
  Malformed,       // no Response of SAML 2.0 with one assertion
  Rejected,        // the identity provider's status is no success; `detail` is what it says
  UnknownIssuer,   // the issuer is none of those that were given
  WrongSignature,  // a signature is missing, wrong, or of a kind that is not accepted
  NotEncrypted,    // and must be
  Undecryptable,   // or not what it should be once it is decrypted
};

struct ResponseError {
  ResponseFault fault = ResponseFault::Malformed;
  std::string detail;  // for the operator; of Rejected for the caller
};

// Whom to believe, and what to decrypt with.
struct Trust {
  std::span<const Issuer> issuers;
  std::span<const Secret* const> private_keys;  // RSA, PEM
  bool must_be_encrypted = false;
};

// Longest document that is read.
inline constexpr std::size_t kResponseBytesMax = 100'000;

// Reads a Response (SAML core 3.3.3): the assertion in it, or the response around it, or both must
// be signed by one of the issuers, and no signature may be wrong. An assertion that is encrypted is
// decrypted first. Pure, and slow: for a worker thread.
[[nodiscard]] std::expected<Assertion, ResponseError> read_response(std::string_view document,
                                                                    const Trust& trust);

}  // namespace signet::saml
