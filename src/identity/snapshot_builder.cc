#include "identity/snapshot_builder.h"

#include <algorithm>
#include <functional>
#include <map>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "identity/policy_uses.h"

namespace signet::identity {
namespace {

// Sorts the entries and makes them a table. `what` is for the message when two have one key.
template <class Table>
Status pack(Table& table, std::vector<typename Table::Entry> entries, std::string_view what) {
  const auto less = [](const auto& a, const auto& b) {
    return a.key < b.key;
  };
  std::sort(entries.begin(), entries.end(), less);
  const auto twice =
      std::adjacent_find(entries.begin(), entries.end(), [&less](const auto& a, const auto& b) {
        return !less(a, b);
      });
  if (twice != entries.end()) {
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

using MemberEntries = std::vector<PersistentMap<std::string, Nothing>::Entry>;

// The uses of each policy, by ARN.
using UsesByPolicy = std::map<std::string, MemberEntries, std::less<>>;

template <class Ptr>
void collect_uses(UsesByPolicy& uses, const std::vector<Ptr>& entities) {
  for (const Ptr& entity : entities) {
    for (PolicyUseKey& use : policy_uses(*entity)) {
      uses[std::move(use.arn)].push_back({std::move(use.member), Nothing()});
    }
  }
}

Result<PolicyUsers> pack_users(MemberEntries members, std::string_view arn) {
  PolicyUsers users;
  for (const auto& entry : members) {
    counter_of(users.use, entry.key) += 1;
  }
  TRY_STATUS(pack(users.entities, std::move(members), arn));
  return users;
}

Status pack_uses(AccountState& state, UsesByPolicy uses) {
  std::vector<PersistentMap<std::string, CowPtr<PolicyUsers>>::Entry> entries;
  for (auto& [arn, members] : uses) {
    entries.push_back({arn, CowPtr<PolicyUsers>(TRY(pack_users(std::move(members), arn)))});
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
      to = &accounts_[entity->account];
    }
    static_cast<ListMember<T>&>(to->lists).list.push_back(std::move(entity));
  }
}

Status SnapshotBuilder::add(AnyRecord record) {
  return std::visit(
      [this]<class T>(T&& entity) -> Status {
        TRY_STATUS(Kind<T>::normalize(entity));
        stage<T>(std::make_shared<const T>(std::forward<T>(entity)));
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
    collect_global<T>(entities);
    if constexpr (UsesPolicies<T>) {
      collect_uses(uses, entities);
    }
    if constexpr (HasParts<T>::value) {
      for (const EntityPtr<T>& entity : entities) {
        static_cast<PartsMember<T>&>(state.parts).parts += Kind<T>::parts(*entity);
      }
    }
    using InAccounts = Filter<detail::IsInAccount, typename Kind<T>::Indexes>;
    return try_each_type(InAccounts(), Status(), [&]<class Index>() {
      std::vector<typename TableOf<Index>::Entry> entries;
      collect<Index>(entries, entities);
      return pack(state.tables.template of<Index>(), std::move(entries), from.account->id);
    });
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
    const std::vector<EntityPtr<T>>& entities = static_cast<ListMember<T>&>(others_.lists).list;
    collect_global<T>(entities);
    if constexpr (HasTallies<T>::value) {
      static_cast<TallyMember<T>&>(snapshot.tallies_).tally = tally_of(entities);
    }
  });
  others_ = Stage();
  TRY_STATUS(pack(snapshot.by_id_, std::move(by_id_), "unique ids"));
  return try_each_type(Filter<detail::IsGlobal, Indexes>(), Status(), [&]<class Index>() {
    return pack(snapshot.tables_.template of<Index>(),
                std::move(static_cast<EntriesMember<Index>&>(global_).entries),
                Kind<typename Index::Entity>::kNoun);
  });
}

Result<Snapshot> SnapshotBuilder::build() {
  Snapshot snapshot(catalogue_);
  TRY_STATUS(build_accounts(snapshot));
  TRY_STATUS(build_global(snapshot));
  return snapshot;
}

}  // namespace signet::identity
