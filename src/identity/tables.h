#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "identity/cow_ptr.h"
#include "identity/entities.h"
#include "identity/persistent_map.h"

namespace signet::identity {

// Key of the indexes by unique id: compares hashes first. `text` views the id inside the entity
// that the entry holds.
struct IdKey {
  std::uint64_t hash = 0;
  std::string_view text;

  static IdKey of(std::string_view id);

  bool operator<(const IdKey& other) const {
    return hash != other.hash ? hash < other.hash : text < other.text;
  }
};

template <class Ptr>
using NameTable = PersistentMap<std::string, Ptr>;  // folded name -> entity, in name order

using UserTable = NameTable<UserPtr>;
using GroupTable = NameTable<GroupPtr>;
using RoleTable = NameTable<RolePtr>;
using PolicyTable = NameTable<ManagedPolicyPtr>;
using InstanceProfileTable = NameTable<InstanceProfilePtr>;
using MfaDeviceTable = NameTable<MfaDevicePtr>;
using BucketTable = PersistentMap<std::string, BucketPtr>;        // exact name -> bucket
using AccessKeyTable = PersistentMap<std::string, AccessKeyPtr>;  // owner id, '\0', key id
using TicketTable = PersistentMap<std::string, TicketPtr>;

// What a policy can be attached to.
enum class PrincipalType : std::uint8_t { User, Group, Role };

// An entity found by its unique id.
using EntityRef = std::variant<UserPtr, GroupPtr, RolePtr, ManagedPolicyPtr, InstanceProfilePtr>;

// How often a policy is used inside one account (aws-wire 4.8).
struct PolicyUse {
  std::uint32_t attachments = 0;
  std::uint32_t boundaries = 0;
};

// The value of a table that is only a set.
struct Nothing {};

// Who uses a policy: letter of the use, folded name (relations.h).
struct PolicyUsers {
  PersistentMap<std::string, Nothing> entities;
  PolicyUse use;
};

// Everything of one account. The relations are ordered sets of compound keys: owner, '\0', member.
struct AccountState {
  AccountPtr account;
  OrgPoliciesPtr org;  // null: in no organization
  UserTable users;
  GroupTable groups;
  RoleTable roles;
  PolicyTable policies;
  InstanceProfileTable instance_profiles;
  MfaDeviceTable mfa_devices;
  PersistentMap<std::string, UserPtr> group_members;             // group id, folded user name
  PersistentMap<std::string, CowPtr<PolicyUsers>> policy_users;  // policy ARN
  AccessKeyTable keys_by_owner;                                  // owner id, key id
  PersistentMap<std::string, MfaDevicePtr> mfa_by_owner;         // owner id, folded device name
  PersistentMap<std::string, std::string>
      profiles_by_role;                           // role id, folded profile name -> profile name
  PersistentMap<std::string, BucketPtr> buckets;  // exact name
  std::size_t policy_versions = 0;
};

}  // namespace signet::identity
