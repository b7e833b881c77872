#include "identity/transaction.h"

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/strings.h"
#include "identity/change_set.h"
#include "identity/document_interner.h"
#include "identity/references.h"
#include "identity/related.h"
#include "identity/snapshot_edit.h"

namespace signet::identity {
Transaction::Transaction(const Snapshot& base, DocumentPool& documents, ChangeSet& changes)
    : next_(base), documents_(documents), changes_(changes) {
  // What a transaction makes is not the state of the revision that it began with.
  next_.revision_ = 0;
}

void Transaction::spoil(std::string defect) {
  if (defect_.empty()) {
    defect_ = std::move(defect);
  }
}

template <class T>
void Transaction::put(T entity) {
  std::string missing = missing_reference(next_, entity);
  if (!missing.empty()) {
    spoil(std::move(missing));
    return;
  }
  DocumentInterner interner(documents_);
  Kind<T>::fields(interner, entity);
  T copy = entity;
  const Status applied = SnapshotEdit(next_).put(std::move(copy));
  if (!applied) {
    spoil(applied.error().cause);
    return;
  }
  changes_.put(entity);
}

// Whether something that the index keeps by its owner belongs to this entity.
template <class Index, class T>
bool is_owner_in_use(const Snapshot& snapshot, const T& entity) {
  if constexpr (requires { requires std::is_same_v<typename Index::Owner, T>; }) {
    return has_related(snapshot.index<Index>(entity.account), entity.id);
  } else {
    return false;
  }
}

// Why an entity must stay; empty if it may go.
template <class T>
std::string Transaction::obstacle_to_erasing(const T& entity) const {
  std::string obstacle;
  for_each_type(Indexes(), [&]<class Index>() {
    if (is_owner_in_use<Index>(next_, entity)) {
      obstacle =
          concat(label_of(entity), " is still in use: ", Kind<typename Index::Entity>::kNoun);
    }
  });
  if constexpr (std::is_same_v<T, ManagedPolicy>) {
    if (next_.state(entity.account)->policy_users.contains(arn_of(entity))) {
      obstacle = concat(label_of(entity), " is still attached");
    }
  }
  return obstacle;
}

template <class T>
void Transaction::erase(typename Kind<T>::Id id) {
  const T* entity = next_.find<T>(id);
  if (entity == nullptr) {
    std::string what = concat("nothing to erase: ", Kind<T>::kNoun);
    if constexpr (std::is_same_v<typename Kind<T>::Id, std::string_view>) {
      what += concat(" ", id);
    }
    spoil(std::move(what));
    return;
  }
  std::string obstacle = obstacle_to_erasing(*entity);
  if (!obstacle.empty()) {
    spoil(std::move(obstacle));
    return;
  }
  if constexpr (std::is_same_v<T, Account>) {
    erase_all_of(*entity);
    entity = next_.find<Account>(id);
  }
  erase_entity(*entity);
}

template <class Note>
void Transaction::erase_what_tells_of(std::string_view id) {
  if (const Note* note = next_.find<Note>(id); note != nullptr) {
    changes_.erase(record_key(*note));
    SnapshotEdit(next_).erase(*note);
  }
}

// Without asking who refers to it. `entity` is in the state that changes.
template <class T>
void Transaction::erase_entity(const T& entity) {
  std::string key = record_key(entity);
  if constexpr (Kind<T>::kHasLastUse) {
    erase_what_tells_of<LastUsed>(entity.id);
    erase_what_tells_of<LastAccess>(entity.id);
  }
  SnapshotEdit(next_).erase(entity);
  changes_.erase(std::move(key));
}

void Transaction::erase_all_of(const Account& account) {
  const std::string id = account.id;
  const Snapshot before = next_;  // iterated while next_ changes
  const auto erase_from = [&](const auto& table) {
    for (const auto& entry : table) {
      if (entry.value->account == id) {
        erase_entity(*entry.value);
      }
    }
  };
  for_each_type(Kinds(), [&]<class T>() {
    if constexpr (std::is_same_v<T, LastUsed> || std::is_same_v<T, LastAccess>) {
      // goes with what was used
    } else if constexpr (InAccount<T>) {
      erase_from(before.table<T>(id));
    } else if constexpr (requires(const T& v) { v.account; }) {
      erase_from(before.tables_.template of<FirstOf<typename Kind<T>::Indexes>>());
    }
  });
}

void Transaction::add_to_group(std::string_view user_id, std::string_view group_id) {
  const User* found = next_.find<User>(user_id);
  if (found == nullptr) {
    spoil(concat("no user ", user_id));
    return;
  }
  if (std::find(found->group_ids.begin(), found->group_ids.end(), group_id) ==
      found->group_ids.end()) {
    User user = *found;
    user.group_ids.emplace_back(group_id);
    put(std::move(user));
  }
}

void Transaction::remove_from_group(std::string_view user_id, std::string_view group_id) {
  const User* found = next_.find<User>(user_id);
  if (found == nullptr) {
    spoil(concat("no user ", user_id));
    return;
  }
  User user = *found;
  if (std::erase(user.group_ids, group_id) > 0) {
    put(std::move(user));
  }
}

namespace detail {

template <class T>
struct Changes {
  static constexpr std::tuple kFunctions = {&Transaction::put<T>, &Transaction::erase<T>};
};

}  // namespace detail

template struct Instances<detail::Changes, Kinds>;

}  // namespace signet::identity
