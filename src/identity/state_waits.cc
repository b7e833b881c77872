#include "identity/state_waits.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/clock.h"

namespace signet::identity {
namespace {

constexpr std::chrono::milliseconds kLook(20);  // for those whose patience ends

}  // namespace

StateWaits::StateWaits(store::SharedStore& store) : store_(store), thread_([this] { run(); }) {}

StateWaits::~StateWaits() {
  stop();
}

void StateWaits::stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void StateWaits::wait(std::optional<store::Revision> revision,
                      int patience_ms,
                      std::function<void(bool)> done) {
  std::unique_lock lock(mutex_);
  if (is_stopping_) {
    lock.unlock();
    done(false);
    return;
  }
  waiters_.push_back(Waiter{
      .revision = revision, .deadline_ms = monotonic_ms() + patience_ms, .done = std::move(done)});
  wake_.notify_all();
}

void StateWaits::published(store::Revision revision) {
  const std::scoped_lock lock(mutex_);
  published_ = revision;
  if (!waiters_.empty()) {
    wake_.notify_all();
  }
}

bool StateWaits::has_question() const {
  return std::ranges::any_of(waiters_, [](const Waiter& one) { return !one.revision; });
}

// What the store answers is as new as everything that was asked before.
void StateWaits::ask(std::unique_lock<std::mutex>& lock) {
  const std::size_t asked = waiters_.size();
  lock.unlock();
  const Result<store::Revision> newest = store_.newest();
  lock.lock();
  for (std::size_t i = 0; newest && i < asked; ++i) {
    if (!waiters_[i].revision) {
      waiters_[i].revision = *newest;
    }
  }
}

// Those who have what they wait for, or else those who are to wait no longer.
std::vector<StateWaits::Waiter> StateWaits::take_finished(bool& is_good) {
  const std::int64_t now_ms = monotonic_ms();
  const auto is_there = [this](const Waiter& one) {
    return one.revision && *one.revision <= published_;
  };
  is_good = std::ranges::any_of(waiters_, is_there);
  const auto stays = [&](const Waiter& one) {
    return is_good ? !is_there(one) : !is_stopping_ && now_ms < one.deadline_ms;
  };
  const auto gone = std::stable_partition(waiters_.begin(), waiters_.end(), stays);
  std::vector<Waiter> finished(std::make_move_iterator(gone),
                               std::make_move_iterator(waiters_.end()));
  waiters_.erase(gone, waiters_.end());
  return finished;
}

void StateWaits::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_ || !waiters_.empty()) {
    if (!is_stopping_ && has_question()) {
      ask(lock);
    }
    bool is_good = false;
    std::vector<Waiter> finished = take_finished(is_good);
    if (!finished.empty()) {
      lock.unlock();
      for (Waiter& one : finished) {
        one.done(is_good);
      }
      lock.lock();
      continue;
    }
    if (waiters_.empty()) {
      wake_.wait(lock, [this] { return is_stopping_ || !waiters_.empty(); });
    } else {
      wake_.wait_for(lock, kLook);
    }
  }
}

}  // namespace signet::identity
