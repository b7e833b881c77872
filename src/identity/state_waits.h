#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "store/shared_store.h"

namespace signet::identity {

// Those who wait for a state of a shared store: of a revision, or the newest. One question to the
// store serves all who came before it was asked. Thread-safe.
class StateWaits {
 public:
  // `store` outlives stop().
  explicit StateWaits(store::SharedStore& store);
  StateWaits(const StateWaits&) = delete;
  StateWaits& operator=(const StateWaits&) = delete;
  StateWaits(StateWaits&&) = delete;
  StateWaits& operator=(StateWaits&&) = delete;
  ~StateWaits();

  // `done` is called on the thread of this, also where nothing is to be waited for.
  void wait(std::optional<store::Revision> revision,
            int patience_ms,
            std::function<void(bool)> done);

  // The state of this revision was published.
  void published(store::Revision revision);

  // Tells all that wait that it was in vain. Idempotent.
  void stop();

 private:
  struct Waiter {
    std::optional<store::Revision> revision;  // nothing: not asked for yet
    std::int64_t deadline_ms = 0;
    std::function<void(bool)> done;
  };

  void run();
  [[nodiscard]] bool has_question() const;
  void ask(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] std::vector<Waiter> take_finished(bool& is_good);

  store::SharedStore& store_;
  std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  std::vector<Waiter> waiters_;
  store::Revision published_ = 0;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace signet::identity
