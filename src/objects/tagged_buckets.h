#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace signet::objects {

// The buckets that have, or once had, an object with tags. Who decides about an object of any other
// one need not ask for its tags. Thread-safe.
class TaggedBuckets {
 public:
  [[nodiscard]] bool contains(std::string_view bucket) const {
    const std::scoped_lock lock(mutex_);
    return buckets_.contains(bucket);
  }

  void add(std::string_view bucket) {
    const std::scoped_lock lock(mutex_);
    buckets_.emplace(bucket);
  }

  void forget(std::string_view bucket) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = buckets_.find(bucket); found != buckets_.end()) {
      buckets_.erase(found);
    }
  }

  void clear() {
    const std::scoped_lock lock(mutex_);
    buckets_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> buckets_;
};

}  // namespace signet::objects
