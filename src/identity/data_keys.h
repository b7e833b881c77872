#pragma once

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

// Wraps all data keys anew, in one commit. Records stay as they are.
[[nodiscard]] Status rewrap_data_keys(store::Store& store,
                                      const Secret& old_master_key,
                                      const Secret& new_master_key,
                                      Random& random);

}  // namespace signet::identity
