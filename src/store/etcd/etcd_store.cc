#include "store/etcd/etcd_store.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "facts/errors.h"
#include "store/batch.h"
#include "store/etcd/copy_catch_up.h"
#include "store/etcd/layout.h"
#include "store/etcd/local_copy.h"
#include "store/etcd/messages.h"
#include "store/etcd/office.h"
#include "store/etcd/watch.h"

namespace signet::store {
namespace {

constexpr std::int64_t kPage = 1000;  // records asked for at once
constexpr int kReadPatienceMs = 5000;
constexpr int kNewestPatienceMs = 2000;  // others wait for the answer
constexpr int kMonitorMs = 250;          // between two looks
constexpr int kMonitorWaitSeconds = 1;   // for the answer
constexpr std::int64_t kWatchLateMs = 1000;
constexpr int kRetryMs = 50;
constexpr int kOfficeEvery = 4;               // looks
constexpr std::size_t kCountersMax = 65'536;  // commits between what is held here and the newest

std::unexpected<Error> failure(std::string cause) {
  return std::unexpected(facts::service_failure(std::move(cause)));
}

std::unexpected<Error> unavailable(std::string cause) {
  Error error = facts::make_error(ErrorCode::ServiceUnavailable);
  error.cause = std::move(cause);
  return std::unexpected(std::move(error));
}

std::unexpected<Error> error_of(const EtcdFault& fault) {
  return fault.kind == EtcdFault::Kind::Unreachable ? unavailable(fault.text) : failure(fault.text);
}

// A revision with its counter and etcd's revision that showed it.
struct Point {
  Revision revision = 0;
  std::optional<std::string> counter;  // nothing: there is none, the store is empty
  std::int64_t etcd_revision = 0;
  std::uint64_t cluster = 0;
};

class EtcdStore final : public SharedStore {
 public:
  EtcdStore(EtcdAccess access, Random& random)
      : access_(std::move(access)),
        layout_(access_.address.prefix),
        random_(random),
        writer_(access_),
        reader_(access_),
        office_(layout_, random_id()) {
    if (!access_.copy_folder.empty()) {
      copy_.emplace(access_.copy_folder);
    }
  }

  ~EtcdStore() override { unfollow(); }

  EtcdStore(const EtcdStore&) = delete;
  EtcdStore& operator=(const EtcdStore&) = delete;
  EtcdStore(EtcdStore&&) = delete;
  EtcdStore& operator=(EtcdStore&&) = delete;

  // Whether there is somebody to talk to.
  Status start() {
    const Point point = TRY(read_counter(writer_));
    return note(point);
  }

  Result<Revision> load(std::string_view prefix, const Visitor& visit) override {
    EtcdGateway gateway(access_);
    const Point point = TRY(read_counter(gateway));
    TRY_STATUS(note(point));
    EtcdKeys keys = layout_.records(prefix);
    std::int64_t page = kPage;
    while (true) {
      auto range = TRY(read_page(gateway, keys, point.etcd_revision, page));
      for (const EtcdKeyValue& one : range.records) {
        TRY_STATUS(show(one, visit));
      }
      if (!range.has_more || range.records.empty()) {
        break;
      }
      keys.first = range.records.back().key + '\0';
    }
    const std::scoped_lock lock(mutex_);
    loaded_ = point;
    return point.revision;
  }

  // From the local copy, where what etcd still has leads from it to the present.
  Result<Revision> load_all(const Visitor& visit) override {
    if (!copy_) {
      return load({}, visit);
    }
    const std::scoped_lock copy_lock(copy_mutex_);
    if (const std::optional<Point> point = catch_up_copy()) {
      TRY_STATUS(copy_->show(visit));
      const std::scoped_lock lock(mutex_);
      loaded_ = point;
      return point->revision;
    }
    copy_->begin();
    const Revision revision = TRY(load({}, [&](const RecordView& record) {
      copy_->put(record);
      return visit(record);
    }));
    std::unique_lock lock(mutex_);
    const CopyPoint point = copy_point(*loaded_);
    lock.unlock();
    copy_->finish(point);
    return revision;
  }

