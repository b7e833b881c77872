#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/record.h"
#include "identity/snapshot.h"

namespace signet::identity {

// Builds a snapshot from all entities at once: collects them, sorts, and packs every table. Several
// times faster than putting them one by one, and more compact. Gives what SnapshotEdit would give
// for the same entities in any order (snapshot_builder_test.cc), and refuses what it would refuse.
class SnapshotBuilder {
 public:
  explicit SnapshotBuilder(const PolicyCatalogue* catalogue) : catalogue_(catalogue) {}

  [[nodiscard]] Status add(AnyRecord record);

  // Everything that was added; the builder is empty afterwards.
  [[nodiscard]] Result<Snapshot> build();

 private:
  template <class T>
  struct ListMember {
    std::vector<EntityPtr<T>> list;
  };

  template <class Index>
  struct EntriesMember {
    std::vector<typename TableOf<Index>::Entry> entries;
  };

  // What came of one account, or of none, in the order it came.
  struct Stage {
    EntityPtr<Account> account;
    Members<ListMember, Kinds> lists;
  };

  template <class T>
  void stage(EntityPtr<T> entity);
  [[nodiscard]] Result<AccountState> build_account(Stage& from);
  [[nodiscard]] Status build_accounts(Snapshot& snapshot);
  [[nodiscard]] Status build_global(Snapshot& snapshot);
  void collect_all(const Stage& from);
  template <class T>
  void collect_global(const std::vector<EntityPtr<T>>& entities);

  const PolicyCatalogue* catalogue_;
  Stage& stage_of(std::string_view account);

  std::map<std::string, Stage, std::less<>> accounts_;
  Stage others_;  // kinds that need no account

  // Filled before the accounts' tables.
  std::vector<PersistentMap<IdKey, EntityRef>::Entry> by_id_;
  Members<EntriesMember, Filter<detail::IsGlobal, Indexes>> global_;
};

}  // namespace signet::identity
