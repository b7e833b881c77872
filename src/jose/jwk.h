#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/verify_key.h"
#include "jose/jws.h"

namespace signet::jose {

// A public key that tokens are verified with (RFC 7517).
struct Jwk {
  std::optional<std::string> key_id;
  std::optional<Algorithm> algorithm;  // the only one that it is for, if it says so
  crypto::VerifyKey key;

  // Whether signatures of that algorithm may be checked with this key (RFC 7518 3.1).
  [[nodiscard]] bool fits(Algorithm wanted) const;
};

// Longest document that is read, and most keys of a kind in it (aws-wire 3.3).
inline constexpr std::size_t kMaxJwkSetSize = std::size_t{512} * 1024;
inline constexpr std::size_t kMaxKeysOfKind = 100;

class VerifiedSignatures;

// The keys that an issuer publishes. Copies share what they remember; thread-safe but for
// assignment.
class JwkSet {
 public:
  // Keys of other kinds or for other uses, and those that are malformed or too weak, are left out
  // (RFC 7517 5). The error says what is wrong with the whole, for the operator: no JWK set, a
  // member twice, too many keys, and two keys of one id that the same signature could be checked
  // with.
  [[nodiscard]] static std::expected<JwkSet, std::string> read(std::string_view text);

  [[nodiscard]] std::span<const Jwk> keys() const { return keys_; }

  // The key that the token names, if it fits its algorithm; null without one. A token must name its
  // key.
  [[nodiscard]] const Jwk* find(const CompactJws& jws) const;

  // Whether the signature is of the key that the token names. A token that was verified with this
  // set is remembered by its SHA-256: when it comes again, which takes a program's every refresh,
  // no signature is computed. Refused ones are not.
  [[nodiscard]] bool verify(const CompactJws& jws) const;

 private:
  JwkSet();

  std::vector<Jwk> keys_;
  std::shared_ptr<VerifiedSignatures> verified_;
};

// Whether the signature is of that key; false also where the key does not fit the algorithm.
[[nodiscard]] bool verify(const CompactJws& jws, const Jwk& key);

}  // namespace signet::jose
