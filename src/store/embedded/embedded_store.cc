#include "store/embedded/embedded_store.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "store/batch.h"
#include "store/embedded/data_folder.h"
#include "store/embedded/sqlite.h"

namespace signet::store {
namespace {

// On disk, docs/formats/store.md: "Sign", and the version of the tables.
constexpr std::int64_t kApplicationId = 0x5369676E;
constexpr std::int64_t kLayoutVersion = 1;

constexpr std::int64_t kPageBytes = 4096;

// Commits that share one flush; more wait for the next one.
constexpr std::size_t kGroupMax = 1024;

// One caller inside commit(). Lives on its stack.
struct Waiter {
  std::span<const Transaction> batch;
  Result<CommitResult> result;
  bool is_done = false;
  std::condition_variable wake;
};

using Group = std::vector<Waiter*>;

class EmbeddedStore final : public Store {
 public:
  EmbeddedStore(DataFolder folder, const EmbeddedOptions& options)
      : folder_(std::move(folder)), options_(options) {}

  ~EmbeddedStore() override {
    {
      const std::scoped_lock lock(checkpoint_mutex_);
      is_stopping_ = true;
    }
    checkpoint_wake_.notify_one();
    if (checkpoint_thread_.joinable()) {
      checkpoint_thread_.join();
    }
  }

  Status start() {
    writer_ = TRY(Connection::open(folder_.database_path()));
    TRY_STATUS(prepare_tables());
    writer_.watch_log(&log_pages_);
    begin_ = TRY(writer_.prepare("BEGIN IMMEDIATE"));
    commit_ = TRY(writer_.prepare("COMMIT"));
    find_ = TRY(writer_.prepare("SELECT revision FROM record WHERE key = ?1"));
    put_ = TRY(writer_.prepare(
        "INSERT INTO record (key, value, revision) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision"));
    delete_ = TRY(writer_.prepare("DELETE FROM record WHERE key = ?1"));
    set_revision_ = TRY(writer_.prepare("UPDATE meta SET revision = ?1 WHERE id = 1"));
    revision_ =
        static_cast<Revision>(TRY(writer_.number("SELECT revision FROM meta WHERE id = 1")));
    checkpointer_ = TRY(Connection::open(folder_.database_path()));
    // A connection that has read nothing does not know that there is a log, and its checkpoints do
    // nothing.
    TRY_STATUS(checkpointer_.number("SELECT revision FROM meta WHERE id = 1"));
    checkpoint_thread_ = std::thread([this] { run_checkpoints(); });
    return {};
  }

  Result<Revision> load(std::string_view prefix, const Visitor& visit) override {
    Connection reader = TRY(Connection::open(folder_.database_path()));
    TRY_STATUS(reader.run("PRAGMA query_only = 1; PRAGMA cache_size = -1024; BEGIN"));
    const auto revision =
        static_cast<Revision>(TRY(reader.number("SELECT revision FROM meta WHERE id = 1")));
    const std::string end = prefix_end(prefix);
    Statement scan = TRY(reader.prepare(
        end.empty()
            ? "SELECT key, value, revision FROM record WHERE key >= ?1 ORDER BY key"
            : "SELECT key, value, revision FROM record WHERE key >= ?1 AND key < ?2 ORDER BY key"));
    scan.bind(1, prefix);
    if (!end.empty()) {
      scan.bind(2, end);
    }
    while (TRY(scan.step()) == Step::Row) {
      TRY_STATUS(visit(RecordView{.key = scan.bytes(0),
                                  .value = scan.bytes(1),
                                  .revision = static_cast<Revision>(scan.number(2))}));
    }
    return revision;
  }

