#include "server/lifecycle_worker.h"

#include <utility>

#include "base/log.h"
#include "base/process.h"

namespace signet::server {
namespace {

// Of the disk's time, a pass takes a fifth at most.
constexpr std::int64_t kPausesPerStep = 4;
constexpr std::chrono::hours kBetweenPasses{1};

}  // namespace

LifecycleWorker::LifecycleWorker(objects::ObjectStore& store,
                                 s3::Lifecycle::State state,
                                 const Clock& clock)
    : lifecycle_(store, std::move(state), clock) {
  thread_ = std::thread([this] {
    lower_thread_priority();
    run();
  });
}

LifecycleWorker::~LifecycleWorker() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void LifecycleWorker::wake() {
  const std::scoped_lock lock(mutex_);
  is_wanted_ = true;
  wake_.notify_all();
}

// Answers how long to wait for the next one.
std::chrono::microseconds LifecycleWorker::step() {
  const std::int64_t began = monotonic_us();
  const Result<bool> more = lifecycle_.step();
  if (!more) {
    log(LogLevel::Error, "lifecycle_failed", {{"cause", more.error().cause}});
  }
  const std::chrono::microseconds pause(kPausesPerStep * (monotonic_us() - began));
  return more && !*more ? std::chrono::microseconds(kBetweenPasses) : pause;
}

void LifecycleWorker::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    is_wanted_ = false;
    lock.unlock();
    const std::chrono::microseconds pause = step();
    lock.lock();
    wake_.wait_for(lock, pause, [this] { return is_stopping_ || is_wanted_; });
  }
}

}  // namespace signet::server
