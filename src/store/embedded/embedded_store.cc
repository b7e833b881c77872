#include "store/embedded/embedded_store.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "codec/hex.h"
#include "store/batch.h"
#include "store/embedded/commit_log.h"
#include "store/embedded/data_folder.h"
#include "store/embedded/flush_folder.h"
#include "store/embedded/merged_load.h"
#include "store/embedded/tables.h"
#include "store/embedded/tables_moment.h"

namespace signet::store {
namespace {

// Commits that share one flush; more wait for the next one.
constexpr std::size_t kGroupMax = 1024;

// One caller inside commit(). Lives on its stack.
struct Waiter {
  Batch batch;
  Result<Revision> result;
  bool is_done = false;
  std::condition_variable wake;
};

using Group = std::vector<Waiter*>;

std::string id_text(const LogId& id) {
  std::string text;
  codec::append_hex(text, std::span(reinterpret_cast<const std::uint8_t*>(id.data()), id.size()));
  return text;
}

class EmbeddedStore final : public Store {
 public:
  EmbeddedStore(DataFolder folder, const EmbeddedOptions& options)
      : folder_(std::move(folder)), options_(options) {}

  EmbeddedStore(const EmbeddedStore&) = delete;
  EmbeddedStore& operator=(const EmbeddedStore&) = delete;
  EmbeddedStore(EmbeddedStore&&) = delete;
  EmbeddedStore& operator=(EmbeddedStore&&) = delete;

  // Leaves the database alone in the folder, unless it cannot be written.
  ~EmbeddedStore() override {
    if (!mover_.joinable()) {
      return;
    }
    {
      const std::scoped_lock lock(mutex_);
      is_stopping_ = true;
    }
    mover_wake_.notify_one();
    mover_.join();
    const bool is_log_needed = !log_.is_empty() || !tables_.note_log(LogUse::None);
    tables_ = Tables();
    if (!is_log_needed) {
      log_.remove();
    }
  }

  Status start() {
    TRY_STATUS(tables_.open({.path = folder_.database_path(),
                             .may_make = folder_.is_first_start(),
                             .has_marker = folder_.has_marker()}));
    TRY_STATUS(folder_.note_store(id_text(tables_.log_id())));
    if (tables_.log_use() == LogUse::Layout2) {
      const std::vector<SharedLogRecord> records =
          TRY(CommitLog::read_layout_2(log_options(), tables_.revision()));
      TRY_STATUS(tables_.apply(records));
      TRY_STATUS(tables_.note_log(LogUse::None));
    }
    TRY_STATUS(log_.open(log_options(), tables_.revision()));
    is_log_due_ = options_.takes_room_at_once;
    is_move_due_ = !log_.is_empty();
    mover_ = std::thread([this] { run_mover(); });
    return {};
  }

  Result<Revision> load(std::string_view prefix, const Visitor& visit) override {
    return load_merged(folder_.database_path(), pending(), prefix, visit);
  }

  Result<Revision> load_all(const Visitor& visit) override {
    return load_merged_all(folder_.database_path(), pending(), visit);
  }

  // Whoever finds the line empty leads: it commits for everybody who lined up meanwhile, so one
  // flush serves many and a lone writer hands nothing to another thread.
  Result<Revision> commit(std::span<const Transaction> batch) override {
    TRY_STATUS(check_batch(batch));
    Waiter self{.batch = batch, .result = Revision{}, .is_done = false, .wake = {}};
    std::unique_lock lock(queue_mutex_);
    queue_.push_back(&self);
    self.wake.wait(lock, [&] { return self.is_done || queue_.front() == &self; });
    if (self.is_done) {
      return std::move(self.result);
    }
    const std::size_t size = std::min(queue_.size(), kGroupMax);
    const Group group(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(size));
    lock.unlock();
    commit_group(group);
    lock.lock();
    release_group(group, self);
    return std::move(self.result);
  }

  Result<std::unique_ptr<Moment>> hold_moment() override {
    // No commit comes in between; the mover may, and what it takes is then seen twice, not never.
    const std::scoped_lock lock(mutex_);
    return hold_tables(folder_.database_path(), log_.pending());
  }

  [[nodiscard]] std::string location() const override { return folder_.path(); }

 private:
  // Asked for before the database is looked at: what the mover takes meanwhile is then seen twice,
  // not never.
  std::vector<SharedLogRecord> pending() {
    const std::scoped_lock lock(mutex_);
    return log_.pending();
  }

  [[nodiscard]] CommitLogOptions log_options() const {
    return {.paths = {folder_.log_path(0), folder_.log_path(1)},
            .id = tables_.log_id(),
            .file_bytes = options_.log_file_bytes,
            .must_exist = tables_.log_use() == LogUse::InUse,
            .takes_room_at_once = options_.takes_room_at_once};
  }

  // Before the first record: from then on the files must be there. Called with mutex_ held.
  Status put_log_in_use() {
    if (is_log_in_use_) {
      return {};
    }
    TRY_STATUS(log_.make_files());
    TRY_STATUS(flush_folder(folder_.path()));
    const std::scoped_lock tables_lock(tables_mutex_);
    TRY_STATUS(tables_.note_log(LogUse::InUse));
    is_log_in_use_ = true;
    return {};
  }

