#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "crypto/key_wrap.h"
#include "identity/directory.h"
#include "identity/document_pool.h"
#include "identity/feed.h"
#include "identity/loader.h"
#include "identity/state_waits.h"
#include "identity/trail_store.h"

namespace signet::identity {

// Snapshot and records of one moment.
class Checkpoint {
 public:
  Snapshot snapshot;
  std::map<std::string, std::string> records;
};

// The writer thread of a directory and its queue. Writes are run in order against a speculative
// next snapshot, then committed as one batch; only then is the snapshot published and everybody
// told.
class DirectoryWriter {
 public:
  // `revision` follows every publication.
  DirectoryWriter(const Directory::Deps& deps,
                  const Directory::Options& options,
                  crypto::SecretBox box,
                  std::atomic<std::uint64_t>& revision);
  DirectoryWriter(const DirectoryWriter&) = delete;
  DirectoryWriter& operator=(const DirectoryWriter&) = delete;
  DirectoryWriter(DirectoryWriter&&) = delete;
  DirectoryWriter& operator=(DirectoryWriter&&) = delete;
  ~DirectoryWriter();

  // Loads the store, publishes, starts the thread.
  [[nodiscard]] Status start();
  void stop();

  void submit(WriteFn write, Completion done);
  [[nodiscard]] std::shared_ptr<const Snapshot> current() const;
  [[nodiscard]] Status attach(Trail& trail);
  [[nodiscard]] Status rewrap(const Secret& old_master_key, const Secret& new_master_key);
  [[nodiscard]] WriteStats stats() const;
  [[nodiscard]] Result<std::shared_ptr<const Checkpoint>> take_checkpoint();
  [[nodiscard]] Result<std::uint64_t> restore(const std::shared_ptr<const Checkpoint>& checkpoint);

  // Of a store that others write to as well (Directory has what each means).
  [[nodiscard]] bool is_shared() const { return shared_ != nullptr; }

  [[nodiscard]] FollowStats follow_stats() const;
  void when_at(std::optional<std::uint64_t> revision,
               int patience_ms,
               std::function<void(bool)> done);
  void on_sealing_keys(std::function<void(const Snapshot&, std::uint64_t)> adopt);
  [[nodiscard]] bool is_in_office() const;

 private:
  struct Job {
    WriteFn write;  // empty: `alone` is set
    Completion done;
    std::function<void()> alone;  // runs between batches
    Status outcome;
    std::string line;  // what tells of the write, for the trail
  };

  using Batch = std::vector<Job>;

  void run();
  // False: stopped, and nothing left.
  bool wait_for_work();
  Batch take_batch();
  void run_batch(Batch batch);
  void fail_all(Batch& batch, const Error& error);

  // Of a shared store (shared_writer.cc).
  void run_shared_batch(Batch batch);
  // What the first jobs of a batch change, as many as the store takes at once; the others go back
  // into the queue.
  [[nodiscard]] std::vector<store::Transaction> run_some(Batch& batch, Snapshot& next);
  void give_back(Batch& batch, std::size_t first);
  // The revision at which the outcome holds; nothing: the state was not the newest, `at` is.
  [[nodiscard]] Result<std::optional<store::Revision>> settle(
      const std::vector<store::Transaction>& changes, store::Revision base, store::Revision& at);
  // After a conflict: lets as many commits of others pass as there were between two of ours.
  void let_others_pass();
  void note_own_commit(store::Revision revision, std::int64_t took_ms);
  bool catch_up_to(store::Revision revision, std::int64_t deadline_ms);
  // Applies what others did; afterwards the state may still be behind.
  void catch_up();
  [[nodiscard]] Status apply_news(std::vector<store::Change> changes);
  void load_anew(const std::string& why);
  // Takes up the data keys that the store has now.
  [[nodiscard]] Status open_box();
  Result<store::Revision> commit(const std::vector<store::Transaction>& changes);
  void count_commit(std::int64_t took_us);  // with stats_mutex_ held
  Status run_write(Job& job, Snapshot& next, std::vector<store::Transaction>& changes);
  void fail_batch(Batch batch, const Error& error);
  void complete(Batch& batch, std::uint64_t revision);
  void publish(Snapshot next, std::uint64_t revision);
  // Queues `work` and waits until the writer thread has run it. False: the directory is stopped.
  bool run_alone(const std::function<void()>& work);
  Result<std::uint64_t> restore_now(const Checkpoint& checkpoint);

  store::Store& store_;
  store::SharedStore* const shared_;  // the same; null: nobody else writes to it
  Random& random_;
  const PolicyCatalogue* catalogue_;
  const Directory::Options options_;
  Secret master_key_;      // of the writer thread, as is the box
  crypto::SecretBox box_;  // with the data keys that it opens
  std::atomic<std::uint64_t>& revision_;

  mutable std::mutex queue_mutex_;
  std::condition_variable queue_wake_;
  std::deque<Job> queue_;
  bool is_stopping_ = false;

  mutable std::mutex published_mutex_;
  std::shared_ptr<const Snapshot> published_;

  mutable std::mutex stats_mutex_;
  WriteStats stats_;          // `waiting` aside
  FollowStats follow_stats_;  // the counts
  std::function<void(const Snapshot&, std::uint64_t)> adopt_sealing_keys_;

  std::unique_ptr<Feed> feed_;         // null: the store is not shared
  std::unique_ptr<StateWaits> waits_;  // likewise

  // Of the writer thread alone.
  TrailStore trail_;
  DocumentPool documents_;
  std::uint32_t schema_ = 0;        // version of the store's records: no newer ones are written
  std::int64_t load_again_ms_ = 0;  // not before this moment (monotonic)
  std::int64_t contended_until_ms_ = 0;  // others were first lately
  store::Revision own_revision_ = 0;     // of our last commit,
  std::int64_t own_commit_ms_ = 0;       // which was then
  double turns_ = 0;                     // commits of others between two of ours, lately
  double commit_ms_ = 0;                 // that a commit takes, lately
  std::vector<std::shared_ptr<const Snapshot>>
      retired_;  // kept until no reader holds them: freed here, not there
  std::thread thread_;
};

}  // namespace signet::identity
