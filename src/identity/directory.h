#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "identity/catalogue.h"
#include "identity/snapshot.h"
#include "identity/transaction.h"
#include "store/store.h"

namespace signet::identity {

// The meaning of a write: looks at the newest state and changes it through the transaction, or
// answers the caller's error and changes nothing. The state holds the writes of the same batch that
// came before, and then its revision is 0. Pure apart from what it captures, and must not block: it
// runs on the writer thread, and again if the write lost a race or an earlier write that it saw
// could not be made durable.
using WriteFn = std::function<Status(const Snapshot&, Transaction&)>;

// Told once, on the writer thread, after the write is durable and visible to every later current()
// and SnapshotReader: the revision that holds it. Or the error: the WriteFn's own, or
// ServiceFailure from the store (nothing changed then). Must be quick and must not call apply().
using Completion = std::function<void(Result<std::uint64_t>)>;

// A state of the whole store that restore() can go back to.
class Checkpoint;

class DirectoryWriter;
class Trail;

// Upper bounds of the ranges in which commits are counted, in microseconds.
inline constexpr std::array<std::int64_t, 9> kCommitBounds = {
    250, 1'000, 2'500, 5'000, 10'000, 25'000, 100'000, 1'000'000, 5'000'000};

// Sums since the start.
struct WriteStats {
  std::uint64_t commits = 0;              // that the store took
  std::uint64_t failed_commits = 0;       // that it refused
  std::uint64_t commit_microseconds = 0;  // spent in both
  // How many of both took so long: each range alone, the last one without a bound.
  std::array<std::uint64_t, kCommitBounds.size() + 1> commit_ranges{};
  std::uint64_t waiting = 0;  // writes in the queue at this moment
  bool is_failing = false;    // the last commit was refused
};

// How the changes of others are followed, for health and metrics.
struct FollowStats {
  std::int64_t behind_ms = 0;   // the state held everything that there was at this time before now
  std::string trouble;          // why it is not up to date; empty: it is, as far as is known
  std::uint64_t changes = 0;    // of others, applied since the start
  std::uint64_t conflicts = 0;  // commits that came too late and were run again
  std::uint64_t reloads = 0;
};

// The one owner of identity state: a single writer thread that runs writes against the newest
// snapshot, commits them in groups, and publishes. Readers never wait for it. Thread-safe.
// AWS-DIFF: on AWS a change of IAM takes effect some seconds later; here it has when its answer is
// sent (R-7.7, directory_test.cc).
class Directory {
 public:
  struct Options {
    std::size_t queue_max = 8192;  // writes waiting; more are refused with Throttling
    std::size_t batch_max = 512;   // writes in one commit
    // Tells this process from others that share the store, for the lines of its trail; stays the
    // same across restarts. Empty where the store is its own.
    std::string node;
  };

  struct Deps {
    store::Store& store;               // outlives the directory; others write to a shared one only
    const Secret& master_key;          // 32 bytes; wraps the data keys; read by open() only
    Random& random;                    // nonces; outlives the directory
    const PolicyCatalogue* catalogue;  // AWS-managed policies; may be null; outlives every snapshot
  };

  // Prepares the schema, unwraps or makes the data key, loads every record and starts the writer
  // thread. Fails with ServiceFailure and a cause that says what to do: newer version, wrong master
  // key, damaged record.
  [[nodiscard]] static Result<std::unique_ptr<Directory>> open(const Deps& deps,
                                                               const Options& options);
  [[nodiscard]] static Result<std::unique_ptr<Directory>> open(const Deps& deps);

  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  Directory(Directory&&) = delete;
  Directory& operator=(Directory&&) = delete;
  // Stops and joins.
  ~Directory();

  // Queues a write. `done` is called exactly once, possibly before submit() returns (queue full,
  // stopped).
  void submit(WriteFn write, Completion done);

  // Runs a write and waits for it. Never from the writer thread or an event loop.
  Result<std::uint64_t> apply(WriteFn write);

  // How writing goes.
  [[nodiscard]] WriteStats write_stats() const;

  // The newest published state. Takes a lock for a moment: per request use a SnapshotReader.
  [[nodiscard]] std::shared_ptr<const Snapshot> current() const;

  // Number of the newest published state.
  [[nodiscard]] std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }

  // Everything as it is now, for restore(). Waits for writes that are queued before it.
  [[nodiscard]] Result<std::shared_ptr<const Checkpoint>> checkpoint();

  // Goes back to a checkpoint of this directory as one durable write; the revision goes forward.
  Result<std::uint64_t> restore(std::shared_ptr<const Checkpoint> checkpoint);

  // Wraps the data keys by another master key (32 bytes each), in one durable write.
  [[nodiscard]] Status rewrap(const Secret& old_master_key, const Secret& new_master_key);

  // Sends the lines that writes tell (Transaction::tell) to a trail from now on; those that an
  // earlier process stored and may not have kept come first. Once, before such writes; the trail
  // outlives stop(). Without a trail the lines are dropped.
  [[nodiscard]] Status attach(Trail& trail);

  // Whether other processes write to the same store. Their changes are followed: they are in the
  // newest state some milliseconds after they were made.
  [[nodiscard]] bool is_shared() const;

  // How following goes; nothing to tell of a store that is not shared.
  [[nodiscard]] FollowStats follow_stats() const;

  // Calls `done`, once, on a thread of the directory: true when the newest state is that of
  // `revision` or later (nothing: the revision that the store has now, agreed on by a majority),
  // false when it is not after `patience_ms`.
  void when_at(std::optional<std::uint64_t> revision,
               int patience_ms,
               std::function<void(bool)> done);

  // Called before a state is published in which another process changed the keys that seal; on the
  // writer thread, with the revision that it will have. Once, before such changes matter.
  void on_sealing_keys(std::function<void(const Snapshot&, std::uint64_t revision)> adopt);

  // Whether this process is the one of all that share the store that should do what is to be done
  // once; always where it is not shared.
  [[nodiscard]] bool is_in_office() const;

  // Finishes what is queued, then ends the writer thread. Later writes are refused. Idempotent.
  void stop();

 private:
  Directory() = default;

  // Alone on its cache line: written once per commit, read at the start of every request.
  alignas(64) std::atomic<std::uint64_t> revision_ = 0;
  alignas(64) std::unique_ptr<DirectoryWriter> writer_;
};

// One event loop's view of the directory: keeps its own pointer and looks for a newer state with
// one atomic load. Used by one thread; the directory must outlive it.
class SnapshotReader {
 public:
  explicit SnapshotReader(const Directory& directory);

  // The newest state: includes every write acknowledged before the call. Valid until the next call;
  // hold() it across suspensions.
  [[nodiscard]] const Snapshot& get() {
    if (directory_->revision() != seen_) [[unlikely]] {
      refresh();
    }
    return *snapshot_;
  }

  // Ownership of the state that get() returned last.
  [[nodiscard]] std::shared_ptr<const Snapshot> hold() const { return snapshot_; }

 private:
  void refresh();

  const Directory* directory_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::uint64_t seen_ = 0;
};

}  // namespace signet::identity