  // Any failure undoes the whole group and is everybody's answer.
  void commit_group(const Group& group) {
    std::vector<Batch> batches;
    for (const Waiter* waiter : group) {
      batches.push_back(waiter->batch);
    }
    std::unique_lock lock(mutex_);
    const Result<std::vector<Revision>> results = write(batches, lock);
    lock.unlock();
    for (std::size_t i = 0; i < group.size(); ++i) {
      group[i]->result = results ? Result<Revision>((*results)[i])
                                 : Result<Revision>(std::unexpected(results.error()));
    }
  }

  // Called with `lock` held on mutex_, by one leader at a time.
  Result<std::vector<Revision>> write(std::span<const Batch> batches,
                                      std::unique_lock<std::mutex>& lock) {
    std::vector<Batch> changes;
    std::vector<Revision> results;
    for (const Batch& batch : batches) {
      if (!batch.empty()) {
        changes.push_back(batch);
      }
      results.push_back(log_.last() + changes.size());
    }
    const std::size_t size = log_record_size(changes);
    if (!log_.takes(size)) {
      return write_to_tables(batches, lock);
    }
    if (!changes.empty()) {
      TRY_STATUS(write_to_log(changes, size, lock));
    }
    return results;
  }

  Status write_to_log(std::span<const Batch> changes,
                      std::size_t size,
                      std::unique_lock<std::mutex>& lock) {
    TRY_STATUS(put_log_in_use());
    while (!log_.has_room(size)) {
      TRY_STATUS(wait_for_move(lock));
    }
    TRY_STATUS(log_.append(make_log_record(tables_.log_id(), log_.last() + 1, changes)));
    if (log_.wants_move() || log_.wants_fill()) {
      is_move_due_ = log_.wants_move();
      mover_wake_.notify_one();
    }
    return {};
  }

  // The way of groups that are too large for the log.
  Result<std::vector<Revision>> write_to_tables(std::span<const Batch> batches,
                                                std::unique_lock<std::mutex>& lock) {
    while (!log_.is_empty()) {
      TRY_STATUS(wait_for_move(lock));
    }
    TRY_STATUS(log_.forget_failed());
    const std::scoped_lock tables_lock(tables_mutex_);
    std::vector<Revision> results = TRY(tables_.commit(batches));
    log_.skip_to(tables_.revision());
    return results;
  }

  // Waits for the mover's next attempt, and answers its error.
  Status wait_for_move(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t seen = attempts_;
    is_move_due_ = true;
    mover_wake_.notify_one();
    move_tried_.wait(lock, [&] { return attempts_ != seen; });
    return move_status_;
  }

  // Takes the group off the line and wakes its members and the next leader. Called with the queue's
  // lock held.
  void release_group(const Group& group, const Waiter& self) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(group.size()));
    for (Waiter* waiter : group) {
      if (waiter != &self) {
        waiter->is_done = true;
        waiter->wake.notify_one();
      }
    }
    if (!queue_.empty()) {
      queue_.front()->wake.notify_one();
    }
  }

  // The mover's thread: everything about the log that commits need not wait for.
  void run_mover() {
    std::unique_lock lock(mutex_);
    while (true) {
      mover_wake_.wait(lock, [this] {
        return is_stopping_ || is_log_due_ || is_move_due_ || log_.wants_fill();
      });
      if (std::exchange(is_log_due_, false) && !is_stopping_) {
        // A disk that has no room for it now may have some when the first commit comes.
        static_cast<void>(put_log_in_use());
        continue;
      }
      // A stop that comes during a move is followed by one more, so that nothing stays in the log.
      const bool is_last = is_stopping_;
      if (is_move_due_ || is_last) {
        move(lock);
      } else {
        log_.fill_some();
        // Commits that wait come first.
        lock.unlock();
        std::this_thread::yield();
        lock.lock();
      }
      if (is_last) {
        return;
      }
    }
  }

  // Copies what is in the log into the database. A failure loses nothing: the log stays, and
  // whoever needs room asks again.
  void move(std::unique_lock<std::mutex>& lock) {
    is_move_due_ = false;
    const std::vector<SharedLogRecord> records = log_.pending();
    lock.unlock();
    Status status;
    Revision revision = 0;
    {
      const std::scoped_lock tables_lock(tables_mutex_);
      status = tables_.apply(records);
      revision = tables_.revision();
    }
    if (!status) {
      log(LogLevel::Warning, "store_checkpoint_failed", {{"cause", status.error().cause}});
    }
    lock.lock();
    log_.moved(revision);
    move_status_ = std::move(status);
    attempts_ += 1;
    move_tried_.notify_all();
  }

  DataFolder folder_;
  const EmbeddedOptions options_;

  std::mutex queue_mutex_;
  std::deque<Waiter*> queue_;  // the front leads

  // Before tables_mutex_ where both are taken.
  std::mutex mutex_;  // everything down to move_tried_
  CommitLog log_;
  bool is_log_in_use_ = false;  // in this run
  bool is_log_due_ = false;     // the mover has to put it in use, so that no start waits for it
  bool is_stopping_ = false;
  bool is_move_due_ = false;
  std::condition_variable mover_wake_;
  std::uint64_t attempts_ = 0;  // of the mover
  Status move_status_;          // of the last attempt
  std::condition_variable move_tried_;

  std::mutex tables_mutex_;
  Tables tables_;
  std::thread mover_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_embedded_store(const EmbeddedOptions& options) {
  DataFolder folder = TRY(DataFolder::open(options.folder));
  auto store = std::make_unique<EmbeddedStore>(std::move(folder), options);
  TRY_STATUS(store->start());
  return store;
}

}  // namespace signet::store
