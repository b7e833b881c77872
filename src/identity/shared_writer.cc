// What the directory's writer does where other processes write to the same store: it follows what
// they did, and what it commits holds only on the state that it was decided on.

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "identity/apply_change.h"
#include "identity/directory_writer.h"
#include "identity/record.h"
#include "identity/schema.h"

namespace signet::identity {
namespace {

// A commit stays below what etcd takes unless it is told otherwise (1.5 MiB, and 64 times 64
// operations); a single larger change is tried by itself.
constexpr std::size_t kCommitBytes = std::size_t{768} << 10;
constexpr std::size_t kCommitOperations = 2000;

constexpr int kConflictPatienceMs = 5000;  // of one batch, over all its conflicts
constexpr std::int64_t kLoadAgainMs = 1000;
constexpr std::int64_t kContendedMs = 1000;  // after a conflict
constexpr std::int64_t kPassMsMax = 100;     // that anybody waits for others
constexpr double kTurnsMax = 8;
constexpr double kSmoothing = 8;  // of averages

struct Size {
  std::size_t bytes = 0;
  std::size_t operations = 0;

  [[nodiscard]] bool is_large() const {
    return bytes > kCommitBytes || operations > kCommitOperations;
  }
};

Size size_of(const store::Transaction& change, std::string_view line) {
  Size size{.bytes = line.size(), .operations = change.puts.size() + change.deletes.size()};
  for (const store::Put& put : change.puts) {
    size.bytes += put.key.size() + put.value.size();
  }
  for (const std::string& key : change.deletes) {
    size.bytes += key.size();
  }
  return size;
}

Error out_of_reach(std::string cause) {
  Error error = facts::make_error(ErrorCode::ServiceUnavailable);
  error.cause = std::move(cause);
  return error;
}

}  // namespace

FollowStats DirectoryWriter::follow_stats() const {
  if (feed_ == nullptr) {
    return {};
  }
  Feed::State state = feed_->state();
  FollowStats stats{.behind_ms = state.behind_ms, .trouble = std::move(state.trouble)};
  const std::scoped_lock lock(stats_mutex_);
  stats.changes = follow_stats_.changes;
  stats.conflicts = follow_stats_.conflicts;
  stats.reloads = follow_stats_.reloads;
  return stats;
}

void DirectoryWriter::when_at(std::optional<std::uint64_t> revision,
                              int patience_ms,
                              std::function<void(bool)> done) {
  if (waits_ == nullptr) {
    done(!revision || *revision <= revision_.load());
    return;
  }
  waits_->wait(revision, patience_ms, std::move(done));
}

void DirectoryWriter::on_sealing_keys(std::function<void(const Snapshot&, std::uint64_t)> adopt) {
  run_alone([&] { adopt_sealing_keys_ = std::move(adopt); });
}

bool DirectoryWriter::is_in_office() const {
  return shared_ == nullptr || shared_->is_in_office();
}

// Nobody is answered before it is known that the state was the newest: not those who changed
// something, nor those who were told that they may not.
void DirectoryWriter::run_shared_batch(Batch batch) {
  const std::int64_t deadline_ms = monotonic_ms() + kConflictPatienceMs;
  while (true) {
    Snapshot next = *current();
    const store::Revision base = next.revision();
    std::vector<store::Transaction> changes = run_some(batch, next);
    const bool has_changes = !changes.empty();
    if (has_changes && trail_.is_attached()) {
      changes.push_back(trail_.take_changes());
    }
    store::Revision at = 0;
    const Result<std::optional<store::Revision>> settled = settle(changes, base, at);
    if (!settled) {
      fail_all(batch, settled.error());
      return;
    }
    if (settled->has_value()) {
      if (has_changes) {
        publish(std::move(next), **settled);
      }
      trail_.committed(has_changes);
      complete(batch, **settled);
      return;
    }
    trail_.failed();
    contended_until_ms_ = monotonic_ms() + kContendedMs;
    {
      const std::scoped_lock lock(stats_mutex_);
      follow_stats_.conflicts += 1;
    }
    if (!catch_up_to(at, deadline_ms)) {
      fail_all(batch, out_of_reach("directory: the changes of others do not come"));
      return;
    }
    if (monotonic_ms() >= deadline_ms) {
      fail_all(batch, out_of_reach("directory: others kept committing in between"));
      return;
    }
  }
}

std::vector<store::Transaction> DirectoryWriter::run_some(Batch& batch, Snapshot& next) {
  std::vector<store::Transaction> changes;
  Size sum;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Job& job = batch[i];
    const Snapshot before = next;
    const std::size_t count = changes.size();
    job.outcome = run_write(job, next, changes);
    if (changes.size() > count) {
      const Size size = size_of(changes.back(), job.line);
      sum.bytes += size.bytes;
      sum.operations += size.operations;
      if (sum.is_large() && i > 0) {
        changes.pop_back();
        next = before;
        give_back(batch, i);
        break;
      }
    }
    trail_.add(job.outcome ? std::string_view(job.line) : std::string_view());
  }
  return changes;
}

// The jobs from `first` on wait again, before all others.
void DirectoryWriter::give_back(Batch& batch, std::size_t first) {
  const auto from = batch.begin() + static_cast<std::ptrdiff_t>(first);
  const std::scoped_lock lock(queue_mutex_);
  queue_.insert(
      queue_.begin(), std::make_move_iterator(from), std::make_move_iterator(batch.end()));
  batch.erase(from, batch.end());
}

