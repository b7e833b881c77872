#include "identity/snapshot_builder.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "facts/errors.h"
#include "identity/entity_rules.h"
#include "identity/relations.h"

namespace signet::identity {
namespace {

std::unexpected<Error> refuse(std::string_view what, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("directory: ", what, ": ", why)));
}

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

template <class Ptr>
std::vector<typename NameTable<Ptr>::Entry> by_name(const std::vector<Ptr>& entities) {
  std::vector<typename NameTable<Ptr>::Entry> entries;
  entries.reserve(entities.size());
  for (const Ptr& entity : entities) {
    entries.push_back({fold_name(entity->name), entity});
  }
  return entries;
}

std::vector<NameTable<MfaDevicePtr>::Entry> by_key(const std::vector<MfaDevicePtr>& devices) {
  std::vector<NameTable<MfaDevicePtr>::Entry> entries;
  entries.reserve(devices.size());
  for (const MfaDevicePtr& device : devices) {
    entries.push_back({device->key(), device});
  }
  return entries;
}

std::vector<PersistentMap<std::string, UserPtr>::Entry> members_of(
    const std::vector<UserPtr>& users) {
  std::vector<PersistentMap<std::string, UserPtr>::Entry> entries;
  for (const UserPtr& user : users) {
    for (const std::string& group : user->group_ids) {
      entries.push_back({relation_key(group, fold_name(user->name)), user});
    }
  }
  return entries;
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
    (is_boundary_use(entry.key) ? users.use.boundaries : users.use.attachments) += 1;
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

std::vector<PersistentMap<std::string, std::string>::Entry> profiles_by_role(
    const std::vector<InstanceProfilePtr>& profiles) {
  std::vector<PersistentMap<std::string, std::string>::Entry> entries;
  for (const InstanceProfilePtr& profile : profiles) {
    if (!profile->role_id.empty()) {
      entries.push_back({relation_key(profile->role_id, fold_name(profile->name)), profile->name});
    }
  }
  return entries;
}

std::vector<PersistentMap<std::string, MfaDevicePtr>::Entry> assigned(
    const std::vector<MfaDevicePtr>& devices) {
  std::vector<PersistentMap<std::string, MfaDevicePtr>::Entry> entries;
  for (const MfaDevicePtr& device : devices) {
    if (device->is_assigned) {
      entries.push_back({relation_key(device->owner_id(), device->key()), device});
    }
  }
  return entries;
}

template <class Ptr>
void index_ids(std::vector<PersistentMap<IdKey, EntityRef>::Entry>& by_id,
               const std::vector<Ptr>& entities) {
  for (const Ptr& entity : entities) {
    by_id.push_back({IdKey::of(entity->id), EntityRef(entity)});
  }
}

}  // namespace

Status SnapshotBuilder::add(AnyRecord record) {
  return std::visit(
      [this](auto&& entity) -> Status {
        using Entity = std::remove_cvref_t<decltype(entity)>;
        TRY_STATUS(normalize(entity));
        stage(std::make_shared<const Entity>(std::forward<decltype(entity)>(entity)));
        return {};
      },
      std::move(record));
}

void SnapshotBuilder::stage(AccountPtr account) {
  Stage& to = accounts_[account->id];
  to.account = std::move(account);
}

void SnapshotBuilder::stage(UserPtr user) {
  accounts_[user->account].users.push_back(std::move(user));
}

void SnapshotBuilder::stage(GroupPtr group) {
  accounts_[group->account].groups.push_back(std::move(group));
}

void SnapshotBuilder::stage(RolePtr role) {
  accounts_[role->account].roles.push_back(std::move(role));
}

void SnapshotBuilder::stage(ManagedPolicyPtr policy) {
  accounts_[policy->account].policies.push_back(std::move(policy));
}

void SnapshotBuilder::stage(AccessKeyPtr key) {
  accounts_[key->account].keys.push_back(std::move(key));
}

void SnapshotBuilder::stage(MfaDevicePtr device) {
  accounts_[device->account].devices.push_back(std::move(device));
}

void SnapshotBuilder::stage(InstanceProfilePtr profile) {
  accounts_[profile->account].profiles.push_back(std::move(profile));
}

void SnapshotBuilder::stage(BucketPtr bucket) {
  accounts_[bucket->account].buckets.push_back(std::move(bucket));
}

void SnapshotBuilder::stage(LastUsedPtr used) {
  last_used_.push_back(std::move(used));
}

void SnapshotBuilder::stage(TicketPtr ticket) {
  tickets_.push_back(std::move(ticket));
}

void SnapshotBuilder::stage(OrgPoliciesPtr policies) {
  accounts_[policies->account].org = std::move(policies);
}

void SnapshotBuilder::stage(SealingKeyPtr key) {
  sealing_keys_.push_back(std::move(key));
}