  // Whoever finds the line empty leads: it commits for everybody who lined up meanwhile, so one
  // flush serves many and a lone writer hands nothing to another thread.
  Result<CommitResult> commit(std::span<const Transaction> batch) override {
    TRY_STATUS(check_batch(batch));
    Waiter self{.batch = batch, .result = CommitResult{}, .is_done = false, .wake = {}};
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

  std::string location() const override { return folder_.path(); }

 private:
  Status prepare_tables() {
    const std::int64_t id = TRY(writer_.number("PRAGMA application_id"));
    const std::int64_t version = TRY(writer_.number("PRAGMA user_version"));
    const std::int64_t tables = TRY(writer_.number("SELECT count(*) FROM sqlite_schema"));
    const bool is_new = id == 0 && version == 0 && tables == 0;
    if (!is_new && id != kApplicationId) {
      return refuse("is not a Signet database");
    }
    if (!is_new && version != kLayoutVersion) {
      return refuse(concat("has tables of version ",
                           std::to_string(version),
                           ", but this program knows version ",
                           std::to_string(kLayoutVersion)));
    }
    TRY_STATUS(writer_.run(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192"));
    if (is_new) {
      TRY_STATUS(create_tables());
    }
    return {};
  }

  Status create_tables() {
    return writer_.run(concat(
        "BEGIN;"
        "CREATE TABLE record (id INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT NULL,"
        " revision INTEGER NOT NULL);"
        "CREATE UNIQUE INDEX record_by_key ON record (key);"
        "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);"
        "INSERT INTO meta (id, revision) VALUES (1, 0);"
        "PRAGMA application_id = ",
        std::to_string(kApplicationId),
        "; PRAGMA user_version = ",
        std::to_string(kLayoutVersion),
        "; COMMIT"));
  }

  std::unexpected<Error> refuse(std::string_view why) const {
    return std::unexpected(
        facts::service_failure(concat("store ", folder_.database_path(), ": ", why)));
  }

  // One SQLite transaction for all batches of the group. A batch whose expectations fail is left
  // out; any other failure undoes the whole group and is everybody's answer.
  void commit_group(const Group& group) {
    std::unique_lock lock(writer_mutex_);
    // A log that is too long is cut before it grows on.
    restart_done_.wait(lock, [this] { return !is_restart_due_; });
    Revision next = revision_;
    const Status status = write_group(group, next);
    if (status) {
      revision_ = next;
      wake_checkpointer();
      return;
    }
    writer_.rollback();
    for (Waiter* waiter : group) {
      waiter->result = std::unexpected(status.error());
    }
  }

  Status write_group(const Group& group, Revision& next) {
    TRY_STATUS(writer_.finish(begin_));
    for (Waiter* waiter : group) {
      waiter->result = TRY(write_batch(waiter->batch, next));
    }
    set_revision_.bind(1, static_cast<std::int64_t>(next));
    TRY_STATUS(writer_.finish(set_revision_));
    return writer_.finish(commit_);
  }

  Result<CommitResult> write_batch(std::span<const Transaction> batch, Revision& next) {
    for (const Transaction& transaction : batch) {
      for (const Expectation& expectation : transaction.expects) {
        if (TRY(revision_of(expectation.key)) != expectation.revision) {
          return CommitResult{.revision = 0, .is_conflict = true, .conflict_key = expectation.key};
        }
      }
    }
    next += batch.empty() ? 0 : 1;
    for (const Transaction& transaction : batch) {
      TRY_STATUS(write_transaction(transaction, next));
    }
    return CommitResult{.revision = next, .is_conflict = false, .conflict_key = {}};
  }

  Status write_transaction(const Transaction& transaction, Revision revision) {
    for (const Put& put : transaction.puts) {
      put_.bind(1, put.key);
      put_.bind(2, put.value);
      put_.bind(3, static_cast<std::int64_t>(revision));
      TRY_STATUS(writer_.finish(put_));
    }
    for (const std::string& key : transaction.deletes) {
      delete_.bind(1, key);
      TRY_STATUS(writer_.finish(delete_));
    }
    return {};
  }

  Result<Revision> revision_of(std::string_view key) {
    find_.bind(1, key);
    const Result<Step> step = find_.step();
    const Revision revision =
        step && *step == Step::Row ? static_cast<Revision>(find_.number(0)) : 0;
    find_.reset();
    if (!step) {
      return std::unexpected(step.error());
    }
    return revision;
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

  // Called with the writer's lock held.
  void wake_checkpointer() {
    const auto bytes = static_cast<std::uint64_t>(log_pages_ * kPageBytes);
    if (bytes < log_bytes_) {
      checkpoint_at_ = options_.checkpoint_bytes;  // the log began anew
    }
    log_bytes_ = bytes;
    if (bytes < checkpoint_at_) {
      return;
    }
    checkpoint_at_ = bytes + options_.checkpoint_bytes;
    is_restart_due_ = bytes >= options_.restart_bytes;
    {
      const std::scoped_lock lock(checkpoint_mutex_);
      wants_checkpoint_ = true;
    }
    checkpoint_wake_.notify_one();
  }

  void run_checkpoints() {
    std::unique_lock lock(checkpoint_mutex_);
    while (true) {
      checkpoint_wake_.wait(lock, [this] { return is_stopping_ || wants_checkpoint_; });
      if (is_stopping_) {
        return;
      }
      wants_checkpoint_ = false;
      lock.unlock();
      checkpoint();
      lock.lock();
    }
  }

  // A failed checkpoint loses nothing: the log stays, and a later commit asks again.
  void checkpoint() {
    Status status = checkpointer_.checkpoint_passive();
    {
      const std::scoped_lock lock(writer_mutex_);
      if (status && is_restart_due_) {
        status = checkpointer_.checkpoint_truncate();
      }
      is_restart_due_ = false;
    }
    restart_done_.notify_one();
    if (!status) {
      log(LogLevel::Warning, "store_checkpoint_failed", {{"cause", status.error().cause}});
    }
  }

  DataFolder folder_;
  const EmbeddedOptions options_;

  std::mutex queue_mutex_;
  std::deque<Waiter*> queue_;  // the front leads

  std::mutex writer_mutex_;     // everything down to revision_
  std::int64_t log_pages_ = 0;  // before the connection that writes to it
  Connection writer_;
  Statement begin_;
  Statement commit_;
  Statement find_;
  Statement put_;
  Statement delete_;
  Statement set_revision_;
  Revision revision_ = 0;
  std::uint64_t log_bytes_ = 0;      // after the last commit
  std::uint64_t checkpoint_at_ = 0;  // size of the log that asks for the next checkpoint
  bool is_restart_due_ = false;      // the next commit waits for the checkpoint
  std::condition_variable restart_done_;

  std::mutex checkpoint_mutex_;
  std::condition_variable checkpoint_wake_;
  bool wants_checkpoint_ = false;
  bool is_stopping_ = false;
  Connection checkpointer_;  // used by its thread only
  std::thread checkpoint_thread_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_embedded_store(const EmbeddedOptions& options) {
  DataFolder folder = TRY(DataFolder::open(options.folder));
  auto store = std::make_unique<EmbeddedStore>(std::move(folder), options);
  TRY_STATUS(store->start());
  return store;
}

}  // namespace signet::store
