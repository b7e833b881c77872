#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "identity/snapshot.h"

namespace signet::identity {

// Writes to a snapshot that nobody reads yet, keeping every index and counter right. Used by
// transactions. What one table forbids by itself (two entities under one name or id, an id of
// another kind) is refused with ServiceFailure and changes nothing; whether *other* entities exist
// is missing_reference()'s business, because records load in key order.
class SnapshotEdit {
 public:
  explicit SnapshotEdit(Snapshot& snapshot) : snapshot_(snapshot) {}

  // The same state as one that is nobody's truth, to be edited: its revision is 0.
  [[nodiscard]] static Snapshot supposition(const Snapshot& base);

  template <class T>
  [[nodiscard]] Status put(T entity);

  // Whether there is one that `entity` would take the place of.
  template <class T>
  [[nodiscard]] bool has(const T& entity) const;

  // The entity must be there; what refers to it is not looked at.
  template <class T>
  void erase(const T& entity);

 private:
  template <class Index, class T>
  const EntityPtr<T>* holder_of(const typename Index::Key& key, const T& entity) const;
  template <class T>
  Result<EntityPtr<T>> predecessor(const T& entity) const;
  template <class T>
  Status require_free_keys(const EntityPtr<T>& old, const T& next) const;
  template <class T>
  void replace(AccountState* state, const T* old, const EntityPtr<T>& next);
  template <class Index, class T>
  void replace_keys(AccountState* state, const T* old, const EntityPtr<T>& next);
  template <class T>
  void replace_tallies(const T* old, const T* next);
  template <class Index>
  TableOf<Index>& table(AccountState* state);
  AccountState* edit_state(std::string_view account);

  Snapshot& snapshot_;
};

}  // namespace signet::identity
