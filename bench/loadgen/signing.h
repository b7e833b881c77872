#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include <openssl/sha.h>

#include "options.h"

namespace signet::loadgen {

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view text);
void append_hex(std::string& out, const Digest& digest);
std::string hex(const Digest& digest);
// RFC 3986: everything but the unreserved characters.
std::string uri_encode(std::string_view text, bool keeps_slash = false);

// An HMAC-SHA256 key as its two midstates.
class HmacKey {
 public:
  HmacKey() = default;
  explicit HmacKey(std::string_view key);
  [[nodiscard]] Digest mac(std::string_view text) const;

 private:
  SHA256_CTX inner_{};
  SHA256_CTX outer_{};
};

HmacKey signing_key(std::string_view secret,
                    std::string_view day,
                    std::string_view region,
                    std::string_view service);

std::string_view service_name(Service service);

// One request before it is signed.
struct Draft {
  std::string_view method;
  std::string_view path;  // encoded
  std::string_view form;  // body of an STS or IAM call
  // For a body that is sent apart: its hash and size.
  std::string_view body_hash;
  std::uint64_t body_bytes = 0;
  bool has_wrong_signature = false;
};

// The head of the signed request, and the form behind it. `amz_date` is 20260101T000000Z.
std::string sign(const Options& options,
                 Service service,
                 const Credential& credential,
                 const HmacKey& key,
                 std::string_view amz_date,
                 const Draft& draft);

std::string amz_date(std::time_t now);

}  // namespace signet::loadgen
