// What EtcdStore writes: one transaction a commit, which happens if the counter is what it was, and
// what is known of those whose answer was lost.

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/strings.h"
#include "store/batch.h"
#include "store/etcd/etcd_store.h"
#include "store/etcd/etcd_store_parts.h"

namespace signet::store {

Result<Revision> EtcdStore::commit(std::span<const Transaction> batch) {
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
      return etcd_unavailable("etcd: others kept committing in between");
    }
  }
}

Result<SharedStore::Committed> EtcdStore::commit_on(Revision base,
                                                    std::span<const Transaction> batch) {
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

Result<SharedStore::Committed> EtcdStore::try_commit(Revision base,
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
      return etcd_failure(concat(answer.error().text,
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

Result<SharedStore::Committed> EtcdStore::conclude(const TxnAnswer& answer,
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
      return etcd_failure(concat("etcd: the key ", layout_.counter(), " holds no revision"));
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

Result<SharedStore::Committed> EtcdStore::settle_doubt(Revision at,
                                                       Revision revision,
                                                       const std::string& counter) {
  std::unique_lock lock(mutex_);
  const auto is_told = [&] {
    return is_stopping_ || (is_following_ && told_ >= at);
  };
  if (!wake_.wait_for(lock, std::chrono::milliseconds(kCommitPatienceMs), is_told) ||
      is_stopping_) {
    return etcd_unavailable("etcd: the connection broke, and whether the change was made is open");
  }
  const auto found = counters_.find(revision);
  if (found == counters_.end()) {
    return etcd_unavailable("etcd: the connection broke, and whether the change was made is open");
  }
  known_ = at;
  const bool is_done = found->second == counter;
  return Committed{.is_done = is_done, .revision = is_done ? revision : at};
}

}  // namespace signet::store
