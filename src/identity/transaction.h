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

// The changes of one write, applied at once to a private next snapshot (view()) so that later steps
// see earlier ones, and thrown away as a whole if the write fails. put_x() inserts or replaces by
// identity (unique id, key id, serial, bucket name), and keeps every index and counter right;
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

  void put_account(Account account);
  // Erases the account and everything in it.
  void erase_account(std::string_view id);

  void put_user(User user);
  // The user must have no access keys and no MFA devices; memberships and attachments go with it.
  void erase_user(std::string_view id);

  void put_group(Group group);
  // The group must have no members.
  void erase_group(std::string_view id);

  // Membership is a property of the user; no effect if it is so already.
  void add_to_group(std::string_view user_id, std::string_view group_id);
  void remove_from_group(std::string_view user_id, std::string_view group_id);

  void put_role(Role role);
  // The role must be in no instance profile.
  void erase_role(std::string_view id);

  void put_policy(ManagedPolicy policy);
  // The policy must be attached nowhere and be nobody's boundary.
  void erase_policy(std::string_view id);

  void put_instance_profile(InstanceProfile profile);
  void erase_instance_profile(std::string_view id);

  void put_access_key(AccessKey key);
  void erase_access_key(std::string_view id);

  void put_mfa_device(MfaDevice device);
  void erase_mfa_device(std::string_view serial);

  void put_bucket(Bucket bucket);
  void erase_bucket(std::string_view name);

  void put_last_used(LastUsed used);

  void put_ticket(Ticket ticket);
  void erase_ticket(TicketKind kind, std::string_view id_hash);

  void put_org_policies(OrgPolicies policies);
  void erase_org_policies(std::string_view account);

  void put_sealing_key(SealingKey key);
  void erase_sealing_key(std::uint32_t id);

  // A line that tells of this write, for the directory's trail: stored with the changes, kept also
  // if there are none, and dropped if the write fails. The last one counts; ends in a newline.
  void tell(std::string line) { line_ = std::move(line); }

  // What spoiled the transaction; empty if nothing did.
  [[nodiscard]] const std::string& defect() const { return defect_; }

 private:
  friend class DirectoryWriter;

  template <class T>
  void put(T entity);
  template <class T>
  void erase(const T& entity);
  template <class T>
  void erase_found(const T* entity, std::string_view what, std::string_view id);
  void erase_last_used(std::string_view id);
  void spoil(std::string defect);

  Snapshot next_;
  DocumentPool& documents_;
  ChangeSet& changes_;
  std::string defect_;
  std::string line_;
};

}  // namespace signet::identity
