#include "authn/key_rings.h"

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/random.h"
#include "facts/errors.h"

namespace signet::authn {
namespace {

using identity::SealingKey;

bool needs_new_key(const identity::Snapshot& snapshot, Instant now) {
  const auto keys = snapshot.sealing_keys();
  return std::none_of(keys.begin(), keys.end(), [now](const SealingKey* key) {
    return !key->retired && now < key->created.plus_seconds(kRotateSeconds);
  });
}

// Retires every key that seals, adds a fresh one, erases what no token needs any more.
Status rotate(const identity::Snapshot& snapshot,
              identity::Transaction& transaction,
              const std::string& bytes,
              Instant now) {
  std::uint32_t next_id = 1;
  for (const SealingKey* key : snapshot.sealing_keys()) {
    next_id = std::max(next_id, key->id + 1);
    if (!key->retired) {
      SealingKey retired = *key;
      retired.retired = now;
      transaction.put_sealing_key(std::move(retired));
    } else if (key->retired->plus_seconds(kKeepSeconds) < now) {
      transaction.erase_sealing_key(key->id);
    }
  }
  transaction.put_sealing_key(
      SealingKey{.id = next_id, .bytes = identity::make_shared_secret(bytes), .created = now, .retired = {}});
  return {};
}

std::unique_ptr<const token::KeyRing> make_ring(const identity::Snapshot& snapshot) {
  std::vector<token::RingKey> keys;
  for (const SealingKey* key : snapshot.sealing_keys()) {
    // A retired key only opens; the newest not_before seals. A dev clock may be set back before a key was made, so a
    // key opens and seals from the beginning of time.
    const Instant forever = key->created.plus_seconds(100LL * 365 * 24 * 3600);
    keys.push_back(token::RingKey{.id = key->id,
                                  .bytes = key->bytes->clone(),
                                  .not_before = Instant{key->id},
                                  .not_after = key->retired ? key->retired->plus_seconds(kKeepSeconds) : forever});
  }
  return std::make_unique<const token::KeyRing>(keys);
}

}  // namespace

Status KeyRings::refresh(identity::Directory& directory, Random& random, Instant now) {
  const std::lock_guard lock(mutex_);
  const bool is_first = current_.load() == nullptr;
  if (needs_new_key(*directory.current(), now)) {
    const std::string bytes = crypto::random_bytes(random, 32);
    TRY_STATUS(directory.apply([&](const identity::Snapshot& snapshot, identity::Transaction& transaction) -> Status {
      return needs_new_key(snapshot, now) ? rotate(snapshot, transaction, bytes, now) : Status{};
    }));
  } else if (!is_first) {
    return {};
  }
  rings_.push_back(make_ring(*directory.current()));
  current_.store(rings_.back().get(), std::memory_order_release);
  return {};
}

}  // namespace signet::authn
