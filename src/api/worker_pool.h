#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "api/fair_queue.h"
#include "api/work.h"
#include "authz/authorizer.h"

namespace signet::api {

struct WorkerPoolOptions {
  std::string name;  // in metrics
  std::size_t threads = 1;
  FairQueueLimits queue;
  // Jobs that run at once, of those that the threads have; 0: as many as there are threads. With
  // fewer, long jobs take turns (pass_turn()).
  std::size_t turns = 0;
  // The threads give way to others of this machine (nice 10): for work that takes long and is not
  // waited for by anybody else.
  bool is_background = false;
};

// What a pool has done and has before it.
struct WorkerPoolCounters {
  std::size_t waiting = 0;
  std::size_t running = 0;
  std::uint64_t jobs = 0;              // that ended
  std::uint64_t refused_by_share = 0;  // the caller or its account had its places
  std::uint64_t refused_full = 0;
};

// A few threads for what must not run on an event loop. The queue is fair (fair_queue.h) and
// bounded: what finds no place is refused instead of waiting without end. A thread begins with the
// first job that finds none idle.
class WorkerPool {
 public:
  using Job = FairQueue::Job;

  explicit WorkerPool(WorkerPoolOptions options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  WorkerPool(WorkerPool&&) = delete;
  WorkerPool& operator=(WorkerPool&&) = delete;

  // Queues a job for a share. Thread-safe.
  [[nodiscard]] Admission submit(const Share& share, Job job);

  [[nodiscard]] WorkerPoolCounters counters() const;
  [[nodiscard]] const std::string& name() const;

  // Finishes the queued jobs, then joins the threads. Idempotent.
  void stop();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

// In a job that takes long, after each piece of it: if others wait for their turn, they have it
// before this returns. Does nothing in a pool without turns, and on other threads.
void pass_turn();

// One pool for each kind of work.
class WorkerPools {
 public:
  // In the order of Work.
  using Options = std::array<WorkerPoolOptions, kWorkKinds>;

  explicit WorkerPools(Options options);

  [[nodiscard]] WorkerPool& of(Work work) { return *pools_[static_cast<std::size_t>(work)]; }

  [[nodiscard]] const std::array<std::unique_ptr<WorkerPool>, kWorkKinds>& all() const {
    return pools_;
  }

  // Stops each.
  void stop();

 private:
  std::array<std::unique_ptr<WorkerPool>, kWorkKinds> pools_;
};

}  // namespace signet::api