Result<AccountState> SnapshotBuilder::build_account(Stage& from) {
  AccountState state;
  state.account = from.account;
  state.org = from.org;
  const std::string& id = state.account->id;
  TRY_STATUS(pack(state.users, by_name(from.users), id));
  TRY_STATUS(pack(state.groups, by_name(from.groups), id));
  TRY_STATUS(pack(state.roles, by_name(from.roles), id));
  TRY_STATUS(pack(state.policies, by_name(from.policies), id));
  TRY_STATUS(pack(state.instance_profiles, by_name(from.profiles), id));
  TRY_STATUS(pack(state.mfa_devices, by_key(from.devices), id));
  TRY_STATUS(pack(state.group_members, members_of(from.users), id));
  TRY_STATUS(pack(state.mfa_by_owner, assigned(from.devices), id));
  TRY_STATUS(pack(state.profiles_by_role, profiles_by_role(from.profiles), id));
  UsesByPolicy uses;
  collect_uses(uses, from.users);
  collect_uses(uses, from.groups);
  collect_uses(uses, from.roles);
  TRY_STATUS(pack_uses(state, std::move(uses)));
  for (const ManagedPolicyPtr& policy : from.policies) {
    state.policy_versions += policy->versions.size();
  }
  std::vector<AccessKeyTable::Entry> keys;
  for (const AccessKeyPtr& key : from.keys) {
    keys.push_back({relation_key(key->owner_id(), key->id), key});
    access_keys_.push_back({IdKey::of(key->id), key});
  }
  TRY_STATUS(pack(state.keys_by_owner, std::move(keys), id));
  std::vector<BucketTable::Entry> buckets;
  for (const BucketPtr& bucket : from.buckets) {
    buckets.push_back({bucket->name, bucket});
    buckets_.push_back({bucket->name, bucket});
  }
  TRY_STATUS(pack(state.buckets, std::move(buckets), id));
  index_ids(by_id_, from.users);
  index_ids(by_id_, from.groups);
  index_ids(by_id_, from.roles);
  index_ids(by_id_, from.policies);
  index_ids(by_id_, from.profiles);
  return state;
}

Status SnapshotBuilder::build_accounts(Snapshot& snapshot) {
  std::vector<PersistentMap<std::string, CowPtr<AccountState>>::Entry> accounts;
  std::vector<PersistentMap<std::string, std::string>::Entry> aliases;
  std::vector<PersistentMap<std::string, std::string>::Entry> canonical_ids;
  for (auto& [id, from] : accounts_) {
    if (from.account == nullptr) {
      return refuse(id, "records of an account that does not exist");
    }
    if (!from.account->alias.empty()) {
      aliases.push_back({from.account->alias, id});
    }
    if (!from.account->canonical_user_id.empty()) {
      canonical_ids.push_back({from.account->canonical_user_id, id});
    }
    accounts.push_back({id, CowPtr<AccountState>(TRY(build_account(from)))});
    from = Stage();  // frees the staged lists early
  }
  accounts_.clear();
  TRY_STATUS(pack(snapshot.accounts_, std::move(accounts), "accounts"));
  TRY_STATUS(pack(snapshot.account_by_alias_, std::move(aliases), "account aliases"));
  return pack(snapshot.account_by_canonical_id_, std::move(canonical_ids), "canonical user ids");
}

Status SnapshotBuilder::build_global(Snapshot& snapshot) {
  TRY_STATUS(pack(snapshot.by_id_, std::move(by_id_), "unique ids"));
  TRY_STATUS(pack(snapshot.access_keys_, std::move(access_keys_), "access keys"));
  TRY_STATUS(pack(snapshot.buckets_, std::move(buckets_), "buckets"));
  std::vector<PersistentMap<IdKey, LastUsedPtr>::Entry> used;
  used.reserve(last_used_.size());
  for (const LastUsedPtr& one : last_used_) {
    used.push_back({IdKey::of(one->id), one});
  }
  TRY_STATUS(pack(snapshot.last_used_, std::move(used), "last uses"));
  std::vector<TicketTable::Entry> tickets;
  std::vector<TicketTable::Entry> by_expiry;
  tickets.reserve(tickets_.size());
  by_expiry.reserve(tickets_.size());
  std::map<std::string, std::size_t> counts;
  for (const TicketPtr& ticket : tickets_) {
    tickets.push_back({ticket_key(ticket->kind, ticket->id_hash), ticket});
    by_expiry.push_back({ticket_expiry_key(*ticket), ticket});
    if (!ticket->holder.empty()) {
      for (const std::string& key : ticket_count_keys(ticket->account, ticket->holder)) {
        counts[key] += 1;
      }
    }
  }
  std::vector<PersistentMap<std::string, std::size_t>::Entry> counted;
  for (const auto& [key, count] : counts) {
    counted.push_back({key, count});
  }
  TRY_STATUS(pack(snapshot.ticket_counts_, std::move(counted), "counts of tickets"));
  TRY_STATUS(pack(snapshot.tickets_, std::move(tickets), "tickets"));
  TRY_STATUS(pack(snapshot.tickets_by_expiry_, std::move(by_expiry), "tickets"));
  std::vector<PersistentMap<std::uint32_t, SealingKeyPtr>::Entry> seals;
  seals.reserve(sealing_keys_.size());
  for (const SealingKeyPtr& key : sealing_keys_) {
    seals.push_back({key->id, key});
  }
  return pack(snapshot.sealing_keys_, std::move(seals), "sealing keys");
}

Result<Snapshot> SnapshotBuilder::build() {
  Snapshot snapshot(catalogue_);
  TRY_STATUS(build_accounts(snapshot));
  TRY_STATUS(build_global(snapshot));
  return snapshot;
}

}  // namespace signet::identity
