#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hmac.h"

namespace signet::sigv4 {

// HMAC chain of secret, day, region and service: the key that signs. Costs about 1.2 us.
[[nodiscard]] crypto::HmacKey derive_signing_key(std::string_view secret_access_key,
                                                 std::string_view scope_date,
                                                 std::string_view region,
                                                 std::string_view service);

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

  // The signing key, derived now or before. Valid until the next call.
  [[nodiscard]] const crypto::HmacKey& get(std::string_view access_key_id,
                                           std::string_view secret_access_key,
                                           std::string_view scope_date,
                                           std::string_view region,
                                           std::string_view service);

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
