#include "api/worker_pool.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/process.h"

namespace signet::api {

struct WorkerPool::State {
  explicit State(WorkerPoolOptions given) : options(std::move(given)), queue(options.queue) {}

  WorkerPoolOptions options;
  mutable std::mutex mutex;
  std::condition_variable wake;
  FairQueue queue;
  std::size_t running = 0;
  std::uint64_t jobs = 0;
  std::uint64_t refused_by_share = 0;
  std::uint64_t refused_full = 0;
  bool stopping = false;
  std::vector<std::thread> threads;

  void run() {
    authz::Authorizer authorizer;
    std::unique_lock lock(mutex);
    while (true) {
      std::optional<FairQueue::Taken> taken = queue.pop();
      if (!taken) {
        if (stopping && queue.waiting() == 0) {
          return;
        }
        wake.wait(lock);
        continue;
      }
      running += 1;
      lock.unlock();
      taken->job(authorizer);
      taken->job = nullptr;  // what the job held is freed before the lock is taken again
      lock.lock();
      running -= 1;
      jobs += 1;
      queue.done(taken->share);
      if (queue.waiting() > 0 || stopping) {
        wake.notify_all();  // a job of this caller may run now, which others passed over
      }
    }
  }
};

WorkerPool::WorkerPool(WorkerPoolOptions options)
    : state_(std::make_unique<State>(std::move(options))) {
  state_->threads.reserve(state_->options.threads);
  for (std::size_t i = 0; i < state_->options.threads; ++i) {
    state_->threads.emplace_back([state = state_.get()] {
      if (state->options.is_background) {
        lower_thread_priority();
      }
      state->run();
    });
  }
}

WorkerPool::~WorkerPool() {
  stop();
}

Admission WorkerPool::submit(const Share& share, Job job) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) {
      return Admission::Full;
    }
    const Admission admission = state_->queue.push(share, std::move(job));
    if (admission != Admission::Queued) {
      (admission == Admission::Full ? state_->refused_full : state_->refused_by_share) += 1;
      return admission;
    }
  }
  state_->wake.notify_one();
  return Admission::Queued;
}

WorkerPoolCounters WorkerPool::counters() const {
  const std::lock_guard lock(state_->mutex);
  return {.waiting = state_->queue.waiting(),
          .running = state_->running,
          .jobs = state_->jobs,
          .refused_by_share = state_->refused_by_share,
          .refused_full = state_->refused_full};
}

const std::string& WorkerPool::name() const {
  return state_->options.name;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  for (std::thread& thread : state_->threads) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

WorkerPools::WorkerPools(Options options) {
  for (std::size_t i = 0; i < kWorkKinds; ++i) {
    pools_[i] = std::make_unique<WorkerPool>(std::move(options[i]));
  }
}

void WorkerPools::stop() {
  for (const std::unique_ptr<WorkerPool>& pool : pools_) {
    pool->stop();
  }
}

}  // namespace signet::api
