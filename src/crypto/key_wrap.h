#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/aead.h"

namespace signet::crypto {

// A key with the name it goes by in records. The id is in clear wherever the key was used.
struct NamedKey {
  std::uint32_t id = 0;
  Secret bytes;  // kAeadKeySize bytes
};

// Makes a key of kAeadKeySize random bytes.
[[nodiscard]] NamedKey make_named_key(std::uint32_t id, Random& random);

// Encrypts `key` under `master` for storage: format byte 1, master id, key id, nonce, ciphertext
// and tag. Both ids are authenticated. docs/formats/secrets-at-rest.md.
[[nodiscard]] std::string wrap_key(const NamedKey& master, const NamedKey& key, Random& random);

// The id of the master key a wrapped key asks for; nothing if the bytes are not a wrapped key.
[[nodiscard]] std::optional<std::uint32_t> wrapping_key_id(std::string_view wrapped);

// The key inside; nothing if the master key is another one or a bit was changed.
[[nodiscard]] std::optional<NamedKey> unwrap_key(const NamedKey& master, std::string_view wrapped);

// Bytes of a key of kAeadKeySize bytes that a SecretBox has sealed.
inline constexpr std::size_t kSealedKeySize = 1 + 4 + kAeadNonceSize + kAeadKeySize + kAeadTagSize;

// Encrypts the secrets of records (access keys, TOTP seeds, signing keys) under data keys. Seals
// with the newest, opens with any it holds. const functions are thread-safe.
class SecretBox {
 public:
  // `keys` is not empty; the last one seals. Each holds kAeadKeySize bytes.
  explicit SecretBox(const std::vector<NamedKey>& keys);

  // `context` says what the secret is and whose (for instance "access-key/AKIA..."); it is
  // authenticated, so that a sealed secret copied into another record does not open there.
  [[nodiscard]] std::string seal(std::string_view context,
                                 std::string_view secret,
                                 Random& random) const;

  // Nothing if the key is not held, the context differs or a bit was changed.
  [[nodiscard]] std::optional<Secret> open(std::string_view context, std::string_view sealed) const;

  // Makes a new key and answers it; `sealed` is what seal() makes of its bytes.
  struct NewKey {
    AeadKey key;
    std::string sealed;  // kSealedKeySize bytes
  };

  [[nodiscard]] NewKey make_key(std::string_view context, Random& random) const;

  // The key that make_key() sealed; nothing as open().
  [[nodiscard]] std::optional<AeadKey> open_key(std::string_view context,
                                                std::string_view sealed) const;

  // Whether the sealed secret is under an older key than the one that seals now.
  [[nodiscard]] bool is_outdated(std::string_view sealed) const;

 private:
  struct Entry {
    std::uint32_t id;
    AeadKey key;
  };

  [[nodiscard]] const Entry* find(std::uint32_t id) const;

  std::vector<Entry> entries_;
};

}  // namespace signet::crypto
