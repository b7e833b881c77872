#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace signet::crypto {

// The public key of an X.509 certificate.
struct CertificateKey {
  enum class Kind : std::uint8_t { Rsa, Elliptic, Other };

  Kind kind = Kind::Other;
  std::size_t bits = 0;
  std::string der;  // SubjectPublicKeyInfo (RFC 5280 4.1)
};

// Of a certificate in DER, all of the bytes; nothing if it is malformed. Neither its validity nor
// its signature is looked at.
[[nodiscard]] std::optional<CertificateKey> key_of_certificate(std::string_view der);

// Size of an RSA private key in PEM (PKCS#8 or PKCS#1), not encrypted, with white space around it
// at most; nothing for anything else.
[[nodiscard]] std::optional<std::size_t> rsa_private_key_bits(const Secret& pem);

}  // namespace signet::crypto
