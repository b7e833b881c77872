#include "identity/snapshot_edit.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/assertion.h"
#include "identity/policy_uses.h"
#include "identity/references.h"

namespace signet::identity {
namespace {

using PolicyUses = std::vector<PolicyUseKey>;

PolicyUses without(const PolicyUses& all, const PolicyUses& taken) {
  PolicyUses rest;
  std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(), std::back_inserter(rest));
  return rest;
}

// Also where it is listed already: the key then views the newer entity.
void put_use(AccountState& state, const PolicyUseKey& use) {
  if (!state.policy_users.contains(use.arn)) {
    state.policy_users.put(std::string(use.arn), CowPtr<PolicyUsers>());
  }
  PolicyUsers& users = state.policy_users.edit(use.arn)->edit();
  if (users.entities.put(use.member, Nothing())) {
    counter_of(users.use, use.member) += 1;
  }
}

void remove_use(AccountState& state, const PolicyUseKey& use) {
  PolicyUsers& users = state.policy_users.edit(use.arn)->edit();
  users.entities.erase(use.member);
  counter_of(users.use, use.member) -= 1;
  if (users.entities.empty()) {
    state.policy_users.erase(use.arn);
  }
}

void replace_policy_uses(AccountState& state, const PolicyUses& before, const PolicyUses& after) {
  for (const PolicyUseKey& gone : without(before, after)) {
    remove_use(state, gone);
  }
  for (const PolicyUseKey& use : after) {
    put_use(state, use);
  }
}

template <class T>
PolicyUses uses_of(const T* v) {
  return v == nullptr ? PolicyUses() : policy_uses(*v);
}

template <class T>
std::size_t parts_of(const T* v) {
  return v == nullptr ? 0 : Kind<T>::parts(*v);
}

using Tally = PersistentMap<std::string, std::size_t>;

void add_one(Tally& tally, const std::string& key) {
  const std::size_t* present = tally.find(key);
  tally.put(key, present == nullptr ? 1 : *present + 1);
}

void take_one(Tally& tally, const std::string& key) {
  const std::size_t* present = tally.find(key);
  SIGNET_ASSERT(present != nullptr && *present > 0);
  if (*present == 1) {
    tally.erase(key);
  } else {
    tally.put(key, *present - 1);
  }
}

// All keys of an entity in an index; none for null.
template <class Index, class T>
std::vector<typename Index::Key> keys_of(const T* v) {
  std::vector<typename Index::Key> keys;
  if (v != nullptr) {
    Index::keys(*v, [&keys](typename Index::Key key) { keys.push_back(std::move(key)); });
  }
  return keys;
}

// Whether `next` may be where `old` is.
template <class T>
bool may_replace(const T& old, const T& next) {
  if constexpr (Kind<T>::kNeedsAccount) {
    if (old.account != next.account) {
      return false;
    }
  }
  if constexpr (requires { Kind<T>::may_replace(old, next); }) {
    return Kind<T>::may_replace(old, next);
  } else {
    return true;
  }
}

}  // namespace

AccountState* SnapshotEdit::edit_state(std::string_view account) {
  CowPtr<AccountState>* found = snapshot_.accounts_.edit(account);
  return found == nullptr ? nullptr : &found->edit();
}

template <class Index>
TableOf<Index>& SnapshotEdit::table(AccountState* state) {
  if constexpr (Index::kInAccount) {
    return state->tables.template of<Index>();
  } else {
    return snapshot_.tables_.template of<Index>();
  }
}

// Which entity has a key where `entity` stands: in its account, or among all.
template <class Index, class T>
const EntityPtr<T>* SnapshotEdit::holder_of(const typename Index::Key& key, const T& entity) const {
  if constexpr (Index::kInAccount) {
    return snapshot_.index<Index>(entity.account).find(key);
  } else {
    return snapshot_.tables_.template of<Index>().find(key);
  }
}

// What `entity` replaces, or null. Refuses if it must not.
template <class T>
Result<EntityPtr<T>> SnapshotEdit::predecessor(const T& entity) const {
  EntityPtr<T> old;
  if constexpr (std::is_same_v<T, Account>) {
    const AccountState* state = snapshot_.state(entity.id);
    old = state == nullptr ? nullptr : state->account;
  } else if constexpr (Kind<T>::kHasUniqueId) {
    if (const EntityRef* known = snapshot_.find_entity(entity.id)) {
      const auto* same_kind = std::get_if<EntityPtr<T>>(known);
      if (same_kind == nullptr) {
        return refuse(label_of(entity), "the id is taken");
      }
      old = *same_kind;
    }
  } else {
    using First = FirstOf<typename Kind<T>::Indexes>;
    const EntityPtr<T>* found = nullptr;
    First::keys(entity,
                [&](const typename First::Key& key) { found = holder_of<First>(key, entity); });
    old = found == nullptr ? nullptr : *found;
  }
  if (old != nullptr && !may_replace(*old, entity)) {
    return refuse(label_of(entity), "it cannot replace what has its id or name");
  }
  return old;
}

