#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/moment.h"

namespace signet::store {

// Counts commits: 0 is the empty store, every committed batch makes the next one. Never goes back.
using Revision = std::uint64_t;

struct Put {
  std::string key;
  std::string value;
};

// A change that happens as a whole or not at all. Puts first, then deletes; deleting what is not
// there is no error.
struct Transaction {
  std::vector<Put> puts;
  std::vector<std::string> deletes;
};

// A record as load() shows it. The views live until the visitor returns.
struct RecordView {
  std::string_view key;
  std::string_view value;
  Revision revision = 0;
};

// Returning an error ends the scan with that error.
using Visitor = std::function<Status(const RecordView&)>;

class SharedStore;

// Ordered byte keys -> records with revisions; the durable truth behind the directory. Keys are
// compared as unsigned bytes, 1..512 bytes long; a value has at most 4 MiB. All members are safe to
// call from any thread.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  Store(Store&&) = delete;
  Store& operator=(Store&&) = delete;
  virtual ~Store() = default;

  // Shows every record with a key that begins with `prefix` (all when empty), in key order, of one
  // consistent revision, which it returns. Streams: memory does not grow with the store.
  [[nodiscard]] virtual Result<Revision> load(std::string_view prefix, const Visitor& visit) = 0;

  // Shows every record as load() does, but in whatever order takes the least time: in that of keys
  // unless a backend knows better.
  [[nodiscard]] virtual Result<Revision> load_all(const Visitor& visit);

  // Applies the transactions in order, as one batch: all of them or none. On return the batch is
  // durable; the answer is the revision that it made. An empty batch answers the present revision.
  // Errors: ServiceFailure with a cause (disk full, I/O error, read-only folder,
  // closed store, oversized key or value); nothing of the batch was applied, reads go on, and a
  // later commit may succeed again.
  [[nodiscard]] virtual Result<Revision> commit(std::span<const Transaction> batch) = 0;

  // Fixes the state of this moment, for a copy. Quick: commits wait for no more than that. Refused
  // by backends that keep nothing.
  [[nodiscard]] virtual Result<std::unique_ptr<Moment>> hold_moment();

  // Where the data is, for messages: a path, an address, or "memory".
  [[nodiscard]] virtual std::string location() const = 0;

  // This store as one that other processes write to as well (shared_store.h); null: nobody else
  // does.
  [[nodiscard]] virtual SharedStore* shared() { return nullptr; }
};

inline constexpr std::size_t kKeySizeMax = 512;
inline constexpr std::size_t kValueSizeMax = std::size_t{4} << 20;

}  // namespace signet::store
