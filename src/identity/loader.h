#pragma once

#include <string_view>

#include "base/result.h"
#include "crypto/key_wrap.h"
#include "identity/catalogue.h"
#include "identity/snapshot.h"
#include "store/store.h"

namespace signet::identity {

class DocumentPool;

// Whether the record of that key is one of an entity, which is part of a snapshot.
[[nodiscard]] bool is_entity(std::string_view key);

// The snapshot that the records of a store add up to, and the revision they have. Documents go
// through `documents`. Fails with ServiceFailure on the first record that does not decode,
// contradicts another or refers to nothing.
struct Loaded {
  Snapshot snapshot;
  store::Revision revision = 0;
};

[[nodiscard]] Result<Loaded> load_snapshot(store::Store& store,
                                           const crypto::SecretBox& box,
                                           const PolicyCatalogue* catalogue,
                                           DocumentPool& documents);

}  // namespace signet::identity
