#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "authz/authorizer.h"

namespace signet::api {

// A few threads for what must not run on an event loop: password hashes, object files, sign-in
// pages. The queue is bounded; a full queue refuses (the caller answers ServiceUnavailable) instead
// of growing.
class WorkerPool {
 public:
  // A job gets the Authorizer that belongs to its thread.
  using Job = std::function<void(authz::Authorizer&)>;

  WorkerPool(std::size_t threads, std::size_t queue_limit);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  WorkerPool(WorkerPool&&) = delete;
  WorkerPool& operator=(WorkerPool&&) = delete;

  // Queues a job; false if the queue is full or the pool is stopping. Thread-safe.
  [[nodiscard]] bool submit(Job job);

  // Finishes the queued jobs, then joins the threads. Idempotent.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signet::api
