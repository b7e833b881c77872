#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace signet::crypto {

// An RSA public key: the two numbers, big-endian, without leading zeros.
struct RsaPublicKey {
  std::string modulus;
  std::string exponent;

  // Size of the modulus.
  [[nodiscard]] std::size_t bits() const;

  bool operator==(const RsaPublicKey&) const = default;
};

// A key of the kind "ssh-rsa" as SSH sends it (RFC 4253 6.6), all of the bytes. Nothing for other
// kinds and for what is malformed: numbers that are negative, zero or padded, bytes that are left,
// a modulus of more than 16,384 bits.
[[nodiscard]] std::optional<RsaPublicKey> rsa_of_ssh(std::string_view blob);
[[nodiscard]] std::string ssh_of(const RsaPublicKey& key);

// The same as a SubjectPublicKeyInfo between "-----BEGIN PUBLIC KEY-----" lines (RFC 7468 13). The
// text that is read may have white space around it, and nothing else.
[[nodiscard]] std::optional<RsaPublicKey> rsa_of_pem(std::string_view text);
[[nodiscard]] std::string pem_of(const RsaPublicKey& key);

}  // namespace signet::crypto
