#include "identity/feed.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/clock.h"
#include "base/strings.h"

namespace signet::identity {
namespace {

constexpr std::int64_t kLostLookMs = 100;  // between two looks whether the store can be loaded

}  // namespace

void Feed::changed(store::Change change) {
  {
    const std::scoped_lock lock(mutex_);
    changes_.push_back(std::move(change));
    has_news_.store(true, std::memory_order_release);
    came_.notify_all();
  }
  wake_();
}

void Feed::lost(std::string why) {
  {
    const std::scoped_lock lock(mutex_);
    lost_ = std::move(why);
    has_news_.store(true, std::memory_order_release);
    came_.notify_all();
  }
  wake_();
}

void Feed::confirmed(store::Revision newest, std::int64_t asked_ms) {
  const std::scoped_lock lock(mutex_);
  newest_ = newest;
  asked_ms_ = asked_ms;
  unconfirmed_.clear();
  note_confirmed(applied_);
}

void Feed::unconfirmed(std::string why) {
  const std::scoped_lock lock(mutex_);
  unconfirmed_ = std::move(why);
}

void Feed::note_confirmed(store::Revision applied) {
  if (applied >= newest_ && !lost_) {
    up_to_date_ms_ = asked_ms_;
  }
}

Feed::News Feed::take() {
  const std::scoped_lock lock(mutex_);
  has_news_.store(false, std::memory_order_release);
  return {.changes = std::exchange(changes_, {}), .lost = lost_};
}

bool Feed::is_lost() const {
  const std::scoped_lock lock(mutex_);
  return lost_.has_value();
}

void Feed::mended() {
  const std::scoped_lock lock(mutex_);
  lost_.reset();
}

void Feed::not_mended(std::string why) {
  const std::scoped_lock lock(mutex_);
  lost_ = std::move(why);
}

bool Feed::wait(std::int64_t deadline_ms) {
  std::unique_lock lock(mutex_);
  const std::int64_t left = deadline_ms - monotonic_ms();
  if (left <= 0) {
    return false;
  }
  if (lost_) {
    came_.wait_for(lock, std::chrono::milliseconds(std::min(left, kLostLookMs)));
    return true;
  }
  return came_.wait_for(lock, std::chrono::milliseconds(left), [this] {
    return !changes_.empty() || lost_.has_value();
  });
}

void Feed::applied(store::Revision revision) {
  const std::scoped_lock lock(mutex_);
  applied_ = revision;
  if (asked_ms_ == 0) {
    asked_ms_ = monotonic_ms();  // loaded just now
  }
  note_confirmed(applied_);
}

Feed::State Feed::state() const {
  const std::scoped_lock lock(mutex_);
  State state;
  state.behind_ms = monotonic_ms() - up_to_date_ms_;
  if (lost_) {
    state.trouble = concat("the store's changes cannot be followed: ", *lost_);
  } else if (state.behind_ms > kStaleMs) {
    state.trouble = unconfirmed_.empty()
                        ? std::string("the store's changes come late: the state is out of date")
                        : concat("the store cannot be reached: ", unconfirmed_);
  }
  return state;
}

}  // namespace signet::identity
