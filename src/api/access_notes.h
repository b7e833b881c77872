#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/instant.h"
#include "identity/directory.h"
#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::api {

// Who used which action last, as an event loop sees it: every use by a user, a role or root,
// refused ones too, for the reports of last accesses. The directory is told of each action of each
// of them at most once an hour, without waiting for it; the table has a bound and begins anew when
// it is full. Touched by its loop's thread only.
class AccessNotes {
 public:
  explicit AccessNotes(identity::Directory& directory) : directory_(directory) {}

  struct Use {
    std::string_view action;  // with its service: s3:GetObject
    std::string_view region;
    Instant at;
  };

  // `snapshot` is the loop's newest.
  void note(const identity::Snapshot& snapshot, const model::Caller& caller, const Use& use);

  // Actions that are remembered.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Noted {
    std::size_t action_hash = 0;
    Instant at;
  };

  struct Entity {
    std::uint64_t stored_revision = 0;  // of the last snapshot in which it was found
    Instant told_at;                    // when the directory was last told of it
    std::vector<Noted> actions;
  };

  Entity& entity_of(const identity::Snapshot& snapshot, const std::string& id, Instant now);
  void tell(const model::Caller& caller, const Use& use);

  identity::Directory& directory_;
  std::unordered_map<std::string, Entity> entities_;
  std::size_t size_ = 0;
};

// What an entity did last, with one more use in it; what is too old to be told is dropped.
void add_use(identity::LastAccess& access, const AccessNotes::Use& use);

}  // namespace signet::api
