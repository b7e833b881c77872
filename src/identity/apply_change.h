#pragma once

#include "base/result.h"
#include "crypto/key_wrap.h"
#include "identity/snapshot.h"
#include "store/shared_store.h"

namespace signet::identity {

class DocumentPool;

// Brings a snapshot that nobody reads yet from the state before a commit of another process to the
// one after it. Errors: the records contradict what is held (or were written by a newer program);
// the snapshot is of no use any more then, and the store must be loaded anew.
[[nodiscard]] Status apply_change(Snapshot& snapshot,
                                  const store::Change& change,
                                  const crypto::SecretBox& box,
                                  DocumentPool& documents);

// Whether a commit that apply_change() took raised the records to kSchemaVersion: it takes no
// other.
[[nodiscard]] bool raises_records(const store::Change& change);

// Whether a commit added a data key, under which later ones may have secrets.
[[nodiscard]] bool adds_data_key(const store::Change& change);

// Whether a commit changed keys that seal.
[[nodiscard]] bool changes_sealing_keys(const store::Change& change);

}  // namespace signet::identity