  Result<Revision> commit(std::span<const Transaction> batch) override {
    const std::int64_t deadline = monotonic_ms() + kCommitPatienceMs;
    {
      const std::scoped_lock lock(writer_mutex_);
      if (!known_) {
        const Point point = TRY(read_counter(writer_));
        TRY_STATUS(note(point));
        known_ = point.revision;
      }
    }
    while (true) {
      Revision base = 0;
      {
        const std::scoped_lock lock(writer_mutex_);
        base = *known_;
      }
      const Committed committed = TRY(commit_on(base, batch));
      if (committed.is_done) {
        return committed.revision;
      }
      if (monotonic_ms() >= deadline) {
        return unavailable("etcd: others kept committing in between");
      }
    }
  }

  Result<Committed> commit_on(Revision base, std::span<const Transaction> batch) override {
    TRY_STATUS(check_batch(batch));
    const std::scoped_lock lock(writer_mutex_);
    if (batch.empty()) {
      return Committed{.is_done = true, .revision = base};
    }
    const auto guard = counter_of(base);
    if (!guard) {
      const Point point = TRY(read_counter(writer_));
      TRY_STATUS(note(point));
      known_ = point.revision;
      return Committed{.is_done = false, .revision = point.revision};
    }
    return try_commit(base, *guard, batch);
  }

  Result<Revision> newest() override {
    const std::scoped_lock lock(reader_mutex_);
    const Point point = TRY(read_counter(reader_));
    TRY_STATUS(note(point));
    return point.revision;
  }

