#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/secret.h"
#include "crypto/rsa_public_key.h"
#include "crypto/verify_key.h"

struct evp_pkey_st;

namespace signet::crypto {

// A private key of ours, to sign with. Copies share it; safe to use from any thread.
class SignKey {
 public:
  // New keys, from OpenSSL's own source of randomness: RSA of 2,048 bits (a tenth of a second), and
  // of a curve. Nothing if that failed.
  [[nodiscard]] static std::optional<SignKey> make_rsa();
  [[nodiscard]] static std::optional<SignKey> make_ec(EcCurve curve);

  // The key of that number: big-endian, of coordinate_size() bytes, not 0 and less than the order
  // of the curve. Nothing for another.
  [[nodiscard]] static std::optional<SignKey> of_scalar(EcCurve curve, const Secret& scalar);

  // PKCS #8 in DER (RFC 5958 2), all of the bytes. Nothing for what is malformed, and for keys that
  // VerifyKey would not take.
  [[nodiscard]] static std::optional<SignKey> read(const Secret& der);
  [[nodiscard]] Secret write() const;

  // The public half, ready to verify; nothing for a key that VerifyKey would not take, which none
  // is that was made here.
  [[nodiscard]] std::optional<VerifyKey> verify_key() const;

  // Its numbers: one of the two.
  [[nodiscard]] std::optional<RsaPublicKey> rsa() const;
  [[nodiscard]] std::optional<EcPublicKey> ec() const;

  // RSASSA-PKCS1-v1_5 (RFC 8017 8.2), or ECDSA as two numbers of coordinate_size() bytes each
  // (RFC 7518 3.4). Nothing if OpenSSL failed.
  [[nodiscard]] std::optional<std::string> sign(Digest digest, std::string_view message) const;

 private:
  SignKey(std::shared_ptr<evp_pkey_st> key, std::optional<EcCurve> curve)
      : key_(std::move(key)), curve_(curve) {}

  static std::optional<SignKey> of(evp_pkey_st* key);

  std::shared_ptr<evp_pkey_st> key_;
  std::optional<EcCurve> curve_;
};

}  // namespace signet::crypto
