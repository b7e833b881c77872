#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/etcd/layout.h"
#include "store/etcd/messages.h"
#include "store/shared_store.h"

namespace signet::store {

// A commit as a watch shows it.
struct WatchedCommit {
  Change change;
  std::string counter;         // the counter's value
  std::int64_t etcd_revision;  // of etcd
};

// Takes a watch's stream apart into commits: lines into messages, events of one of etcd's revisions
// into a commit. Events that come without the counter are not a commit of ours.
class WatchReader {
 public:
  // `after`: the revision of the state that is held. `layout` outlives it.
  WatchReader(const EtcdLayout& layout, Revision after) : layout_(layout), last_(after) {}

  // What a stream says besides commits.
  enum class End : std::uint8_t {
    None,
    Canceled,  // ask again
    Gap,       // a commit is missing, or what it changed is no longer known: load anew
  };

  // Takes the next bytes; calls `committed` for each commit that they complete. Errors: what is not
  // understood; then ask again.
  [[nodiscard]] Result<End> take(std::string_view bytes,
                                 const std::function<void(WatchedCommit)>& committed);

 private:
  [[nodiscard]] Result<End> take_line(std::string_view line,
                                      const std::function<void(WatchedCommit)>& committed);
  [[nodiscard]] Result<End> take_events(std::vector<WatchEvent> events,
                                        const std::function<void(WatchedCommit)>& committed);

  const EtcdLayout& layout_;
  Revision last_;
  std::string rest_;  // of a line that is not whole
};

}  // namespace signet::store
