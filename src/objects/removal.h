#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "objects/closed_buckets.h"

namespace signet::objects {

class ObjectStore;

// Decides for every bucket whose deletion was asked for what became of it, and removes what the
// deleted ones leave, in steps that keep no other write waiting for long. One thread at a time.
class Removal {
 public:
  // Whether there still is a bucket with this id: asked after the answer is final.
  using IsKept = std::function<bool(std::string_view bucket)>;

  // `store` must outlive this.
  Removal(ObjectStore& store, IsKept is_kept) : store_(store), is_kept_(std::move(is_kept)) {}

  // Opens the buckets that were not deleted after all, and removes a bounded part of one that was.
  // True: there is more to remove. An error leaves everything to the next step.
  [[nodiscard]] Result<bool> step();

 private:
  void settle();

  ObjectStore& store_;
  IsKept is_kept_;
  std::vector<ClosedBuckets::Unsettled> deleted_;
  std::size_t turn_ = 0;
};

}  // namespace signet::objects
