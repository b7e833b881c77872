#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/aead.h"

namespace signet::token {

// What a sealed text is for. Each purpose has its own subkey: a text of one purpose never opens as
// another. Part of the derivation: do not rename or renumber.
enum class Purpose : std::uint8_t {
  SessionToken = 1,
  AuthorizationMessage = 2,
  SigninStep = 3,
  ContextAssertion = 4,
};

// One master key of the ring, as it is stored.
struct RingKey {
  std::uint32_t id = 0;
  Secret bytes;        // 32 random bytes
  Instant not_before;  // seals from here on
  Instant not_after;   // neither seals nor opens from here on
};

// The sealing keys of a deployment: one current, older ones kept until the last token they sealed
// has expired. Immutable; const functions are thread-safe. Rotation makes a new ring.
class KeyRing {
 public:
  // `keys` is not empty, ids are unique, every key has 32 bytes.
  explicit KeyRing(const std::vector<RingKey>& keys);

  // Frame: the 4 bytes given (magic and version), key id, nonce, ciphertext and tag. The first
  // eight bytes are in clear and authenticated. Seals with the newest key that is valid now;
  // nothing when there is none.
  [[nodiscard]] std::optional<std::string> seal(Purpose purpose,
                                                std::string_view magic,
                                                std::string_view plaintext,
                                                Instant now,
                                                Random& random) const;

  // The same in place: `frame` is kFrontSize bytes of anything followed by the plaintext, and
  // becomes what seal() answers. False, with `frame` unchanged, when there is no key.
  [[nodiscard]] bool seal_in_place(Purpose purpose,
                                   std::string_view magic,
                                   std::string& frame,
                                   Instant now,
                                   Random& random) const;

  // The plaintext as a view into `sealed`, which is decrypted in place; nothing (and the bytes
  // wiped) on a wrong magic, a key unknown or out of its time, or any changed bit. An unknown key
  // costs the same work as a known one.
  [[nodiscard]] std::optional<std::string_view> open(Purpose purpose,
                                                     std::string_view magic,
                                                     std::span<char> sealed,
                                                     Instant now) const;

  // Bytes that seal() adds to a plaintext.
  static constexpr std::size_t kOverhead = 4 + 4 + crypto::kAeadNonceSize + crypto::kAeadTagSize;

  // Those of them that come before the ciphertext.
  static constexpr std::size_t kFrontSize = kOverhead - crypto::kAeadTagSize;

  // Id of the key that would seal now, for `signet keys` and metrics.
  [[nodiscard]] std::optional<std::uint32_t> current_id(Instant now) const;

 private:
  struct Entry {
    std::uint32_t id;
    Instant not_before;
    Instant not_after;
    crypto::AeadKey session_token;
    crypto::AeadKey authorization_message;
    crypto::AeadKey signin_step;
    crypto::AeadKey context_assertion;

    [[nodiscard]] const crypto::AeadKey& key(Purpose purpose) const;
  };

  [[nodiscard]] const Entry* current(Instant now) const;

  std::vector<Entry> entries_;  // newest not_before first
};

// A fresh key that seals from `now` on and opens until `not_after`.
[[nodiscard]] RingKey make_ring_key(std::uint32_t id,
                                    Instant now,
                                    Instant not_after,
                                    Random& random);

}  // namespace signet::token
