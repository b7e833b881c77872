#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "identity/directory.h"
#include "objects/object_store.h"

namespace signet::s3 {

// The nodes of a cluster that may hold objects of a bucket, as the bucket names them.
[[nodiscard]] std::vector<std::string_view> nodes_of(const identity::Bucket& bucket);

// No bucket names a node any more that will not come back: what it held is lost. Answers how many
// did. Blocks on the directory.
[[nodiscard]] Result<std::size_t> forget_node(identity::Directory& directory,
                                              std::string_view node);

// Keeps that for one node. Bytes of objects stay on the node that took them, so that a node which
// has none of a bucket cannot tell whether it is empty: a bucket that names a node is not deleted.
// Blocks on the directory; thread-safe.
class BucketNodes {
 public:
  // `node` is the id of this one. The directory outlives it.
  BucketNodes(identity::Directory& directory, std::string node)
      : directory_(directory), node_(std::move(node)) {}

  // The bucket with this id of the object store names this node from now on. NoSuchBucket: it is
  // gone, deleted by another node, to which it was empty.
  [[nodiscard]] Status add(std::string_view store_id);

  // It does not any more. The bucket must be empty here, and closed until this returns.
  [[nodiscard]] Status remove(std::string_view store_id);

  // add() for each bucket of which the store has something: at the start, for what was stored
  // before buckets named nodes, or before there was a cluster.
  [[nodiscard]] Status add_all(objects::ObjectStore& store);

 private:
  identity::Directory& directory_;
  std::string node_;
};

}  // namespace signet::s3
