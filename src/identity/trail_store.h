#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/trail.h"
#include "store/store.h"

namespace signet::identity {

// The stored copies of lines whose trail may not be durable yet: which numbers are taken, and what
// a batch writes and deletes. Of the writer thread alone.
class TrailStore {
 public:
  // `node`: whose lines these are where several processes share a store; empty: the only one's.
  explicit TrailStore(std::string_view node = {});

  // Hands the trail what an earlier process stored. `trail` outlives this.
  [[nodiscard]] Status attach(Trail& trail, store::Store& store);

  [[nodiscard]] bool is_attached() const { return trail_ != nullptr; }

  // One line of the batch under construction; ends in a newline.
  void add(std::string_view line);

  // What the batch stores and deletes for its lines. To be committed with their changes.
  [[nodiscard]] store::Transaction take_changes();

  // The batch is durable, or had no changes: its lines go to the trail before anybody is answered.
  void committed(bool is_stored);

  // The batch came to nothing.
  void failed();

  // Deletes what is settled, before an orderly end.
  [[nodiscard]] Status close(store::Store& store);

 private:
  store::Transaction delete_settled();
  [[nodiscard]] std::string key_of(std::uint64_t number) const;

  const std::string prefix_;  // of the keys
  Trail* trail_ = nullptr;
  std::uint64_t first_ = 1;  // numbers from here up to next_ are stored
  std::uint64_t next_ = 1;
  std::uint64_t deleted_ = 1;        // numbers below are deleted by the batch under construction
  std::vector<std::string> values_;  // the lines of the batch, cut where a value would be too long
};

// Whether a key is that of a stored copy: not a record of the directory's state.
[[nodiscard]] bool is_trail_key(std::string_view key);

}  // namespace signet::identity
