#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signet::crypto {

using Sha256Digest = std::array<std::uint8_t, 32>;

// Incremental SHA-256 on OpenSSL's direct path: no lookup by name, no lock, no allocation.
// Copyable: a copy goes on from the same point.
class Sha256 {
 public:
  Sha256();

  void update(std::string_view bytes);

  // The digest of everything given so far. The object must not be used again afterwards.
  [[nodiscard]] Sha256Digest finish();

 private:
  friend class HmacKey;
  alignas(8) std::array<std::byte, 112> state_;  // an SHA256_CTX
};

[[nodiscard]] Sha256Digest sha256(std::string_view bytes);

// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

// The digest's bytes as text, for functions that take string_view. Valid as long as the digest.
template <std::size_t N>
[[nodiscard]] std::string_view as_view(const std::array<std::uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

// Writes 2 * N lower-case hexadecimal digits to `out`.
void write_hex(const Sha256Digest& digest, char* out);

}  // namespace signet::crypto
