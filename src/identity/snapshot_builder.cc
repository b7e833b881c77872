#include "identity/snapshot_builder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/strings.h"
#include "identity/policy_uses.h"

namespace signet::identity {
namespace {

constexpr std::size_t kManyIds = 20'000;

// How many characters all the names begin with, whatever their case.
template <class Entries>
std::size_t common_prefix(const Entries& entries) {
  const std::string_view first = entries.front().key.name();
  std::size_t length = first.size();
  for (const auto& entry : entries) {
    const std::string_view name = entry.key.name().substr(0, length);
    length = name.size();
    while (!equals_ignore_case(name.substr(0, length), first.substr(0, length))) {
      length -= 1;
    }
  }
  return length;
}

// Numbers that ascend as the keys of these entries do, if not as far as they tell them apart.
template <class Entries>
  requires requires(const Entries& entries) { entries.front().key.rank(); }
auto ranking(const Entries&) {
  return [](const IdKey& key) {
    return key.rank();
  };
}

template <class Entries>
  requires requires(const Entries& entries) { entries.front().key.folded(); }
auto ranking(const Entries& entries) {
  return [skip = common_prefix(entries)](const NameKey& key) {
    return key.rank(skip);
  };
}

// Sorts entries by their keys, whose texts lie far apart in memory: by numbers made of them first.
// Whether no two keys are the same.
template <class Entries>
bool sort_by_rank(Entries& entries) {
  struct Place {
    std::uint64_t rank;
    std::size_t at;
  };

  const auto rank_of = ranking(entries);
  std::vector<Place> places;
  places.reserve(entries.size());
  for (const auto& entry : entries) {
    places.push_back({.rank = rank_of(entry.key), .at = places.size()});
  }
  std::ranges::sort(places, [&entries](const Place& a, const Place& b) {
    return a.rank != b.rank ? a.rank < b.rank : entries[a.at].key < entries[b.at].key;
  });
  const auto twice = std::ranges::adjacent_find(places, [&entries](const Place& a, const Place& b) {
    return a.rank == b.rank && entries[a.at].key == entries[b.at].key;
  });
  Entries sorted;
  sorted.reserve(entries.size());
  for (const Place& place : places) {
    sorted.push_back(std::move(entries[place.at]));
  }
  entries = std::move(sorted);
  return twice == places.end();
}

template <class Entries>
bool sort_by_key(Entries& entries) {
  using Entry = typename Entries::value_type;
  std::ranges::sort(entries, {}, &Entry::key);
  return std::ranges::adjacent_find(entries, {}, &Entry::key) == entries.end();
}

// Sorts the entries and makes them a table. `what` is for the message when two have one key.
template <class Table>
Status pack(Table& table, std::vector<typename Table::Entry> entries, std::string_view what) {
  bool are_distinct = true;
  if constexpr (requires { ranking(entries); }) {
    are_distinct = entries.empty() || sort_by_rank(entries);
  } else {
    are_distinct = sort_by_key(entries);
  }
  if (!are_distinct) {
    return refuse(what, "two records share a name or an id");
  }
  table = Table::from_sorted(std::move(entries));
  return {};
}

// What an index holds of these entities, added to `entries`.
template <class Index>
void collect(std::vector<typename TableOf<Index>::Entry>& entries,
             const std::vector<EntityPtr<typename Index::Entity>>& entities) {
  entries.reserve(entries.size() + entities.size());
  for (const auto& entity : entities) {
    Index::keys(*entity,
                [&](typename Index::Key key) { entries.push_back({std::move(key), entity}); });
  }
}

using MemberEntries = std::vector<PersistentMap<PolicyUseMember, Nothing>::Entry>;

// The uses of each policy, by ARN.
using UsesByPolicy = std::map<std::string, MemberEntries, std::less<>>;

// From a table by name, so that those of one letter come in their order.
template <class Table>
void collect_uses(UsesByPolicy& uses, const Table& table) {
  for (const auto& entry : table) {
    for (const PolicyUseKey& use : policy_uses(*entry.value)) {
      auto found = uses.find(use.arn);
      if (found == uses.end()) {
        found = uses.emplace(use.arn, MemberEntries()).first;
      }
      found->second.push_back({use.member, Nothing()});
    }
  }
}

// From the uses in the order of the tables by name.
PolicyUsers pack_users(MemberEntries members) {
  PolicyUsers users;
  for (const auto& entry : members) {
    counter_of(users.use, entry.key) += 1;
  }
  std::ranges::stable_sort(members, {}, [](const auto& entry) { return entry.key.letter(); });
  users.entities = PersistentMap<PolicyUseMember, Nothing>::from_sorted(std::move(members));
  return users;
}

Status pack_uses(AccountState& state, UsesByPolicy uses) {
  std::vector<PersistentMap<std::string, CowPtr<PolicyUsers>>::Entry> entries;
  for (auto& [arn, members] : uses) {
    entries.push_back({arn, CowPtr<PolicyUsers>(pack_users(std::move(members)))});
  }
  return pack(state.policy_users, std::move(entries), "policy uses");
}

template <class T>
PersistentMap<std::string, std::size_t> tally_of(const std::vector<EntityPtr<T>>& entities) {
  std::map<std::string, std::size_t> counts;
  for (const EntityPtr<T>& entity : entities) {
    Kind<T>::tallies(*entity, [&counts](const std::string& key) { counts[key] += 1; });
  }
  std::vector<PersistentMap<std::string, std::size_t>::Entry> entries;
  for (const auto& [key, count] : counts) {
    entries.push_back({key, count});
  }
  return PersistentMap<std::string, std::size_t>::from_sorted(std::move(entries));
}

}  // namespace

SnapshotBuilder::Stage& SnapshotBuilder::stage_of(std::string_view account) {
  const auto found = accounts_.find(account);
  return found != accounts_.end() ? found->second : accounts_[std::string(account)];
}

// Before its use: clang 19 makes no instance for a call from the generic lambda in add() otherwise.
template <class T>
void SnapshotBuilder::stage(EntityPtr<T> entity) {
  if constexpr (std::is_same_v<T, Account>) {
    Stage& to = accounts_[entity->id];
    to.account = entity;
    static_cast<ListMember<T>&>(to.lists).list = {std::move(entity)};
  } else {
    Stage* to = &others_;
    if constexpr (Kind<T>::kNeedsAccount) {
      to = &stage_of(entity->account);
    }
    static_cast<ListMember<T>&>(to->lists).list.push_back(std::move(entity));
  }
}

Status SnapshotBuilder::add(AnyRecord record) {
  return std::visit(
      [this]<class T>(T&& entity) -> Status {
        TRY_STATUS(Kind<T>::normalize(entity));
        stage<T>(EntityPtr<T>::make(std::forward<T>(entity)));
        return {};
      },
      std::move(record));
}

// The entries of indexes outside accounts.
template <class T>
void SnapshotBuilder::collect_global(const std::vector<EntityPtr<T>>& entities) {
  for_each_type(Filter<detail::IsGlobal, typename Kind<T>::Indexes>(), [&]<class Index>() {
    collect<Index>(static_cast<EntriesMember<Index>&>(global_).entries, entities);
  });
  if constexpr (Kind<T>::kHasUniqueId) {
    for (const EntityPtr<T>& entity : entities) {
      by_id_.push_back({IdKey::of(entity->id), EntityRef(entity)});
    }
  }
}

Result<AccountState> SnapshotBuilder::build_account(Stage& from) {
  AccountState state;
  state.account = from.account;
  UsesByPolicy uses;
  TRY_STATUS(try_each_type(Kinds(), Status(), [&]<class T>() -> Status {
    const std::vector<EntityPtr<T>>& entities = static_cast<ListMember<T>&>(from.lists).list;
    if constexpr (HasParts<T>::value) {
      for (const EntityPtr<T>& entity : entities) {
        static_cast<PartsMember<T>&>(state.parts).parts += Kind<T>::parts(*entity);
      }
    }
    using InAccounts = Filter<detail::IsInAccount, typename Kind<T>::Indexes>;
    TRY_STATUS(try_each_type(InAccounts(), Status(), [&]<class Index>() {
      std::vector<typename TableOf<Index>::Entry> entries;
      collect<Index>(entries, entities);
      return pack(state.tables.template of<Index>(), std::move(entries), from.account->id);
    }));
    if constexpr (UsesPolicies<T>) {
      collect_uses(uses, state.tables.template of<ByName<T>>());
    }
    return {};
  }));
  TRY_STATUS(pack_uses(state, std::move(uses)));
  return state;
}

Status SnapshotBuilder::build_accounts(Snapshot& snapshot) {
  std::vector<PersistentMap<std::string, CowPtr<AccountState>>::Entry> accounts;
  for (auto& [id, from] : accounts_) {
    if (from.account == nullptr) {
      return refuse(id, "records of an account that does not exist");
    }
    accounts.push_back({id, CowPtr<AccountState>(TRY(build_account(from)))});
    from = Stage();  // frees the staged lists early
  }
  accounts_.clear();
  return pack(snapshot.accounts_, std::move(accounts), "accounts");
}

Status SnapshotBuilder::build_global(Snapshot& snapshot) {
  for_each_type(Kinds(), [&]<class T>() {
    if constexpr (HasTallies<T>::value) {
      static_cast<TallyMember<T>&>(snapshot.tallies_).tally =
          tally_of(static_cast<ListMember<T>&>(others_.lists).list);
    }
  });
  others_ = Stage();
  return try_each_type(Filter<detail::IsGlobal, Indexes>(), Status(), [&]<class Index>() {
    return pack(snapshot.tables_.template of<Index>(),
                std::move(static_cast<EntriesMember<Index>&>(global_).entries),
                Kind<typename Index::Entity>::kNoun);
  });
}

void SnapshotBuilder::collect_all(const Stage& from) {
  for_each_type(Kinds(), [&]<class T>() {
    collect_global<T>(static_cast<const ListMember<T>&>(from.lists).list);
  });
}

Result<Snapshot> SnapshotBuilder::build() {
  for (const auto& [id, from] : accounts_) {
    collect_all(from);
  }
  collect_all(others_);
  Snapshot snapshot(catalogue_);
  Status ids;
  const auto pack_ids = [&] {
    ids = pack(snapshot.by_id_, std::move(by_id_), "unique ids");
  };
  // Beside the accounts' tables, if it is worth a thread.
  std::thread beside = by_id_.size() < kManyIds ? std::thread() : std::thread(pack_ids);
  Status rest = build_accounts(snapshot);
  if (rest) {
    rest = build_global(snapshot);
  }
  if (beside.joinable()) {
    beside.join();
  } else {
    pack_ids();
  }
  TRY_STATUS(std::move(rest));
  TRY_STATUS(std::move(ids));
  return snapshot;
}

}  // namespace signet::identity
