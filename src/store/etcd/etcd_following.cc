// How EtcdStore learns what others wrote: a thread with a watch, and one that looks whether the
// watch is behind and etcd is there.

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/strings.h"
#include "store/etcd/etcd_store_parts.h"

namespace signet::store {
namespace {

constexpr int kMonitorMs = 250;         // between two looks
constexpr int kMonitorWaitSeconds = 1;  // for the answer
constexpr std::int64_t kWatchLateMs = 1000;
constexpr int kOfficeEvery = 4;  // looks

}  // namespace

Status EtcdStore::follow(Revision loaded, Follower& follower) {
  const std::scoped_lock lock(mutex_);
  if (!loaded_ || loaded_->revision != loaded) {
    return etcd_failure("etcd: what is followed from was not what was loaded last");
  }
  follower_ = &follower;
  told_ = loaded;
  next_etcd_revision_ = loaded_->etcd_revision + 1;
  is_following_ = true;
  wake_.notify_all();
  if (!watcher_.joinable()) {
    watcher_ = std::thread([this] { watch(); });
    monitor_ = std::thread([this] { monitor(); });
  }
  return {};
}

void EtcdStore::unfollow() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
    wake_.notify_all();
  }
  if (watcher_.joinable()) {
    watcher_.join();
    monitor_.join();
  }
}

void EtcdStore::watch() {
  EtcdGateway gateway(access_);
  while (wait_to_follow()) {
    watch_once(gateway);
    gateway.move_on();
  }
}

bool EtcdStore::wait_to_follow() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return is_stopping_ || is_following_; });
  is_late_ = false;
  return !is_stopping_;
}

void EtcdStore::watch_once(EtcdGateway& gateway) {
  std::unique_lock lock(mutex_);
  WatchReader stream(layout_, told_);
  const std::string message = watch_request(layout_.state(), next_etcd_revision_);
  lock.unlock();
  bool is_lost = false;
  std::string why;
  const auto ended = gateway.stream("/v3/watch", message, [&](std::string_view bytes) {
    const auto outcome =
        stream.take(bytes, [this](WatchedCommit commit) { tell(std::move(commit)); });
    if (!outcome) {
      why = outcome.error().cause;
      return false;
    }
    is_lost = *outcome == WatchReader::End::Gap;
    const std::scoped_lock held(mutex_);
    return *outcome == WatchReader::End::None && !is_stopping_ && !is_late_;
  });
  if (!ended) {
    why = ended.error().text;
    is_lost = is_lost || ended.error().kind == EtcdFault::Kind::Compacted;
  }
  if (is_lost) {
    lose("changes were missed that etcd no longer has");
  } else if (!why.empty()) {
    log(LogLevel::Warning, "store_watch_ended", {{"cause", why}});
    static_cast<void>(pause());
  }
}

void EtcdStore::tell(WatchedCommit commit) {
  const Revision revision = commit.change.revision;
  Follower* follower = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    note_counter(revision, commit.counter);
    follower = follower_;
  }
  if (copy_) {
    const std::scoped_lock lock(copy_mutex_);
    copy_->append(commit.change, commit.counter, commit.etcd_revision);
  }
  follower->changed(std::move(commit.change));
  const std::scoped_lock lock(mutex_);
  told_ = revision;
  next_etcd_revision_ = commit.etcd_revision + 1;
  wake_.notify_all();
}

void EtcdStore::lose(std::string why) {
  Follower* follower = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    is_following_ = false;
    follower = follower_;
  }
  follower->lost(std::move(why));
}

void EtcdStore::monitor() {
  EtcdGateway gateway(access_, kMonitorWaitSeconds);
  std::int64_t late_since_ms = 0;
  for (int round = 0; !wait_for_monitor(); ++round) {
    const std::int64_t asked_ms = monotonic_ms();
    const auto answer =
        gateway.ask("/v3/kv/range", range_request({.first = layout_.counter(), .end = {}}, 0, 0));
    if (!answer) {
      follower_->unconfirmed(answer.error().text);
      continue;
    }
    const auto range = read_range(*answer);
    const auto point = range ? point_of(*range) : std::unexpected(range.error());
    const Status noted = point ? note(*point) : std::unexpected(point.error());
    if (!noted) {
      follower_->unconfirmed(noted.error().cause);
      continue;
    }
    follower_->confirmed(point->revision, asked_ms);
    look_at_watch(point->revision, late_since_ms);
    if (round % kOfficeEvery == 0) {
      office_.look(gateway);
    }
  }
  office_.leave(gateway);
}

bool EtcdStore::wait_for_monitor() {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(
      lock, std::chrono::milliseconds(kMonitorMs), [this] { return is_stopping_; });
}

void EtcdStore::look_at_watch(Revision newest, std::int64_t& late_since_ms) {
  const std::scoped_lock lock(mutex_);
  if (!is_following_ || told_ >= newest) {
    late_since_ms = 0;
  } else if (late_since_ms == 0) {
    late_since_ms = monotonic_ms();
  } else if (monotonic_ms() - late_since_ms >= kWatchLateMs) {
    is_late_ = true;
    late_since_ms = 0;
  }
}

}  // namespace signet::store
