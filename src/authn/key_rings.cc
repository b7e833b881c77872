#include "authn/key_rings.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "authn/sealing_keys.h"
#include "token/key_ring.h"

namespace signet::authn {
namespace {

using identity::SealingKey;

bool can_seal(const identity::Snapshot& snapshot, Instant now) {
  const auto keys = snapshot.sealing_keys();
  return std::any_of(keys.begin(), keys.end(), [now](const SealingKey* key) {
    return key->not_before <= now && now.plus_seconds(kLeadSeconds) < key->not_after;
  });
}

// A key that is to seal soon is one while another still does.
bool has_fresh_key(const identity::Snapshot& snapshot, bool rotates, Instant now) {
  const Instant soon = can_seal(snapshot, now) ? now.plus_seconds(kLeadSeconds) : now;
  const auto keys = snapshot.sealing_keys();
  return std::any_of(keys.begin(), keys.end(), [&](const SealingKey* key) {
    return !rotates || (key->not_before <= soon &&
                        now < key->not_before.plus_seconds(kClockSlackSeconds + kRotateSeconds));
  });
}

SealingKey make_key(bool rotates, Instant now, Random& random) {
  return rotates ? make_sealing_key(now.plus_seconds(-kClockSlackSeconds),
                                    now.plus_seconds(kRotateSeconds + kKeepSeconds),
                                    random)
                 : make_sealing_key(
                       Instant{0}, Instant{std::numeric_limits<std::int64_t>::max()}, random);
}

std::unique_ptr<const token::KeyRing> make_ring(const identity::Snapshot& snapshot) {
  std::vector<token::RingKey> keys;
  for (const SealingKey* key : snapshot.sealing_keys()) {
    keys.push_back(token::RingKey{.id = key->id,
                                  .bytes = key->bytes->clone(),
                                  .not_before = key->not_before,
                                  .not_after = key->not_after});
  }
  return std::make_unique<const token::KeyRing>(keys);
}

}  // namespace

Status KeyRings::refresh(identity::Directory& directory, Random& random, Instant now) {
  const std::lock_guard lock(mutex_);
  const bool is_first = !has_ring();
  Status stored;
  const bool had_fresh_key = has_fresh_key(*directory.current(), rotates_, now);
  if (!had_fresh_key) {
    SealingKey fresh = make_key(rotates_, now, random);
    if (directory.is_shared() && rotates_ && can_seal(*directory.current(), now)) {
      fresh.not_before = now.plus_seconds(kLeadSeconds);
    }
    const auto result = directory.apply(
        [&](const identity::Snapshot& snapshot, identity::Transaction& transaction) -> Status {
          if (!has_fresh_key(snapshot, rotates_, now)) {
            add_sealing_key(snapshot, transaction, fresh, now);
          }
          return {};
        });
    stored = result ? Status() : std::unexpected(result.error());
  }
  const bool is_changed = stored && !had_fresh_key;
  const bool is_possible = stored || !directory.current()->sealing_keys().empty();
  if (!is_changed && !(is_first && is_possible)) {
    return stored;
  }
  const auto snapshot = directory.current();
  publish(*snapshot, snapshot->revision());
  return stored;
}

Status KeyRings::retire_all(identity::Directory& directory, Random& random, Instant now) {
  const std::lock_guard lock(mutex_);
  const SealingKey fresh = make_key(rotates_, now, random);
  TRY_STATUS(directory.apply(
      [&](const identity::Snapshot& snapshot, identity::Transaction& transaction) -> Status {
        for (const SealingKey* key : snapshot.sealing_keys()) {
          if (now <= key->not_after) {  // add_sealing_key() erases the others
            transaction.erase<identity::SealingKey>(key->id);
          }
        }
        add_sealing_key(snapshot, transaction, fresh, now);
        return {};
      }));
  const auto snapshot = directory.current();
  publish(*snapshot, snapshot->revision());
  return {};
}

void KeyRings::adopt(const identity::Snapshot& snapshot, std::uint64_t revision) {
  publish(snapshot, revision);
}

// Rings come from two threads where the directory follows others: an older one never replaces a
// newer one.
void KeyRings::publish(const identity::Snapshot& snapshot, std::uint64_t revision) {
  std::vector<std::uint32_t> ids;
  for (const SealingKey* key : snapshot.sealing_keys()) {
    ids.push_back(key->id);
  }
  const std::lock_guard lock(publish_mutex_);
  if (revision < revision_) {
    return;
  }
  revision_ = revision;
  if (ids == ids_ && has_ring()) {
    return;
  }
  ids_ = std::move(ids);
  rings_.push_back(make_ring(snapshot));
  current_.store(rings_.back().get(), std::memory_order_release);
}

}  // namespace signet::authn
