#pragma once

#include <string>
#include <string_view>

#include "identity/snapshot.h"

namespace signet::s3 {

// The object store's id of a bucket: another one for a bucket made again.
[[nodiscard]] std::string store_id(const identity::Bucket& bucket);

// The bucket with this id of the object store; null: the state has none.
[[nodiscard]] const identity::Bucket* find_bucket(const identity::Snapshot& snapshot,
                                                  std::string_view store_id);

// Whether a state has the bucket with this id of the object store.
[[nodiscard]] bool has_bucket(const identity::Snapshot& snapshot, std::string_view store_id);

}  // namespace signet::s3
