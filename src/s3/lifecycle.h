#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/snapshot.h"
#include "objects/object_store.h"
#include "s3/lifecycle_rules.h"

namespace signet::s3 {

// Carries out the lifecycles of all buckets: what has expired is deleted as a DeleteObject would
// delete it, noncurrent versions and lone delete markers go for ever, unfinished uploads are
// aborted. In bounded steps; one thread at a time.
class Lifecycle {
 public:
  using State = std::function<std::shared_ptr<const identity::Snapshot>()>;

  // `store` and `clock` must outlive this.
  Lifecycle(objects::ObjectStore& store, State state, const Clock& clock)
      : store_(store), state_(std::move(state)), clock_(clock) {}

  // A part of one pass over all buckets, on the newest state. False: the pass is over, and the next
  // step begins another. An error leaves the bucket for the next pass.
  [[nodiscard]] Result<bool> step();

 private:
  // What a page of versions left to be known for the next.
  struct Seen {
    std::string key;
    Instant modified;             // of the version before, which is newer
    std::int64_t noncurrent = 0;  // versions of the key that are not the latest, so far
    std::optional<objects::ObjectInfo> lone_marker;  // of the key, unless something follows
  };

  [[nodiscard]] Result<bool> step_bucket(const identity::Bucket& bucket);
  // True: there may be more.
  [[nodiscard]] Result<bool> abort_uploads(const std::string& id,
                                           const std::vector<LifecycleRule>& rules,
                                           Instant now);
  // What must stay although it is due.
  using Keeps = std::function<bool(const objects::ObjectInfo&)>;

  void look_at(const objects::VersionPage::Version& version,
               const std::vector<LifecycleRule>& rules,
               Instant now,
               const Keeps& keeps,
               std::vector<objects::Deletion>& due);
  void end_key(const std::vector<LifecycleRule>& rules,
               Instant now,
               std::vector<objects::Deletion>& due);
  void next_bucket();

  objects::ObjectStore& store_;
  State state_;
  const Clock& clock_;
  std::vector<std::string> buckets_;  // of this pass that are left; the last is next
  bool is_begun_ = false;             // a pass
  objects::VersionQuery place_;
  Seen seen_;
};

}  // namespace signet::s3
