#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "crypto/sha256.h"

namespace signet::crypto {

// An HMAC-SHA-256 key (RFC 2104), kept as the two hash states behind its inner and outer pad: a
// short message then costs two blocks instead of four. Copyable, 224 bytes, wiped when it ends.
// mac() is const and thread-safe.
class HmacKey {
 public:
  explicit HmacKey(std::string_view key);
  HmacKey(const HmacKey&) = default;
  HmacKey& operator=(const HmacKey&) = default;
  HmacKey(HmacKey&&) = default;
  HmacKey& operator=(HmacKey&&) = default;
  ~HmacKey();

  [[nodiscard]] Sha256Digest mac(std::string_view message) const;

  // The MAC of the pieces put together.
  [[nodiscard]] Sha256Digest mac(std::initializer_list<std::string_view> pieces) const;

  // One block of HKDF-Expand (RFC 5869 2.3) with this key as the pseudo-random key and `label` as
  // info: a subkey that tells nothing about the key or about subkeys with other labels.
  [[nodiscard]] Sha256Digest derive(std::string_view label) const;

 private:
  Sha256 inner_;
  Sha256 outer_;
};

// HMAC-SHA-1 for TOTP (RFC 6238), and for S3's presigned links of Signature Version 2.
[[nodiscard]] std::array<std::uint8_t, 20> hmac_sha1(std::string_view key,
                                                     std::string_view message);

}  // namespace signet::crypto
