#include "authn/sealing_keys.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "token/key_ring.h"

namespace signet::authn {

identity::SealingKey make_sealing_key(Instant from, Instant until, Random& random) {
  token::RingKey key = token::make_ring_key(0, from, until, random);
  return {.id = 0,
          .bytes = std::make_shared<const Secret>(std::move(key.bytes)),
          .not_before = key.not_before,
          .not_after = key.not_after};
}

std::uint32_t add_sealing_key(const identity::Snapshot& snapshot,
                              identity::Transaction& transaction,
                              identity::SealingKey fresh,
                              Instant now) {
  std::uint32_t id = 1;
  for (const identity::SealingKey* key : snapshot.sealing_keys()) {
    id = std::max(id, key->id + 1);
    if (key->not_after < now) {
      transaction.erase<identity::SealingKey>(key->id);
    }
  }
  fresh.id = id;
  transaction.put(std::move(fresh));
  return id;
}

}  // namespace signet::authn
