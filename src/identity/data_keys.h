#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/key_wrap.h"
#include "store/store.h"

namespace signet::identity {

// The box that seals the secrets of records, opened with the master key (32 bytes). The first open
// of a store makes data key 1. Fails with ServiceFailure when the master key is another one than
// the store was made with.
[[nodiscard]] Result<crypto::SecretBox> open_data_keys(store::Store& store,
                                                       const Secret& master_key,
                                                       Random& random);

// Whether the store holds a data key: without the master key it was made with, its secrets are
// lost.
[[nodiscard]] Result<bool> has_data_keys(store::Store& store);

// A name for a master key that says nothing about it, eight hexadecimal digits: of a key, and of
// the one that a store's data keys are wrapped by (empty: it has none).
[[nodiscard]] std::string master_key_id(const Secret& master_key);
[[nodiscard]] Result<std::string> master_key_id_of(store::Store& store);

// The data keys of a store, ascending; the last one seals.
[[nodiscard]] Result<std::vector<std::uint32_t>> data_key_ids(store::Store& store);

// Adds a data key, which seals from the next open_data_keys() on, and answers its id. A directory
// over a shared store takes it up by itself, one over its own with the next Directory::rewrap().
[[nodiscard]] Result<std::uint32_t> add_data_key(store::Store& store,
                                                 const Secret& master_key,
                                                 Random& random);

// Wraps all data keys anew, in one commit. Records stay as they are.
[[nodiscard]] Status rewrap_data_keys(store::Store& store,
                                      const Secret& old_master_key,
                                      const Secret& new_master_key,
                                      Random& random);

}  // namespace signet::identity
