#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace signet::store {

// What one commit did, whoever made it.
struct Change {
  struct Item {
    std::string key;
    std::optional<std::string> before;  // nothing: there was no record
    std::optional<std::string> after;   // nothing: it was deleted
  };

  Revision revision = 0;
  std::vector<Item> items;
};

// Whoever follows a shared store. Called on two threads of the store, changes and losses on one of
// them; must be quick and must not call the store.
class Follower {
 public:
  Follower() = default;
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  Follower(Follower&&) = delete;
  Follower& operator=(Follower&&) = delete;
  virtual ~Follower() = default;

  // The next commit: revisions come in order, without a gap.
  virtual void changed(Change change) = 0;

  // Changes were missed that cannot be had any more: what is held must be loaded anew and followed
  // from there. Nothing comes until then.
  virtual void lost(std::string why) = 0;

  // The store was asked at this moment (monotonic), and the newest revision then was this one.
  virtual void confirmed(Revision newest, std::int64_t asked_ms) = 0;

  // The store could not be asked.
  virtual void unconfirmed(std::string why) = 0;
};

// A store that other processes write to at the same time.
class SharedStore : public Store {
 public:
  struct Committed {
    bool is_done = false;   // false: the store had moved on, and nothing was applied
    Revision revision = 0;  // that the batch made, or that the store is at
  };

  // As commit(), but only if nobody has committed anything since revision `base`, which was loaded,
  // followed or committed here. What answers an error has not been seen to happen, and may still
  // turn out to be done as a whole where the connection broke. ServiceUnavailable: the store cannot
  // be reached, or has no majority.
  [[nodiscard]] virtual Result<Committed> commit_on(Revision base,
                                                    std::span<const Transaction> batch) = 0;

  // The newest revision at some moment during the call, agreed on by a majority.
  [[nodiscard]] virtual Result<Revision> newest() = 0;

  // Tells the follower of every commit after `loaded`, the revision of the last load_all(). Once,
  // and again after lost(). The follower outlives unfollow().
  [[nodiscard]] virtual Status follow(Revision loaded, Follower& follower) = 0;

  // Nothing is told any more once this returns.
  virtual void unfollow() = 0;

  // Whether this process has the office of doing what one of all should do; it changes hands when
  // the process that has it dies. Asks nobody: answers what was so a moment ago.
  [[nodiscard]] virtual bool is_in_office() const = 0;
};

}  // namespace signet::store
