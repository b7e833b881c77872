#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/rsa_public_key.h"
#include "crypto/signature_algorithms.h"

struct evp_pkey_st;

namespace signet::crypto {

// Bytes of a coordinate, and of either half of a signature (RFC 7518 3.4, 6.2.1.2).
[[nodiscard]] std::size_t coordinate_size(EcCurve curve);

// A point of a curve: its coordinates, big-endian, of coordinate_size() bytes each.
struct EcPublicKey {
  EcCurve curve = EcCurve::P256;
  std::string x;
  std::string y;
};

// A public key of others, ready to check their signatures. Copies share the key; safe to use from
// any thread.
class VerifyKey {
 public:
  // Nothing for a modulus of less than 2,048 (RFC 7518 3.3) or more than 8,192 bits, and for an
  // exponent that is even, 1, or longer than 64 bits.
  [[nodiscard]] static std::optional<VerifyKey> of(const RsaPublicKey& key);

  // Nothing for coordinates of another size and for a point that is not on the curve.
  [[nodiscard]] static std::optional<VerifyKey> of(const EcPublicKey& key);

  // Nothing for a key of RSA.
  [[nodiscard]] std::optional<EcCurve> curve() const { return curve_; }

  // Whether the signature is of that message: RSASSA-PKCS1-v1_5 (RFC 8017 8.2), or ECDSA as two
  // numbers of coordinate_size() bytes each (RFC 7518 3.4).
  [[nodiscard]] bool verify(Digest digest,
                            std::string_view message,
                            std::string_view signature) const;

 private:
  VerifyKey(std::shared_ptr<evp_pkey_st> key, std::optional<EcCurve> curve)
      : key_(std::move(key)), curve_(curve) {}

  std::shared_ptr<evp_pkey_st> key_;
  std::optional<EcCurve> curve_;
};

}  // namespace signet::crypto
