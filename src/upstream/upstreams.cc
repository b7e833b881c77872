#include "upstream/upstreams.h"

#include <utility>

namespace signet::upstream {

bool Upstreams::add(std::string_view bucket, std::unique_ptr<Upstream> upstream) {
  return by_bucket_.emplace(bucket, std::move(upstream)).second;
}

Upstream* Upstreams::of(std::string_view bucket) const {
  auto found = by_bucket_.find(bucket);
  if (found == by_bucket_.end()) {
    found = by_bucket_.find(std::string_view());
  }
  return found == by_bucket_.end() ? nullptr : found->second.get();
}

}  // namespace signet::upstream
