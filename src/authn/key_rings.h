#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "base/instant.h"
#include "base/random.h"
#include "base/result.h"
#include "identity/directory.h"
#include "token/key_ring.h"

namespace signet::authn {

// The key ring in force, made from the directory's sealing keys. current() is one atomic load: safe
// from any thread and cheap enough for every request. Rings that were replaced live as long as this
// object (one a day at most), so a reference never dangles.
class KeyRings {
 public:
  // Without rotation one key serves for ever: for dev mode, whose clock may be set to any time.
  explicit KeyRings(bool rotates = true) : rotates_(rotates) {}

  // Makes sure that a key that may seal exists (adding one when the newest is older than
  // `rotate_seconds`, and erasing keys so old that no token they sealed can still be valid), then
  // publishes the ring. To be called at start and once in a while. Blocks on the directory. If the
  // key cannot be stored there is a ring nevertheless, of the keys that exist, unless there are
  // none.
  [[nodiscard]] Status refresh(identity::Directory& directory, Random& random, Instant now);

  // Replaces every key by a fresh one at once: whatever was sealed before is not opened any more.
  // Durable when it returns. Blocks on the directory.
  [[nodiscard]] Status retire_all(identity::Directory& directory, Random& random, Instant now);

  [[nodiscard]] bool has_ring() const { return current_.load() != nullptr; }

  // Never before has_ring().
  [[nodiscard]] const token::KeyRing& current() const {
    return *current_.load(std::memory_order_acquire);
  }

 private:
  void publish(const identity::Snapshot& snapshot);

  bool rotates_;
  std::atomic<const token::KeyRing*> current_ = nullptr;
  std::mutex mutex_;  // one refresh at a time
  std::vector<std::unique_ptr<const token::KeyRing>> rings_;
};

// A sealing key is replaced after kRotateSeconds and opens tokens for kKeepSeconds more: twice the
// longest session (GetSessionToken, 36 hours).
inline constexpr std::int64_t kRotateSeconds = 7 * 24 * 3600;
// A new key seals as if it had been made this much earlier, so that a clock that is set right soon
// after finds a key.
inline constexpr std::int64_t kClockSlackSeconds = 24 * 3600;
inline constexpr std::int64_t kKeepSeconds = 72 * 3600;

}  // namespace signet::authn
