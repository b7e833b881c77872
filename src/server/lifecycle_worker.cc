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

// Answers how long to wait for the next one; nothing: the pass is over.
std::optional<std::chrono::microseconds> LifecycleWorker::step() {
  const std::int64_t began = monotonic_us();
  const Result<bool> more = lifecycle_.step();
  if (!more) {
    log(LogLevel::Error, "lifecycle_failed", {{"cause", more.error().cause}});
  }
  if (more && !*more) {
    return std::nullopt;
  }
  return std::chrono::microseconds(kPausesPerStep * (monotonic_us() - began));
}

void LifecycleWorker::run() {
  bool is_passing = false;
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    if (!is_passing) {
      is_wanted_ = false;  // whoever asks from here on is not answered by this pass
    }
    lock.unlock();
    const std::optional<std::chrono::microseconds> pause = step();
    lock.lock();
    is_passing = pause.has_value();
    wake_.wait_for(lock, pause.value_or(kBetweenPasses), [&] {
      return is_stopping_ || (is_wanted_ && !is_passing);
    });
  }
}

}  // namespace signet::server
