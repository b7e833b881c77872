#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/snapshot.h"

namespace signet::identity {

// Writes to a snapshot that nobody reads yet, keeping every index and counter right. Used by
// transactions and by the loader. What one table forbids by itself (two entities under one name or
// id, an id of another kind) is refused with ServiceFailure and changes nothing; whether *other*
// entities exist is check_references()'s business, because records load in key order.
class SnapshotEdit {
 public:
  explicit SnapshotEdit(Snapshot& snapshot) : snapshot_(snapshot) {}

  [[nodiscard]] Status put(Account account);
  [[nodiscard]] Status put(User user);
  [[nodiscard]] Status put(Group group);
  [[nodiscard]] Status put(Role role);
  [[nodiscard]] Status put(ManagedPolicy policy);
  [[nodiscard]] Status put(AccessKey key);
  [[nodiscard]] Status put(MfaDevice device);
  [[nodiscard]] Status put(InstanceProfile profile);
  [[nodiscard]] Status put(Bucket bucket);
  [[nodiscard]] Status put(LastUsed used);
  [[nodiscard]] Status put(Ticket ticket);
  [[nodiscard]] Status put(SealingKey key);
  [[nodiscard]] Status put(OrgPolicies policies);

  // The entity must be there; what refers to it is not looked at.
  void erase(const Account& account);
  void erase(const User& user);
  void erase(const Group& group);
  void erase(const Role& role);
  void erase(const ManagedPolicy& policy);
  void erase(const AccessKey& key);
  void erase(const MfaDevice& device);
  void erase(const InstanceProfile& profile);
  void erase(const Bucket& bucket);
  void erase(const LastUsed& used);
  void erase(const Ticket& ticket);
  void erase(const SealingKey& key);
  void erase(const OrgPolicies& policies);

 private:
  template <class T>
  Status put_named(PersistentMap<std::string, std::shared_ptr<const T>> AccountState::* table,
                   std::shared_ptr<const T> entity);
  template <class T>
  void erase_named(PersistentMap<std::string, std::shared_ptr<const T>> AccountState::* table,
                   const T& entity);
  AccountState* edit_state(std::string_view account);
  void count(const Ticket& ticket);
  void uncount(const Ticket& ticket);

  Snapshot& snapshot_;
};

}  // namespace signet::identity
