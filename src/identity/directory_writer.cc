#include "identity/directory_writer.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "identity/change_set.h"
#include "identity/data_keys.h"
#include "identity/schema.h"
#include "identity/transaction.h"

namespace signet::identity {
namespace {

// Between two attempts to load a store whose changes were lost.
constexpr std::chrono::seconds kLoadAgain(1);

Error stopped() {
  return facts::service_failure("directory: stopped");
}

// What brings the store from its present records to those of a checkpoint.
Result<store::Transaction> difference(store::Store& store,
                                      const std::map<std::string, std::string>& wanted) {
  store::Transaction change;
  std::map<std::string_view, std::string_view> missing(wanted.begin(), wanted.end());
  const auto visit = [&](const store::RecordView& record) -> Status {
    if (is_trail_key(record.key)) {
      return {};  // what happened stays so
    }
    const auto it = missing.find(record.key);
    if (it == missing.end()) {
      change.deletes.emplace_back(record.key);
    } else if (it->second == record.value) {
      missing.erase(it);
    }
    return {};
  };
  TRY_STATUS(store.load({}, visit));
  for (const auto& [key, value] : missing) {
    change.puts.push_back({std::string(key), std::string(value)});
  }
  return change;
}

}  // namespace

DirectoryWriter::DirectoryWriter(const Directory::Deps& deps,
                                 const Directory::Options& options,
                                 crypto::SecretBox box,
                                 std::atomic<std::uint64_t>& revision)
    : store_(deps.store),
      shared_(deps.store.shared()),
      random_(deps.random),
      catalogue_(deps.catalogue),
      options_(options),
      master_key_(deps.master_key.clone()),
      box_(std::move(box)),
      revision_(revision),
      trail_(options.node) {}

DirectoryWriter::~DirectoryWriter() {
  stop();
}

Status DirectoryWriter::start() {
  Loaded loaded = TRY(load_snapshot(store_, box_, catalogue_, documents_));
  if (shared_ != nullptr) {
    feed_ = std::make_unique<Feed>([this] {
      // The writer looks for news with this lock held: it is not between looking and sleeping.
      const std::scoped_lock lock(queue_mutex_);
      queue_wake_.notify_one();
    });
    waits_ = std::make_unique<StateWaits>(*shared_);
  }
  publish(std::move(loaded.snapshot), loaded.revision);
  if (shared_ != nullptr) {
    TRY_STATUS(shared_->follow(loaded.revision, *feed_));
  }
  // Asked last: a version that is raised later comes with what is followed.
  schema_ = TRY(schema_of(store_));
  thread_ = std::thread([this] { run(); });
  return {};
}

void DirectoryWriter::stop() {
  {
    const std::scoped_lock lock(queue_mutex_);
    is_stopping_ = true;
  }
  queue_wake_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
  if (shared_ != nullptr) {
    shared_->unfollow();
    if (waits_ != nullptr) {
      waits_->stop();
    }
  }
}

void DirectoryWriter::submit(WriteFn write, Completion done) {
  std::unique_lock lock(queue_mutex_);
  if (is_stopping_ || queue_.size() >= options_.queue_max) {
    Error refusal = is_stopping_ ? stopped() : facts::make_error(ErrorCode::Throttling);
    lock.unlock();
    done(std::unexpected(std::move(refusal)));
    return;
  }
  const bool is_first = queue_.empty();
  queue_.push_back(Job{
      .write = std::move(write), .done = std::move(done), .alone = {}, .outcome = {}, .line = {}});
  lock.unlock();
  // Without the lock, which the woken thread wants; and a writer that has work looks by itself.
  if (is_first) {
    queue_wake_.notify_one();
  }
}

std::shared_ptr<const Snapshot> DirectoryWriter::current() const {
  const std::scoped_lock lock(published_mutex_);
  return published_;
}

void DirectoryWriter::run() {
  while (wait_for_work()) {
    if (feed_ != nullptr) {
      catch_up();
      let_others_pass();
    }
    Batch batch = take_batch();
    if (batch.empty()) {
      continue;
    }
    if (batch.front().alone) {
      batch.front().alone();
    } else if (shared_ != nullptr) {
      run_shared_batch(std::move(batch));
    } else {
      run_batch(std::move(batch));
    }
  }
  // What stays is handed over again at the next start.
  [[maybe_unused]] const Status closed = trail_.close(store_);
}

bool DirectoryWriter::wait_for_work() {
  std::unique_lock lock(queue_mutex_);
  const auto has_work = [this] {
    return is_stopping_ || !queue_.empty() || (feed_ != nullptr && feed_->has_news());
  };
  if (feed_ != nullptr && feed_->is_lost()) {
    queue_wake_.wait_for(lock, kLoadAgain, has_work);
  } else {
    queue_wake_.wait(lock, has_work);
  }
  return !is_stopping_ || !queue_.empty();
}

// The writes that wait, up to batch_max and not beyond a job that runs alone.
DirectoryWriter::Batch DirectoryWriter::take_batch() {
  const std::scoped_lock lock(queue_mutex_);
  Batch batch;
  while (!queue_.empty() && batch.size() < options_.batch_max) {
    const bool is_alone = static_cast<bool>(queue_.front().alone);
    if (is_alone && !batch.empty()) {
      break;
    }
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (is_alone) {
      break;
    }
  }
  return batch;
}

void DirectoryWriter::run_batch(Batch batch) {
  Snapshot next = *current();
  std::vector<store::Transaction> changes;
  for (Job& job : batch) {
    job.outcome = run_write(job, next, changes);
    trail_.add(job.outcome ? std::string_view(job.line) : std::string_view());
  }
  if (changes.empty()) {
    trail_.committed(false);
    complete(batch, next.revision());
    return;
  }
  if (trail_.is_attached()) {
    changes.push_back(trail_.take_changes());
  }
  const Result<store::Revision> committed = commit(changes);
  if (!committed) {
    trail_.failed();
    fail_batch(std::move(batch), committed.error());
    return;
  }
  publish(std::move(next), *committed);
  trail_.committed(true);
  complete(batch, *committed);
}

Result<store::Revision> DirectoryWriter::commit(const std::vector<store::Transaction>& changes) {
  const std::int64_t begin = monotonic_us();
  Result<store::Revision> committed = store_.commit(changes);
  const std::scoped_lock lock(stats_mutex_);
  (committed ? stats_.commits : stats_.failed_commits) += 1;
  count_commit(monotonic_us() - begin);
  stats_.is_failing = !committed;
  return committed;
}

void DirectoryWriter::count_commit(std::int64_t took_us) {
  stats_.commit_microseconds += static_cast<std::uint64_t>(took_us);
  const auto range = std::ranges::lower_bound(kCommitBounds, took_us) - kCommitBounds.begin();
  stats_.commit_ranges.at(static_cast<std::size_t>(range)) += 1;
}

WriteStats DirectoryWriter::stats() const {
  WriteStats stats;
  {
    const std::scoped_lock lock(stats_mutex_);
    stats = stats_;
  }
  const std::scoped_lock lock(queue_mutex_);
  stats.waiting = queue_.size();
  return stats;
}

Status DirectoryWriter::run_write(Job& job,
                                  Snapshot& next,
                                  std::vector<store::Transaction>& changes) {
  ChangeSet change_set(box_, random_);
  Transaction transaction(next, documents_, change_set);
  TRY_STATUS(job.write(next, transaction));
  if (!transaction.defect().empty()) {
    return std::unexpected(facts::service_failure(concat("write refused: ", transaction.defect())));
  }
  job.line = std::move(transaction.line_);
  if (!change_set.empty()) {
    store::Transaction change = change_set.take();
    if (schema_ < kSchemaVersion) {
      TRY_STATUS(check_versions(change, schema_));
    }
    changes.push_back(std::move(change));
    next = std::move(transaction.next_);
  }
  return {};
}

// The store took nothing. Writes that meant to change something get its error. The others answered
// from a state that never came to be (a name taken by a write that failed), so they run again,
// before everything that waits.
void DirectoryWriter::fail_batch(Batch batch, const Error& error) {
  std::vector<Job> again;
  for (Job& job : batch) {
    if (job.outcome) {
      job.done(std::unexpected(error));
    } else {
      again.push_back(std::move(job));
    }
  }
  const std::scoped_lock lock(queue_mutex_);
  queue_.insert(
      queue_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
}

void DirectoryWriter::fail_all(Batch& batch, const Error& error) {
  trail_.failed();
  for (Job& job : batch) {
    job.done(std::unexpected(error));
  }
}

void DirectoryWriter::complete(Batch& batch, std::uint64_t revision) {
  for (Job& job : batch) {
    if (job.outcome) {
      job.done(revision);
    } else {
      job.done(std::unexpected(std::move(job.outcome).error()));
    }
  }
}

void DirectoryWriter::publish(Snapshot next, std::uint64_t revision) {
  next.revision_ = revision;
  auto snapshot = std::make_shared<const Snapshot>(std::move(next));
  {
    const std::scoped_lock lock(published_mutex_);
    std::swap(published_, snapshot);
  }
  // Readers that see the number find the snapshot, or a newer one.
  revision_.store(revision, std::memory_order_release);
  if (snapshot != nullptr) {
    retired_.push_back(std::move(snapshot));
  }
  std::erase_if(retired_, [](const auto& old) { return old.use_count() == 1; });
  if (feed_ != nullptr) {
    feed_->applied(revision);
    waits_->published(revision);
  }
}

bool DirectoryWriter::run_alone(const std::function<void()>& work) {
  std::mutex mutex;
  std::condition_variable wake;
  bool is_done = false;
  const auto run_and_tell = [&] {
    work();
    const std::scoped_lock lock(mutex);
    is_done = true;
    wake.notify_one();
  };
  {
    const std::scoped_lock lock(queue_mutex_);
    if (is_stopping_) {
      return false;
    }
    queue_.push_back(
        Job{.write = {}, .done = {}, .alone = run_and_tell, .outcome = {}, .line = {}});
    queue_wake_.notify_one();
  }
  std::unique_lock lock(mutex);
  wake.wait(lock, [&is_done] { return is_done; });
  return true;
}

Status DirectoryWriter::attach(Trail& trail) {
  Status status = std::unexpected(stopped());
  run_alone([&] { status = trail_.attach(trail, store_); });
  return status;
}

Status DirectoryWriter::rewrap(const Secret& old_master_key, const Secret& new_master_key) {
  Status status = std::unexpected(stopped());
  run_alone([&] {
    status = rewrap_data_keys(store_, old_master_key, new_master_key, random_);
    if (status) {
      master_key_ = new_master_key.clone();
      status = open_box();
    }
  });
  return status;
}

Status DirectoryWriter::open_box() {
  box_ = TRY(open_data_keys(store_, master_key_, random_));
  return {};
}

Result<std::shared_ptr<const Checkpoint>> DirectoryWriter::take_checkpoint() {
  auto checkpoint = std::make_shared<Checkpoint>();
  Status status = std::unexpected(stopped());
  run_alone([&] {
    checkpoint->snapshot = *current();
    const Result<store::Revision> loaded =
        store_.load({}, [&checkpoint](const store::RecordView& record) -> Status {
          if (!is_trail_key(record.key)) {
            checkpoint->records.emplace(record.key, record.value);
          }
          return {};
        });
    status = loaded ? Status() : Status(std::unexpected(loaded.error()));
  });
  TRY_STATUS(std::move(status));
  return checkpoint;
}

Result<std::uint64_t> DirectoryWriter::restore(
    const std::shared_ptr<const Checkpoint>& checkpoint) {
  Result<std::uint64_t> result = std::unexpected(stopped());
  run_alone([&] { result = restore_now(*checkpoint); });
  return result;
}

Result<std::uint64_t> DirectoryWriter::restore_now(const Checkpoint& checkpoint) {
  const store::Transaction change = TRY(difference(store_, checkpoint.records));
  const store::Revision committed = TRY(store_.commit(std::span(&change, 1)));
  publish(checkpoint.snapshot, committed);
  return committed;
}

}  // namespace signet::identity