template <class T>
Status SnapshotEdit::require_free_keys(const EntityPtr<T>& old, const T& next) const {
  return try_each_type(typename Kind<T>::Indexes(), Status(), [&]<class Index>() -> Status {
    std::string_view taken;
    if constexpr (requires { Index::kTaken; }) {
      Index::keys(next, [&](const typename Index::Key& key) {
        const EntityPtr<T>* holder = holder_of<Index>(key, next);
        taken = holder != nullptr && *holder != old ? Index::kTaken : taken;
      });
    }
    return taken.empty() ? Status() : Status(refuse(label_of(next), taken));
  });
}

template <class Index, class T>
void SnapshotEdit::replace_keys(AccountState* state, const T* old, const EntityPtr<T>& next) {
  TableOf<Index>& table = this->table<Index>(state);
  std::vector<typename Index::Key> keys = keys_of<Index>(next.get());
  for (const typename Index::Key& key : keys_of<Index>(old)) {
    if (std::ranges::find(keys, key) == keys.end()) {
      table.erase(key);
    }
  }
  for (typename Index::Key& key : keys) {
    table.put(std::move(key), next);
  }
}

template <class T>
void SnapshotEdit::replace_tallies(const T* old, const T* next) {
  Tally& tally = static_cast<TallyMember<T>&>(snapshot_.tallies_).tally;
  if (old != nullptr) {
    Kind<T>::tallies(*old, [&tally](const std::string& key) { take_one(tally, key); });
  }
  if (next != nullptr) {
    Kind<T>::tallies(*next, [&tally](const std::string& key) { add_one(tally, key); });
  }
}

// Brings every index and counter from `old` to `next`; either may be null. `state` is that of their
// account where the kind needs one.
template <class T>
void SnapshotEdit::replace(AccountState* state, const T* old, const EntityPtr<T>& next) {
  for_each_type(typename Kind<T>::Indexes(),
                [&]<class Index>() { replace_keys<Index>(state, old, next); });
  if constexpr (Kind<T>::kHasUniqueId) {
    if (next != nullptr) {
      snapshot_.by_id_.put(IdKey::of(next->id), EntityRef(next));
    } else {
      snapshot_.by_id_.erase(IdKey::of(old->id));
    }
  }
  if constexpr (UsesPolicies<T>) {
    replace_policy_uses(*state, uses_of(old), uses_of(next.get()));
  }
  if constexpr (HasParts<T>::value) {
    std::size_t& parts = static_cast<PartsMember<T>&>(state->parts).parts;
    parts = parts - parts_of(old) + parts_of(next.get());
  }
  if constexpr (HasTallies<T>::value) {
    replace_tallies(old, next.get());
  }
}

Snapshot SnapshotEdit::supposition(const Snapshot& base) {
  Snapshot copy = base;
  copy.revision_ = 0;
  return copy;
}

template <class T>
Status SnapshotEdit::put(T entity) {
  TRY_STATUS(Kind<T>::normalize(entity));
  if constexpr (Kind<T>::kNeedsAccount) {
    if (snapshot_.state(entity.account) == nullptr) {
      return refuse(label_of(entity), "its account does not exist");
    }
  }
  const EntityPtr<T> old = TRY(predecessor(entity));
  TRY_STATUS(require_free_keys(old, entity));
  const auto next = EntityPtr<T>::make(std::move(entity));
  AccountState* state = nullptr;
  if constexpr (std::is_same_v<T, Account>) {
    if (old == nullptr) {
      snapshot_.accounts_.put(next->id, CowPtr<AccountState>());
    }
    edit_state(next->id)->account = next;
  } else if constexpr (Kind<T>::kNeedsAccount) {
    state = edit_state(next->account);
  }
  replace(state, old.get(), next);
  return {};
}

template <class T>
bool SnapshotEdit::has(const T& entity) const {
  const Result<EntityPtr<T>> found = predecessor(entity);
  return found.has_value() && *found != nullptr;
}

template <class T>
void SnapshotEdit::erase(const T& entity) {
  const Result<EntityPtr<T>> found = predecessor(entity);
  SIGNET_ASSERT(found.has_value() && *found != nullptr);
  const EntityPtr<T>& old = *found;  // `entity` may be in what goes
  AccountState* state = nullptr;
  if constexpr (Kind<T>::kNeedsAccount) {
    state = edit_state(old->account);
  }
  replace(state, old.get(), EntityPtr<T>());
  if constexpr (std::is_same_v<T, Account>) {
    snapshot_.accounts_.erase(old->id);
  }
}

namespace detail {

template <class T>
struct Edits {
  static constexpr std::tuple kFunctions = {
      &SnapshotEdit::put<T>, &SnapshotEdit::has<T>, &SnapshotEdit::erase<T>};
};

}  // namespace detail

template struct Instances<detail::Edits, Kinds>;

}  // namespace signet::identity
