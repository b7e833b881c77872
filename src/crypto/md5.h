#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace signet::crypto {

using Md5Digest = std::array<std::uint8_t, 16>;

// Incremental MD5, for S3 ETags and Content-MD5 only. Owns one OpenSSL context; move-only.
class Md5 {
 public:
  Md5();
  Md5(const Md5&) = delete;
  Md5& operator=(const Md5&) = delete;
  Md5(Md5&& other) noexcept;
  Md5& operator=(Md5&& other) noexcept;
  ~Md5();

  void update(std::string_view bytes);

  // The digest of everything given so far; the object then starts anew.
  [[nodiscard]] Md5Digest finish();

 private:
  void* context_;
};

[[nodiscard]] Md5Digest md5(std::string_view bytes);

}  // namespace signet::crypto