  Status follow(Revision loaded, Follower& follower) override {
    const std::scoped_lock lock(mutex_);
    if (!loaded_ || loaded_->revision != loaded) {
      return failure("etcd: what is followed from was not what was loaded last");
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

  void unfollow() override {
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

  bool is_in_office() const override { return office_.is_held(); }

  SharedStore* shared() override { return this; }

  std::string location() const override {
    std::string text = access_.address.is_tls ? "etcds://" : "etcd://";
    for (const EtcdEndpoint& one : access_.address.endpoints) {
      text += concat(text.ends_with('/') ? "" : ",", one.host, ":", std::to_string(one.port));
    }
    return concat(text, "/", access_.address.prefix.substr(0, access_.address.prefix.size() - 1));
  }

 private:
  std::string random_id() {
    std::array<std::uint8_t, 8> bytes{};
    random_.fill(bytes);
    std::string text;
    codec::append_hex(text, bytes);
    return text;
  }

  // Asks until somebody answers or patience ends.
  Result<codec::Json> ask(EtcdGateway& gateway, std::string_view path, const std::string& message) {
    const std::int64_t deadline =
        monotonic_ms() + (&gateway == &reader_ ? kNewestPatienceMs : kReadPatienceMs);
    while (true) {
      auto answer = gateway.ask(path, message);
      if (answer) {
        return *std::move(answer);
      }
      if (answer.error().kind != EtcdFault::Kind::Unreachable || monotonic_ms() >= deadline ||
          !pause()) {
        return error_of(answer.error());
      }
    }
  }

  // False: the store is being closed.
  bool pause() {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(
        lock, std::chrono::milliseconds(kRetryMs), [this] { return is_stopping_; });
  }

  Result<Point> point_of(const RangeAnswer& range) const {
    Point point{.counter = {}, .etcd_revision = range.revision, .cluster = range.cluster};
    if (!range.records.empty()) {
      const auto revision = revision_of_counter(range.records.front().value);
      if (!revision) {
        return failure(concat("etcd: the key ",
                              layout_.counter(),
                              " holds no revision: is this a store of Signet's?"));
      }
      point.revision = *revision;
      point.counter = range.records.front().value;
    }
    return point;
  }

  Result<Point> read_counter(EtcdGateway& gateway) {
    const auto answer = TRY(
        ask(gateway, "/v3/kv/range", range_request({.first = layout_.counter(), .end = {}}, 0, 0)));
    return point_of(TRY(read_range(answer)));
  }

  // A page that is too long for one answer is asked for again in smaller parts.
  Result<RangeAnswer> read_page(EtcdGateway& gateway,
                                const EtcdKeys& keys,
                                std::int64_t etcd_revision,
                                std::int64_t& page) {
    while (true) {
      auto answer = gateway.ask("/v3/kv/range", range_request(keys, page, etcd_revision));
      if (answer) {
        return read_range(*answer);
      }
      if (answer.error().kind != EtcdFault::Kind::Unreachable || page == 1) {
        return error_of(answer.error());
      }
      page = std::max<std::int64_t>(1, page / 4);
    }
  }

  // Brings the copy to the present; nothing: it is of no use.
  std::optional<Point> catch_up_copy() {
    const std::optional<CopyPoint> held = copy_->open();
    if (!held) {
      return std::nullopt;
    }
    EtcdGateway gateway(access_);
    Result<Point> now = read_counter(gateway);
    const bool is_of_use = now && note(*now) && now->counter &&
                           bring_to(*copy_, *held, copy_point(*now), gateway, layout_);
    return is_of_use ? std::optional(*std::move(now)) : std::nullopt;
  }

  static CopyPoint copy_point(const Point& point) {
    return {.cluster = point.cluster,
            .etcd_revision = point.etcd_revision,
            .revision = point.revision,
            .counter = point.counter.value_or("")};
  }

  Status show(const EtcdKeyValue& one, const Visitor& visit) const {
    const auto key = layout_.key_of(one.key);
    const auto record = read_record_value(one.value);
    if (!key || !record) {
      return failure(concat("etcd: the key ", one.key, " holds no record of Signet's"));
    }
    return visit(RecordView{.key = *key, .value = record->value, .revision = record->revision});
  }

  // Remembers which counter a revision has, and that it is the one cluster that answers.
  Status note(const Point& point) {
    const std::scoped_lock lock(mutex_);
    if (cluster_ == 0) {
      cluster_ = point.cluster;
    }
    if (point.cluster != cluster_) {
      return failure(
          "etcd: another cluster answers than the one that was opened (its id differs): restart "
          "Signet after etcd was restored");
    }
    note_counter(point.revision, point.counter);
    return {};
  }

  void note_counter(Revision revision, const std::optional<std::string>& counter) {
    counters_.insert_or_assign(revision, counter);
    if (counters_.size() > kCountersMax) {
      counters_.erase(counters_.begin());
    }
  }

  // The counter of a revision; nothing: it is not known (any more).
  std::optional<std::optional<std::string>> counter_of(Revision revision) {
    const std::scoped_lock lock(mutex_);
    const auto found = counters_.find(revision);
    return found == counters_.end() ? std::nullopt : std::optional(found->second);
  }

  // Sends the same transaction until its outcome is known: once it has happened its guard holds no
  // more, so it cannot happen twice.
  Result<Committed> try_commit(Revision base,
                               const std::optional<std::string>& guard,
                               std::span<const Transaction> batch) {
    const std::string counter = counter_value(base + 1, random_id());
    const std::string message = txn_request({.key = layout_.counter(), .value = guard},
                                            layout_.changes_of(batch, base + 1, counter));
    const std::int64_t deadline =
        monotonic_ms() + (is_reachable_ ? kCommitPatienceMs : kCommitImpatienceMs);
    bool is_doubtful = false;  // it was sent before
    while (true) {
      const auto answer = writer_.ask("/v3/kv/txn", message);
      if (answer) {
        is_reachable_ = true;
        return conclude(TRY(read_txn(*answer)), base + 1, counter, is_doubtful);
      }
      if (answer.error().kind != EtcdFault::Kind::Unreachable) {
        return failure(concat(answer.error().text,
                              " (a change of ",
                              std::to_string(message.size()),
                              " bytes; etcd's --max-request-bytes, --max-txn-ops and "
                              "--quota-backend-bytes bound what it takes)"));
      }
      is_doubtful = true;
      if (monotonic_ms() >= deadline || !pause()) {
        is_reachable_ = false;
        return error_of(answer.error());
      }
    }
  }

  Result<Committed> conclude(const TxnAnswer& answer,
                             Revision revision,
                             const std::string& counter,
                             bool is_doubtful) {
    Point point{.revision = revision,
                .counter = counter,
                .etcd_revision = answer.revision,
                .cluster = answer.cluster};
    const bool is_ours = answer.found && answer.found->value == counter;
    if (!answer.is_done && !is_ours) {
      point.counter = answer.found ? std::optional(answer.found->value) : std::nullopt;
      const auto found =
          answer.found ? revision_of_counter(answer.found->value) : std::optional(Revision{0});
      if (!found) {
        return failure(concat("etcd: the key ", layout_.counter(), " holds no revision"));
      }
      point.revision = *found;
      TRY_STATUS(note(point));
      if (is_doubtful && *found > revision) {
        return settle_doubt(*found, revision, counter);
      }
      known_ = *found;
      return Committed{.is_done = false, .revision = *found};
    }
    TRY_STATUS(note(point));
    known_ = revision;
    return Committed{.is_done = true, .revision = revision};
  }

  // Others have committed since the transaction was first sent: the watch tells whether it was the
  // one before theirs.
  Result<Committed> settle_doubt(Revision at, Revision revision, const std::string& counter) {
    std::unique_lock lock(mutex_);
    const auto is_told = [&] {
      return is_stopping_ || (is_following_ && told_ >= at);
    };
    if (!wake_.wait_for(lock, std::chrono::milliseconds(kCommitPatienceMs), is_told) ||
        is_stopping_) {
      return unavailable("etcd: the connection broke, and whether the change was made is open");
    }
    const auto found = counters_.find(revision);
    if (found == counters_.end()) {
      return unavailable("etcd: the connection broke, and whether the change was made is open");
    }
    known_ = at;
    const bool is_done = found->second == counter;
    return Committed{.is_done = is_done, .revision = is_done ? revision : at};
  }

  // The thread of the watch.
  void watch() {
    EtcdGateway gateway(access_);
    while (wait_to_follow()) {
      watch_once(gateway);
      gateway.move_on();
    }
  }

  // False: the store is being closed.
  bool wait_to_follow() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return is_stopping_ || is_following_; });
    is_late_ = false;
    return !is_stopping_;
  }