// Nodes that all try at once mostly come too late. Whoever waits for the others after his own
// commit has his turn when theirs are done, and more to commit then.
void DirectoryWriter::let_others_pass() {
  const std::int64_t now_ms = monotonic_ms();
  if (now_ms >= contended_until_ms_ || turns_ < 0.5) {
    return;
  }
  const double turns = std::min(turns_, kTurnsMax);
  const auto patience = static_cast<std::int64_t>(2 * turns * commit_ms_) + 1;
  const std::int64_t until_ms = std::min(own_commit_ms_ + patience, now_ms + kPassMsMax);
  const store::Revision wanted = own_revision_ + static_cast<store::Revision>(turns + 0.5);
  while (current()->revision() < wanted && feed_->wait(until_ms)) {
    catch_up();
  }
}

void DirectoryWriter::note_own_commit(store::Revision revision, std::int64_t took_ms) {
  if (own_revision_ != 0) {
    turns_ += (static_cast<double>(revision - own_revision_ - 1) - turns_) / kSmoothing;
  }
  commit_ms_ += (static_cast<double>(took_ms) - commit_ms_) / kSmoothing;
  own_revision_ = revision;
  own_commit_ms_ = monotonic_ms();
}

Result<std::optional<store::Revision>> DirectoryWriter::settle(
    const std::vector<store::Transaction>& changes, store::Revision base, store::Revision& at) {
  if (changes.empty()) {
    at = TRY(shared_->newest());
    return at == base ? std::optional(base) : std::nullopt;
  }
  const std::int64_t begin = monotonic_us();
  const Result<store::SharedStore::Committed> committed = shared_->commit_on(base, changes);
  {
    const std::scoped_lock lock(stats_mutex_);
    stats_.commits += committed && committed->is_done ? 1 : 0;
    stats_.failed_commits += committed ? 0 : 1;
    count_commit(monotonic_us() - begin);
    stats_.is_failing = !committed;
  }
  if (!committed) {
    return std::unexpected(committed.error());
  }
  at = committed->revision;
  if (committed->is_done) {
    note_own_commit(at, (monotonic_us() - begin) / 1000);
  }
  return committed->is_done ? std::optional(at) : std::nullopt;
}

bool DirectoryWriter::catch_up_to(store::Revision revision, std::int64_t deadline_ms) {
  catch_up();
  while (current()->revision() < revision) {
    if (!feed_->wait(deadline_ms)) {
      return false;
    }
    catch_up();
  }
  return true;
}

void DirectoryWriter::catch_up() {
  if (!feed_->has_news() && !feed_->is_lost()) {
    return;
  }
  Feed::News news = feed_->take();
  std::string why = news.lost.value_or("");
  if (!news.lost) {
    Status applied = apply_news(std::move(news.changes));
    if (applied) {
      return;
    }
    why = applied.error().cause;
    feed_->not_mended(why);  // until it is loaded
  }
  load_anew(why);
}

// Own commits come back as well, and are known by their revision.
Status DirectoryWriter::apply_news(std::vector<store::Change> changes) {
  Snapshot next = *current();
  store::Revision revision = next.revision();
  const store::Revision before = revision;
  bool has_sealing_keys = false;
  for (const store::Change& change : changes) {
    if (change.revision <= revision) {
      continue;
    }
    if (change.revision != revision + 1) {
      return std::unexpected(facts::service_failure("a commit of others is missing"));
    }
    if (adds_data_key(change)) {
      TRY_STATUS(open_box());
    }
    TRY_STATUS(apply_change(next, change, box_, documents_));
    revision = change.revision;
    if (raises_records(change)) {
      schema_ = kSchemaVersion;
    }
    has_sealing_keys = has_sealing_keys || changes_sealing_keys(change);
  }
  if (revision == before) {
    return {};
  }
  if (has_sealing_keys && adopt_sealing_keys_) {
    adopt_sealing_keys_(next, revision);
  }
  {
    const std::scoped_lock lock(stats_mutex_);
    follow_stats_.changes += revision - before;
  }
  publish(std::move(next), revision);
  return {};
}

// Meanwhile what is held goes on serving. What fails is tried again a second later.
void DirectoryWriter::load_anew(const std::string& why) {
  if (monotonic_ms() < load_again_ms_) {
    return;
  }
  log(LogLevel::Warning, "store_loaded_anew", {{"why", why}});
  load_again_ms_ = monotonic_ms() + kLoadAgainMs;
  // Asked before: records of a newer version do not decode, which would be all that is said.
  const std::uint32_t newest = schema_of(store_).value_or(0);
  if (newest > kSchemaVersion) {
    feed_->not_mended(concat("the store holds records of version ",
                             std::to_string(newest),
                             ", but this program knows versions up to ",
                             std::to_string(kSchemaVersion),
                             ": run a newer program"));
    return;
  }
  // Where this fails the keys that are held may do.
  static_cast<void>(open_box());
  Result<Loaded> loaded = load_snapshot(store_, box_, catalogue_, documents_);
  Status status = loaded ? Status() : Status(std::unexpected(loaded.error()));
  if (status && loaded->revision < current()->revision()) {
    status = std::unexpected(facts::service_failure(
        "the store is at an earlier revision than this process: restart it"));
  }
  if (!status) {
    feed_->not_mended(status.error().cause);
    return;
  }
  if (adopt_sealing_keys_) {
    adopt_sealing_keys_(loaded->snapshot, loaded->revision);
  }
  {
    const std::scoped_lock lock(stats_mutex_);
    follow_stats_.reloads += 1;
  }
  feed_->mended();
  publish(std::move(loaded->snapshot), loaded->revision);
  if (const Status followed = shared_->follow(loaded->revision, *feed_); !followed) {
    feed_->not_mended(followed.error().cause);
  }
  schema_ = schema_of(store_).value_or(schema_);  // last, as in start()
}

}  // namespace signet::identity
