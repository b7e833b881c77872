#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "objects/object_store.h"
#include "objects/removal.h"

namespace signet::server {

// The thread that removes what deleted buckets leave (objects::Removal). Between two steps it
// leaves the disk to others for several times as long as a step took. What it has not done when it
// is destroyed, it does after the next start.
class BucketRemover {
 public:
  // Buckets whose deletion an earlier process did not carry out are open when this returns. `store`
  // must outlive this.
  BucketRemover(objects::ObjectStore& store, objects::Removal::IsKept is_kept);
  ~BucketRemover();
  BucketRemover(const BucketRemover&) = delete;
  BucketRemover& operator=(const BucketRemover&) = delete;
  BucketRemover(BucketRemover&&) = delete;
  BucketRemover& operator=(BucketRemover&&) = delete;

  // Until there is nothing to remove.
  void wait_until_idle();

 private:
  void run();
  // How long to leave the disk alone after one step; nothing: there is no more to do.
  [[nodiscard]] std::optional<std::chrono::microseconds> step();

  objects::ObjectStore& store_;
  objects::Removal removal_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_wanted_ = true;  // something came since the last step began
  bool is_idle_ = false;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace signet::server
