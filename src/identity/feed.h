#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/shared_store.h"

namespace signet::identity {

// What a shared store tells, on its way to the directory's writer thread, and how far behind the
// directory is. Thread-safe.
class Feed final : public store::Follower {
 public:
  // The state is taken for out of date when nobody has confirmed it for so long.
  static constexpr std::int64_t kStaleMs = 1500;

  // `wake` is called when there is something for the writer thread.
  explicit Feed(std::function<void()> wake) : wake_(std::move(wake)) {}

  void changed(store::Change change) override;
  void lost(std::string why) override;
  void confirmed(store::Revision newest, std::int64_t asked_ms) override;
  void unconfirmed(std::string why) override;

  [[nodiscard]] bool has_news() const { return has_news_.load(std::memory_order_acquire); }

  [[nodiscard]] bool is_lost() const;

  // What came since the last call. A loss stays until it is mended; `lost`: why.
  struct News {
    std::vector<store::Change> changes;
    std::optional<std::string> lost;
  };

  [[nodiscard]] News take();

  // The store was loaded anew, or could not be.
  void mended();
  void not_mended(std::string why);

  // Waits until a change comes, or changes were lost; false: neither did before this moment
  // (monotonic).
  [[nodiscard]] bool wait(std::int64_t deadline_ms);

  // The state of this revision was published.
  void applied(store::Revision revision);

  struct State {
    std::int64_t behind_ms = 0;  // what is applied held everything at this time before now
    std::string trouble;         // why it is not up to date; empty: it is, as far as is known
  };

  [[nodiscard]] State state() const;

 private:
  void note_confirmed(store::Revision applied);

  const std::function<void()> wake_;
  std::atomic<bool> has_news_ = false;
  mutable std::mutex mutex_;  // of what follows
  std::condition_variable came_;
  std::vector<store::Change> changes_;
  std::optional<std::string> lost_;
  store::Revision applied_ = 0;
  store::Revision newest_ = 0;      // that was confirmed
  std::int64_t asked_ms_ = 0;       // when that was
  std::int64_t up_to_date_ms_ = 0;  // what is applied held everything at this moment
  std::string unconfirmed_;
};

}  // namespace signet::identity
