#pragma once

#include <atomic>
#include <cstdint>
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

  // Publishes the ring of a state that is about to be the newest one, of `revision`, if another
  // process changed its keys. Does not block.
  void adopt(const identity::Snapshot& snapshot, std::uint64_t revision);

  [[nodiscard]] bool has_ring() const { return current_.load() != nullptr; }

  // Never before has_ring().
  [[nodiscard]] const token::KeyRing& current() const {
    return *current_.load(std::memory_order_acquire);
  }

 private:
  void publish(const identity::Snapshot& snapshot, std::uint64_t revision);

  bool rotates_;
  std::atomic<const token::KeyRing*> current_ = nullptr;
  std::mutex mutex_;          // one refresh at a time
  std::mutex publish_mutex_;  // of what follows
  std::vector<std::unique_ptr<const token::KeyRing>> rings_;
  std::vector<std::uint32_t> ids_;  // of the keys of the newest ring
  std::uint64_t revision_ = 0;      // of the state that it was made of
};

// A sealing key is replaced after kRotateSeconds and opens tokens for kKeepSeconds more: twice the
// longest session (GetSessionToken, 36 hours).
inline constexpr std::int64_t kRotateSeconds = 7 * 24 * 3600;
// Where several processes share the keys, a new one seals only after so long: by then all know it.
inline constexpr std::int64_t kLeadSeconds = 60;
// A new key seals as if it had been made this much earlier, so that a clock that is set right soon
// after finds a key.
inline constexpr std::int64_t kClockSlackSeconds = 24 * 3600;
inline constexpr std::int64_t kKeepSeconds = 72 * 3600;

}  // namespace signet::authn
