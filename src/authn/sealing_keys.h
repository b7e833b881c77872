#pragma once

#include <cstdint>

#include "base/instant.h"
#include "base/random.h"
#include "identity/snapshot.h"
#include "identity/transaction.h"

namespace signet::authn {

// A key that may seal from `from` on and opens until `until`, without an id.
[[nodiscard]] identity::SealingKey make_sealing_key(Instant from, Instant until, Random& random);

// Adds a key under an id that none had before, and erases those whose tokens have all expired.
// Answers the id.
std::uint32_t add_sealing_key(const identity::Snapshot& snapshot,
                              identity::Transaction& transaction,
                              identity::SealingKey fresh,
                              Instant now);

}  // namespace signet::authn
