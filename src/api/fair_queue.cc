#include "api/fair_queue.h"

#include <utility>

#include "base/assertion.h"

namespace signet::api {

Admission FairQueue::push(const Share& share, Job&& job) {
  if (waiting_ >= limits_.places) {
    return Admission::Full;
  }
  if (const auto account = by_id_.find(share.account); account != by_id_.end()) {
    const auto caller = account->second->by_id.find(share.caller);
    const bool is_caller_full = caller != account->second->by_id.end() &&
                                caller->second->jobs.size() >= limits_.caller_places;
    if (is_caller_full || account->second->waiting >= limits_.account_places) {
      return Admission::ShareFull;
    }
  }
  Account& account = account_of(share.account);
  caller_of(account, share.caller).jobs.push_back(std::move(job));
  account.waiting += 1;
  waiting_ += 1;
  return Admission::Queued;
}

FairQueue::Account& FairQueue::account_of(const std::string& id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) {
    return *found->second;
  }
  accounts_.push_back({.id = id, .callers = {}, .by_id = {}, .waiting = 0});
  by_id_.emplace(id, std::prev(accounts_.end()));
  return accounts_.back();
}

FairQueue::Caller& FairQueue::caller_of(Account& account, const std::string& id) {
  if (const auto found = account.by_id.find(id); found != account.by_id.end()) {
    return *found->second;
  }
  account.callers.push_back({.id = id, .jobs = {}, .running = 0});
  account.by_id.emplace(id, std::prev(account.callers.end()));
  return account.callers.back();
}

// Accounts and callers without a waiting job are in the lists only while a job of theirs runs, so
// what is passed over is bounded by the threads.
std::optional<FairQueue::Taken> FairQueue::pop() {
  for (auto account = accounts_.begin(); account != accounts_.end(); ++account) {
    if (std::optional<Taken> taken = pop_of(*account); taken) {
      accounts_.splice(accounts_.end(), accounts_, account);
      waiting_ -= 1;
      return taken;
    }
  }
  return std::nullopt;
}

std::optional<FairQueue::Taken> FairQueue::pop_of(Account& account) {
  for (auto caller = account.callers.begin(); caller != account.callers.end(); ++caller) {
    if (caller->jobs.empty() || caller->running >= limits_.caller_running) {
      continue;
    }
    Taken taken{.job = std::move(caller->jobs.front()),
                .share = {.account = account.id, .caller = caller->id}};
    caller->jobs.pop_front();
    caller->running += 1;
    account.waiting -= 1;
    account.callers.splice(account.callers.end(), account.callers, caller);
    return taken;
  }
  return std::nullopt;
}

void FairQueue::done(const Share& share) {
  const auto account = by_id_.find(share.account);
  SIGNET_ASSERT(account != by_id_.end());
  const auto caller = account->second->by_id.find(share.caller);
  SIGNET_ASSERT(caller != account->second->by_id.end() && caller->second->running > 0);
  caller->second->running -= 1;
  forget_if_idle(*account->second, caller->second);
}

void FairQueue::forget_if_idle(Account& account, std::list<Caller>::iterator caller) {
  if (caller->running > 0 || !caller->jobs.empty()) {
    return;
  }
  account.by_id.erase(caller->id);
  account.callers.erase(caller);
  if (account.callers.empty()) {
    const auto entry = by_id_.find(account.id);
    accounts_.erase(entry->second);
    by_id_.erase(entry);
  }
}

}  // namespace signet::api
