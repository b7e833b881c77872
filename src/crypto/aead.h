#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signet::crypto {

inline constexpr std::size_t kAeadKeySize = 32;
inline constexpr std::size_t kAeadNonceSize = 12;
inline constexpr std::size_t kAeadTagSize = 16;

// An AES-256-GCM key (NIST SP 800-38D). Move-only, wiped when it ends. seal() and open() are const
// and thread-safe: each thread keeps a few keyed OpenSSL contexts, so that a call sets the nonce
// and nothing else. A nonce must never be used twice with one key: take random ones, and change the
// key before 2^32 messages.
class AeadKey {
 public:
  // `key` is kAeadKeySize bytes; anything else is a bug of ours and ends the process.
  explicit AeadKey(std::string_view key);
  AeadKey(const AeadKey&) = delete;
  AeadKey& operator=(const AeadKey&) = delete;
  AeadKey(AeadKey&& other) noexcept;
  AeadKey& operator=(AeadKey&& other) noexcept;
  ~AeadKey();

  // Appends ciphertext and tag (plaintext.size() + kAeadTagSize bytes) to `out`. `nonce` is
  // kAeadNonceSize bytes. None of the inputs may lie inside `out`.
  void seal(std::string_view nonce,
            std::string_view associated,
            std::string_view plaintext,
            std::string& out) const;

  // The same in place: `bytes` is the plaintext and room for the tag (kAeadTagSize bytes) behind
  // it.
  void seal_in_place(std::string_view nonce,
                     std::string_view associated,
                     std::span<char> bytes) const;

  // Decrypts `sealed` into its own front and answers the plaintext as a view into it; nothing on
  // any mismatch, and then the bytes are wiped.
  [[nodiscard]] std::optional<std::string_view> open_in_place(std::string_view nonce,
                                                              std::string_view associated,
                                                              std::span<char> sealed) const;

  // Appends the plaintext to `out` and answers true; on any mismatch leaves `out` as it was and
  // answers false.
  [[nodiscard]] bool open(std::string_view nonce,
                          std::string_view associated,
                          std::string_view sealed,
                          std::string& out) const;

 private:
  std::array<std::uint8_t, kAeadKeySize> key_{};
  std::uint64_t serial_ = 0;  // never used twice in a process: names the key in the threads' caches
};

}  // namespace signet::crypto
