#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/hmac.h"
#include "crypto/sign_key.h"
#include "crypto/verify_key.h"
#include "sigv4/parsed_auth.h"

namespace signet::sigv4 {

// HMAC chain of secret, day, region and service: the key that signs. Costs about 1.2 us.
[[nodiscard]] crypto::HmacKey derive_signing_key(std::string_view secret_access_key,
                                                 std::string_view scope_date,
                                                 std::string_view region,
                                                 std::string_view service);

// The key pair that an access key stands for in SigV4A, which is of no day, region or service: the
// first counter of a KDF in counter mode (NIST SP 800-108 4.1) that gives a number below the order
// of the curve. Costs about 100 us.
[[nodiscard]] crypto::SignKey derive_key_pair(std::string_view access_key_id,
                                              std::string_view secret_access_key);

// What a signature is checked with: a MAC's key, or the public half of a key pair.
using SigningKey = std::variant<crypto::HmacKey, crypto::VerifyKey>;

// The one for what the request says of its signature.
[[nodiscard]] SigningKey derive_key(const ParsedAuth& parsed, std::string_view secret_access_key);

// Whether that is the signature of the text, in hexadecimal digits: a MAC, compared in constant
// time, or ECDSA's in DER.
[[nodiscard]] bool is_signed_by(const SigningKey& key,
                                std::string_view text,
                                std::string_view signature);

// Derived keys of one core, bounded, replaced by age within small sets. An entry answers only for
// the very secret it was derived from, so it needs no invalidation when a key is deleted,
// re-created or the store is reset: the caller looks the access key up first. Not thread-safe;
// secrets are wiped when replaced.
class SigningKeyCache {
 public:
  // `capacity` is rounded up to a power of two of at least 4.
  explicit SigningKeyCache(std::size_t capacity = 4096);
  SigningKeyCache(const SigningKeyCache&) = delete;
  SigningKeyCache& operator=(const SigningKeyCache&) = delete;
  SigningKeyCache(SigningKeyCache&&) noexcept;
  SigningKeyCache& operator=(SigningKeyCache&&) noexcept;
  ~SigningKeyCache();

  // derive_key(), done now or before. Valid until the next call.
  [[nodiscard]] const SigningKey& get(const ParsedAuth& parsed, std::string_view secret_access_key);

  [[nodiscard]] std::uint64_t hits() const { return hits_; }

  [[nodiscard]] std::uint64_t misses() const { return misses_; }

 private:
  struct Entry;
  struct Set;

  std::vector<std::unique_ptr<Set>> sets_;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace signet::sigv4
