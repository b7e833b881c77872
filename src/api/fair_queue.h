#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "authz/authorizer.h"

namespace signet::api {

// Whose work a job is: the account, and who asks within it. Sessions of one role are one caller, so
// that nobody gets more by assuming it more often.
struct Share {
  std::string account;  // empty: nobody who has signed
  std::string caller;   // never empty: a principal id, or an address
};

// What became of a job that was offered.
enum class Admission : std::uint8_t {
  Queued,
  ShareFull,  // this caller, or its account, has as much waiting as it may
  Full,       // the queue is full, or ending
};

// How much may wait and run. Each is at least 1.
struct FairQueueLimits {
  std::size_t places = 1;          // jobs that wait
  std::size_t account_places = 1;  // of one account
  std::size_t caller_places = 1;   // of one caller
  std::size_t caller_running = 1;  // jobs of one caller that run at once
};

// Jobs that wait for a thread. The next one is of the account that was served longest ago, and in
// it of the caller that was: somebody with one job waits for at most one job of each other caller,
// however many those have. Not thread-safe.
class FairQueue {
 public:
  // A job gets the Authorizer that belongs to its thread.
  using Job = std::function<void(authz::Authorizer&)>;

  // A job that was taken; to be given back to done() when it has run.
  struct Taken {
    Job job;
    Share share;
  };

  explicit FairQueue(const FairQueueLimits& limits) : limits_(limits) {}

  // Takes `job` only if the answer is Queued.
  [[nodiscard]] Admission push(const Share& share, Job&& job);

  // The next job, if there is one that may run now.
  [[nodiscard]] std::optional<Taken> pop();

  // The job of this share has ended.
  void done(const Share& share);

  [[nodiscard]] std::size_t waiting() const { return waiting_; }

 private:
  struct Caller {
    std::string id;
    std::deque<Job> jobs;
    std::size_t running = 0;
  };

  struct Account {
    std::string id;
    std::list<Caller> callers;  // the front was served longest ago
    std::unordered_map<std::string, std::list<Caller>::iterator> by_id;
    std::size_t waiting = 0;
  };

  Account& account_of(const std::string& id);
  static Caller& caller_of(Account& account, const std::string& id);
  [[nodiscard]] std::optional<Taken> pop_of(Account& account);
  void forget_if_idle(Account& account, std::list<Caller>::iterator caller);

  FairQueueLimits limits_;
  std::list<Account> accounts_;  // the front was served longest ago
  std::unordered_map<std::string, std::list<Account>::iterator> by_id_;
  std::size_t waiting_ = 0;
};

}  // namespace signet::api
