#include "api/worker_pool.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/process.h"

namespace signet::api {

struct WorkerPool::State {
  explicit State(WorkerPoolOptions given)
      : options(std::move(given)),
        turns(options.turns == 0 ? options.threads : options.turns),
        queue(options.queue) {}

  WorkerPoolOptions options;
  std::size_t turns;
  mutable std::mutex mutex;
  std::condition_variable wake;
  FairQueue queue;
  std::size_t running = 0;            // those that passed their turn left out
  std::size_t idle = 0;               // threads without a job
  std::deque<std::uint64_t> resting;  // jobs that passed their turn; the front goes on first
  std::uint64_t next_rest = 0;
  bool is_turn_of_new = true;  // where both wait: a job that never ran, or one that rests
  std::uint64_t jobs = 0;
  std::uint64_t refused_by_share = 0;
  std::uint64_t refused_full = 0;
  bool stopping = false;
  std::vector<std::thread> threads;

  void run();
  [[nodiscard]] std::optional<FairQueue::Taken> next();
  void pass_turn();
  // Before a job is queued: one more thread if no idle one will take it. False: there is none at
  // all.
  [[nodiscard]] bool have_threads();
};

namespace {

// The pool whose job this thread runs.
thread_local WorkerPool::State* own_pool = nullptr;

}  // namespace

// A job that never ran, if it may now.
std::optional<FairQueue::Taken> WorkerPool::State::next() {
  if (running >= turns || (!resting.empty() && !is_turn_of_new)) {
    return std::nullopt;
  }
  std::optional<FairQueue::Taken> taken = queue.pop();
  if (!resting.empty()) {
    is_turn_of_new = false;  // had now, or there is nobody to have it
    wake.notify_all();
  }
  return taken;
}

void WorkerPool::State::run() {
  authz::Authorizer authorizer;
  own_pool = this;
  std::unique_lock lock(mutex);
  while (true) {
    std::optional<FairQueue::Taken> taken = next();
    if (!taken) {
      if (stopping && queue.waiting() == 0) {
        return;
      }
      idle += 1;
      wake.wait(lock);
      idle -= 1;
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
    if (queue.waiting() > 0 || !resting.empty() || stopping) {
      wake.notify_all();  // a job of this caller may run now, which others passed over
    }
  }
}

void WorkerPool::State::pass_turn() {
  std::unique_lock lock(mutex);
  if (turns == options.threads || (queue.waiting() == 0 && resting.empty())) {
    return;
  }
  const std::uint64_t own = next_rest++;
  resting.push_back(own);
  running -= 1;
  wake.notify_all();
  wake.wait(lock, [&] {
    return running < turns && resting.front() == own && (!is_turn_of_new || idle == 0);
  });
  resting.pop_front();
  running += 1;
  is_turn_of_new = true;
  wake.notify_all();
}

void pass_turn() {
  if (own_pool != nullptr) {
    own_pool->pass_turn();
  }
}

bool WorkerPool::State::have_threads() {
  if (queue.waiting() < idle || threads.size() >= options.threads) {
    return true;
  }
  try {
    threads.emplace_back([this] {
      if (options.is_background) {
        lower_thread_priority();
      }
      run();
    });
  } catch (const std::system_error& error) {
    log(LogLevel::Error, "no_thread", {{"pool", options.name}, {"cause", error.what()}});
  }
  return !threads.empty();
}

WorkerPool::WorkerPool(WorkerPoolOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}

WorkerPool::~WorkerPool() {
  stop();
}

Admission WorkerPool::submit(const Share& share, Job job) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) {
      return Admission::Full;
    }
    if (!state_->have_threads()) {
      state_->refused_full += 1;
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
