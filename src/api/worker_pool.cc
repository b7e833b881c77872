#include "api/worker_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace signet::api {

struct WorkerPool::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> queue;
  std::size_t queue_limit = 0;
  bool stopping = false;
  std::vector<std::thread> threads;

  void run() {
    authz::Authorizer authorizer;
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) {
        return;
      }
      Job job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      job(authorizer);
      job = nullptr;  // what the job held is freed before the lock is taken again
      lock.lock();
    }
  }
};

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_limit)
    : state_(std::make_unique<State>()) {
  state_->queue_limit = queue_limit;
  state_->threads.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->run(); });
  }
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::submit(Job job) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping || state_->queue.size() >= state_->queue_limit) {
      return false;
    }
    state_->queue.push_back(std::move(job));
  }
  state_->wake.notify_one();
  return true;
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

}  // namespace signet::api