  void watch_once(EtcdGateway& gateway) {
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

  void tell(WatchedCommit commit) {
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

  void lose(std::string why) {
    Follower* follower = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      is_following_ = false;
      follower = follower_;
    }
    follower->lost(std::move(why));
  }

  // The thread that asks etcd whether it is there and how far it is: a watch that says nothing may
  // be one to which nothing comes.
  void monitor() {
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

  // True: the store is being closed.
  bool wait_for_monitor() {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(
        lock, std::chrono::milliseconds(kMonitorMs), [this] { return is_stopping_; });
  }

  // A watch that is behind what etcd has for a second is begun anew.
  void look_at_watch(Revision newest, std::int64_t& late_since_ms) {
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

  const EtcdAccess access_;
  const EtcdLayout layout_;
  Random& random_;

  std::mutex writer_mutex_;  // of what commits use
  EtcdGateway writer_;
  std::optional<Revision> known_;  // newest that a commit has seen
  bool is_reachable_ = true;       // the last commit found somebody

  std::mutex reader_mutex_;
  EtcdGateway reader_;

  EtcdOffice office_;  // of the monitor's thread

  std::mutex copy_mutex_;          // taken before mutex_
  std::optional<LocalCopy> copy_;  // guarded by copy_mutex_; nothing: there is to be none

  std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  std::uint64_t cluster_ = 0;  // id; 0: nobody has answered yet
  std::map<Revision, std::optional<std::string>> counters_;
  std::optional<Point> loaded_;
  Follower* follower_ = nullptr;  // set before the threads start
  Revision told_ = 0;
  std::int64_t next_etcd_revision_ = 0;
  bool is_following_ = false;
  bool is_late_ = false;
  bool is_stopping_ = false;
  std::thread watcher_;
  std::thread monitor_;
};

}  // namespace

Result<std::unique_ptr<SharedStore>> open_etcd_store(EtcdAccess access, Random& random) {
  auto store = std::make_unique<EtcdStore>(std::move(access), random);
  TRY_STATUS(store->start());
  return store;
}

}  // namespace signet::store
