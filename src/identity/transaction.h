#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "identity/entities.h"
#include "identity/snapshot.h"

namespace signet::identity {

class ChangeSet;
class DocumentPool;

// The changes of one write, applied at once to a private next snapshot (view()) so that later steps
// see earlier ones, and thrown away as a whole if the write fails. put() inserts, or
// replaces what Snapshot::find() finds by the same id, and keeps every index and counter right;
// renaming is putting the entity with another name.
//
// Whether a change is *allowed* (names taken, quotas, DeleteConflict) is the caller's to check
// against view(), because it knows AWS's words. What would break the directory itself (a second
// entity under one name, a member of a group that does not exist, erasing what others point to)
// spoils the transaction: it then fails as a whole with ServiceFailure, so nobody needs to check
// the single calls.
class Transaction {
 public:
  Transaction(const Snapshot& base, DocumentPool& documents, ChangeSet& changes);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction(Transaction&&) = delete;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() = default;

  // The state with this transaction's changes so far.
  [[nodiscard]] const Snapshot& view() const { return next_; }

  template <class T>
  void put(T entity);

  // By what Snapshot::find() finds it by. Nothing may refer to it any more: a user must have no
  // access keys and no MFA devices, a group no members, a role must be in no instance profile, a
  // policy attached nowhere and nobody's boundary. Memberships, attachments and its last use go
  // with it; with an account, everything in it.
  template <class T>
  void erase(typename Kind<T>::Id id);

  // Membership is a property of the user; no effect if it is so already.
  void add_to_group(std::string_view user_id, std::string_view group_id);
  void remove_from_group(std::string_view user_id, std::string_view group_id);

  // A line that tells of this write, for the directory's trail: stored with the changes, kept also
  // if there are none, and dropped if the write fails. The last one counts; ends in a newline.
  void tell(std::string line) { line_ = std::move(line); }

  // What spoiled the transaction; empty if nothing did.
  [[nodiscard]] const std::string& defect() const { return defect_; }

 private:
  friend class DirectoryWriter;

  template <class T>
  void erase_entity(const T& entity);
  template <class Note>
  void erase_what_tells_of(std::string_view id);
  void erase_all_of(const Account& account);
  template <class T>
  [[nodiscard]] std::string obstacle_to_erasing(const T& entity) const;
  void spoil(std::string defect);

  Snapshot next_;
  DocumentPool& documents_;
  ChangeSet& changes_;
  std::string defect_;
  std::string line_;
};

}  // namespace signet::identity
