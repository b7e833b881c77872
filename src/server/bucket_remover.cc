#include "server/bucket_remover.h"

#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"

namespace signet::server {
namespace {

// Of the disk's time, a removal takes a fifth at most.
constexpr std::int64_t kPausesPerStep = 4;
constexpr std::chrono::seconds kAfterFailure{60};

}  // namespace

BucketRemover::BucketRemover(objects::ObjectStore& store, objects::Removal::IsKept is_kept)
    : store_(store), removal_(store, std::move(is_kept)) {
  store_.closed().on_unsettled([this] {
    const std::scoped_lock lock(mutex_);
    is_wanted_ = true;
    wake_.notify_all();
  });
  static_cast<void>(step());
  thread_ = std::thread([this] {
    lower_thread_priority();
    run();
  });
}

BucketRemover::~BucketRemover() {
  store_.closed().on_unsettled({});
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void BucketRemover::wait_until_idle() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return is_idle_ && !is_wanted_; });
}

std::optional<std::chrono::microseconds> BucketRemover::step() {
  const std::int64_t began = monotonic_us();
  const Result<bool> more = removal_.step();
  if (!more) {
    log(LogLevel::Error, "bucket_removal_failed", {{"cause", more.error().cause}});
    return kAfterFailure;
  }
  return *more ? std::optional(std::chrono::microseconds(kPausesPerStep * (monotonic_us() - began)))
               : std::nullopt;
}

void BucketRemover::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    is_wanted_ = false;
    is_idle_ = false;
    lock.unlock();
    const std::optional<std::chrono::microseconds> pause = step();
    lock.lock();
    if (pause) {
      wake_.wait_for(lock, *pause, [this] { return is_stopping_; });
      continue;
    }
    is_idle_ = true;
    wake_.notify_all();
    wake_.wait(lock, [this] { return is_stopping_ || is_wanted_; });
  }
}

}  // namespace signet::server
