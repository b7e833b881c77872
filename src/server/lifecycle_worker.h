#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "objects/object_store.h"
#include "s3/lifecycle.h"

namespace signet::server {

// The thread that carries out the lifecycles of buckets (s3::Lifecycle), once an hour. Between two
// steps it leaves the disk to others for several times as long as a step took.
class LifecycleWorker {
 public:
  // `store` and `clock` must outlive this.
  LifecycleWorker(objects::ObjectStore& store, s3::Lifecycle::State state, const Clock& clock);
  ~LifecycleWorker();
  LifecycleWorker(const LifecycleWorker&) = delete;
  LifecycleWorker& operator=(const LifecycleWorker&) = delete;
  LifecycleWorker(LifecycleWorker&&) = delete;
  LifecycleWorker& operator=(LifecycleWorker&&) = delete;

  // Looks again at once: the clock was set.
  void wake();

 private:
  void run();
  [[nodiscard]] std::optional<std::chrono::microseconds> step();

  s3::Lifecycle lifecycle_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_wanted_ = false;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace signet::server
