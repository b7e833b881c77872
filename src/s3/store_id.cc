#include "s3/store_id.h"

#include "base/strings.h"

namespace signet::s3 {

// Buckets of earlier versions have none of their own.
std::string store_id(const identity::Bucket& bucket) {
  return concat(bucket.name,
                "/",
                bucket.store_id.empty() ? std::to_string(bucket.created.unix_ms) : bucket.store_id);
}

const identity::Bucket* find_bucket(const identity::Snapshot& snapshot, std::string_view store_id) {
  const identity::Bucket* bucket =
      snapshot.find<identity::Bucket>(store_id.substr(0, store_id.find('/')));
  return bucket != nullptr && s3::store_id(*bucket) == store_id ? bucket : nullptr;
}

bool has_bucket(const identity::Snapshot& snapshot, std::string_view store_id) {
  return find_bucket(snapshot, store_id) != nullptr;
}

}  // namespace signet::s3
