#include "identity/snapshot_edit.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "identity/entity_rules.h"
#include "identity/relations.h"

namespace signet::identity {
namespace {

std::unexpected<Error> refuse(std::string_view what, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("directory: ", what, ": ", why)));
}

template <class T>
const T* previous(const EntityRef* found) {
  const auto* pointer = found == nullptr ? nullptr : std::get_if<std::shared_ptr<const T>>(found);
  return pointer == nullptr ? nullptr : pointer->get();
}

using PolicyUses = std::vector<PolicyUseKey>;

PolicyUses without(const PolicyUses& all, const PolicyUses& taken) {
  PolicyUses rest;
  std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(), std::back_inserter(rest));
  return rest;
}

std::uint32_t& counter_of(PolicyUsers& users, std::string_view member) {
  return is_boundary_use(member) ? users.use.boundaries : users.use.attachments;
}

void add_use(AccountState& state, const PolicyUseKey& use) {
  if (!state.policy_users.contains(use.arn)) {
    state.policy_users.put(use.arn, CowPtr<PolicyUsers>());
  }
  PolicyUsers& users = state.policy_users.edit(use.arn)->edit();
  users.entities.put(use.member, Nothing());
  counter_of(users, use.member) += 1;
}

void remove_use(AccountState& state, const PolicyUseKey& use) {
  PolicyUsers& users = state.policy_users.edit(use.arn)->edit();
  users.entities.erase(use.member);
  counter_of(users, use.member) -= 1;
  if (users.entities.empty()) {
    state.policy_users.erase(use.arn);
  }
}

void relate_policies(AccountState& state, const PolicyUses& before, const PolicyUses& after) {
  for (const PolicyUseKey& gone : without(before, after)) {
    remove_use(state, gone);
  }
  for (const PolicyUseKey& added : without(after, before)) {
    add_use(state, added);
  }
}

template <class T>
PolicyUses uses_before(const T* old) {
  return old == nullptr ? PolicyUses() : policy_uses(*old);
}

void unassign(AccountState& state, const MfaDevice& device) {
  if (device.is_assigned) {
    state.mfa_by_owner.erase(relation_key(device.owner_id(), device.key()));
  }
}

}  // namespace

// The references given to erase() may point into what goes: `keep` is a copy that stays.
// NOLINTBEGIN(performance-unnecessary-copy-initialization): see above

AccountState* SnapshotEdit::edit_state(std::string_view account) {
  CowPtr<AccountState>* found = snapshot_.accounts_.edit(account);
  return found == nullptr ? nullptr : &found->edit();
}

Status SnapshotEdit::put(Account account) {
  TRY_STATUS(normalize(account));
  const Account* old = snapshot_.find_account(account.id);
  const Account* by_alias =
      account.alias.empty() ? nullptr : snapshot_.find_account_by_alias(account.alias);
  const Account* by_canonical =
      account.canonical_user_id.empty()
          ? nullptr
          : snapshot_.find_account_by_canonical_id(account.canonical_user_id);
  if ((by_alias != nullptr && by_alias != old) ||
      (by_canonical != nullptr && by_canonical != old)) {
    return refuse(account.id, "alias or canonical user id is another account's");
  }
  if (old == nullptr) {
    snapshot_.accounts_.put(account.id, CowPtr<AccountState>());
  } else {
    snapshot_.account_by_alias_.erase(old->alias);
    snapshot_.account_by_canonical_id_.erase(old->canonical_user_id);
  }
  if (!account.alias.empty()) {
    snapshot_.account_by_alias_.put(account.alias, account.id);
  }
  if (!account.canonical_user_id.empty()) {
    snapshot_.account_by_canonical_id_.put(account.canonical_user_id, account.id);
  }
  const std::string id = account.id;
  edit_state(id)->account = std::make_shared<const Account>(std::move(account));
  return {};
}

void SnapshotEdit::erase(const Account& account) {
  const AccountPtr keep = snapshot_.state(account.id)->account;
  snapshot_.account_by_alias_.erase(keep->alias);
  snapshot_.account_by_canonical_id_.erase(keep->canonical_user_id);
  snapshot_.accounts_.erase(keep->id);
}

// The part that is the same for everything with a name and a unique id.
template <class T>
Status SnapshotEdit::put_named(
    PersistentMap<std::string, std::shared_ptr<const T>> AccountState::* table,
    std::shared_ptr<const T> entity) {
  const AccountState* state = snapshot_.state(entity->account);
  if (state == nullptr) {
    return refuse(entity->id, "its account does not exist");
  }
  const EntityRef* known = snapshot_.find_entity(entity->id);
  const T* old = previous<T>(known);
  if (known != nullptr && (old == nullptr || old->account != entity->account)) {
    return refuse(entity->id, "the id is taken");
  }
  const std::string folded = fold_name(entity->name);
  const std::shared_ptr<const T>* named = (state->*table).find(folded);
  if (named != nullptr && (*named)->id != entity->id) {
    return refuse(entity->id, "the name is taken");
  }
  AccountState& editable = *edit_state(entity->account);
  if (old != nullptr && named == nullptr) {
    (editable.*table).erase(fold_name(old->name));
  }
  (editable.*table).put(folded, entity);
  snapshot_.by_id_.put(IdKey::of(entity->id), EntityRef(entity));
  return {};
}

template <class T>
void SnapshotEdit::erase_named(
    PersistentMap<std::string, std::shared_ptr<const T>> AccountState::* table, const T& entity) {
  (edit_state(entity.account)->*table).erase(fold_name(entity.name));
  snapshot_.by_id_.erase(IdKey::of(entity.id));
}

Status SnapshotEdit::put(User user) {
  TRY_STATUS(normalize(user));
  const auto entity = std::make_shared<const User>(std::move(user));
  const EntityRef keep = snapshot_.find_entity(entity->id) == nullptr
                             ? EntityRef()
                             : *snapshot_.find_entity(entity->id);
  const User* old = previous<User>(&keep);
  TRY_STATUS(put_named(&AccountState::users, entity));
  AccountState& state = *edit_state(entity->account);
  relate_policies(state, uses_before(old), policy_uses(*entity));
  if (old != nullptr) {
    for (const std::string& group : old->group_ids) {
      state.group_members.erase(relation_key(group, fold_name(old->name)));
    }
  }
  for (const std::string& group : entity->group_ids) {
    state.group_members.put(relation_key(group, fold_name(entity->name)), entity);
  }
  return {};
}

void SnapshotEdit::erase(const User& user) {
  const User keep = user;
  AccountState& state = *edit_state(keep.account);
  relate_policies(state, policy_uses(keep), {});
  for (const std::string& group : keep.group_ids) {
    state.group_members.erase(relation_key(group, fold_name(keep.name)));
  }
  erase_named(&AccountState::users, keep);
}

Status SnapshotEdit::put(Group group) {
  TRY_STATUS(normalize(group));
  const auto entity = std::make_shared<const Group>(std::move(group));
  const Group* old = snapshot_.find_group_by_id(entity->id);
  const PolicyUses before = uses_before(old);
  TRY_STATUS(put_named(&AccountState::groups, entity));
  relate_policies(*edit_state(entity->account), before, policy_uses(*entity));
  return {};
}

void SnapshotEdit::erase(const Group& group) {
  const Group keep = group;
  relate_policies(*edit_state(keep.account), policy_uses(keep), {});
  erase_named(&AccountState::groups, keep);
}

Status SnapshotEdit::put(Role role) {
  TRY_STATUS(normalize(role));
  const auto entity = std::make_shared<const Role>(std::move(role));
  const Role* old = snapshot_.find_role_by_id(entity->id);
  const PolicyUses before = uses_before(old);
  TRY_STATUS(put_named(&AccountState::roles, entity));
  relate_policies(*edit_state(entity->account), before, policy_uses(*entity));
  return {};
}

void SnapshotEdit::erase(const Role& role) {
  const Role keep = role;
  relate_policies(*edit_state(keep.account), policy_uses(keep), {});
  erase_named(&AccountState::roles, keep);
}

Status SnapshotEdit::put(ManagedPolicy policy) {
  TRY_STATUS(normalize(policy));
  const auto entity = std::make_shared<const ManagedPolicy>(std::move(policy));
  const ManagedPolicy* old = previous<ManagedPolicy>(snapshot_.find_entity(entity->id));
  if (old != nullptr && arn_of(*old) != arn_of(*entity)) {
    return refuse(entity->id, "the ARN of a policy cannot change");
  }
  const std::size_t versions_before = old == nullptr ? 0 : old->versions.size();
  TRY_STATUS(put_named(&AccountState::policies, entity));
  std::size_t& count = edit_state(entity->account)->policy_versions;
  count = count - versions_before + entity->versions.size();
  return {};
}

void SnapshotEdit::erase(const ManagedPolicy& policy) {
  const ManagedPolicy keep = policy;
  edit_state(keep.account)->policy_versions -= keep.versions.size();
  erase_named(&AccountState::policies, keep);
}

Status SnapshotEdit::put(InstanceProfile profile) {
  TRY_STATUS(normalize(profile));
  const auto entity = std::make_shared<const InstanceProfile>(std::move(profile));
  const InstanceProfile* old = previous<InstanceProfile>(snapshot_.find_entity(entity->id));
  const std::string before = old == nullptr || old->role_id.empty()
                                 ? ""
                                 : relation_key(old->role_id, fold_name(old->name));
  TRY_STATUS(put_named(&AccountState::instance_profiles, entity));
  AccountState& state = *edit_state(entity->account);
  state.profiles_by_role.erase(before);
  if (!entity->role_id.empty()) {
    state.profiles_by_role.put(relation_key(entity->role_id, fold_name(entity->name)),
                               entity->name);
  }
  return {};
}

void SnapshotEdit::erase(const InstanceProfile& profile) {
  const InstanceProfile keep = profile;
  edit_state(keep.account)
      ->profiles_by_role.erase(relation_key(keep.role_id, fold_name(keep.name)));
  erase_named(&AccountState::instance_profiles, keep);
}

Status SnapshotEdit::put(AccessKey key) {
  TRY_STATUS(normalize(key));
  if (snapshot_.state(key.account) == nullptr) {
    return refuse(key.id, "its account does not exist");
  }
  const AccessKey* old = snapshot_.find_access_key(key.id);
  if (old != nullptr && (old->account != key.account || old->user_id != key.user_id)) {
    return refuse(key.id, "the access key id is taken");
  }
  const auto entity = std::make_shared<const AccessKey>(std::move(key));
  snapshot_.access_keys_.put(IdKey::of(entity->id), entity);
  edit_state(entity->account)
      ->keys_by_owner.put(relation_key(entity->owner_id(), entity->id), entity);
  return {};
}

void SnapshotEdit::erase(const AccessKey& key) {
  const AccessKey keep = key;
  edit_state(keep.account)->keys_by_owner.erase(relation_key(keep.owner_id(), keep.id));
  snapshot_.access_keys_.erase(IdKey::of(keep.id));
}

Status SnapshotEdit::put(MfaDevice device) {
  TRY_STATUS(normalize(device));
  AccountState* state = edit_state(device.account);
  if (state == nullptr) {
    return refuse(device.name, "its account does not exist");
  }
  const std::string folded = device.key();
  const MfaDevicePtr* old = state->mfa_devices.find(folded);
  if (old != nullptr && (*old)->serial() != device.serial()) {
    return refuse(device.name, "the name is taken");
  }
  if (old != nullptr) {
    unassign(*state, **old);
  }
  const auto entity = std::make_shared<const MfaDevice>(std::move(device));
  state->mfa_devices.put(folded, entity);
  if (entity->is_assigned) {
    state->mfa_by_owner.put(relation_key(entity->owner_id(), folded), entity);
  }
  return {};
}

void SnapshotEdit::erase(const MfaDevice& device) {
  const MfaDevice keep = device;
  AccountState& state = *edit_state(keep.account);
  unassign(state, keep);
  state.mfa_devices.erase(keep.key());
}

Status SnapshotEdit::put(Bucket bucket) {
  TRY_STATUS(normalize(bucket));
  if (snapshot_.state(bucket.account) == nullptr) {
    return refuse(bucket.name, "its account does not exist");
  }
  const Bucket* old = snapshot_.find_bucket(bucket.name);
  if (old != nullptr && old->account != bucket.account) {
    return refuse(bucket.name, "the bucket is another account's");
  }
  const auto entity = std::make_shared<const Bucket>(std::move(bucket));
  snapshot_.buckets_.put(entity->name, entity);
  edit_state(entity->account)->buckets.put(entity->name, entity);
  return {};
}

void SnapshotEdit::erase(const Bucket& bucket) {
  const Bucket keep = bucket;
  edit_state(keep.account)->buckets.erase(keep.name);
  snapshot_.buckets_.erase(keep.name);
}

Status SnapshotEdit::put(LastUsed used) {
  TRY_STATUS(normalize(used));
  const auto entity = std::make_shared<const LastUsed>(std::move(used));
  snapshot_.last_used_.put(IdKey::of(entity->id), entity);
  return {};
}

void SnapshotEdit::erase(const LastUsed& used) {
  const std::string id = used.id;
  snapshot_.last_used_.erase(IdKey::of(id));
}

Status SnapshotEdit::put(Ticket ticket) {
  TRY_STATUS(normalize(ticket));
  if (const Ticket* old = snapshot_.find_ticket(ticket.kind, ticket.id_hash)) {
    snapshot_.tickets_by_expiry_.erase(ticket_expiry_key(*old));
    uncount(*old);
  }
  const auto entity = std::make_shared<const Ticket>(std::move(ticket));
  count(*entity);
  snapshot_.tickets_.put(ticket_key(entity->kind, entity->id_hash), entity);
  snapshot_.tickets_by_expiry_.put(ticket_expiry_key(*entity), entity);
  return {};
}

void SnapshotEdit::erase(const Ticket& ticket) {
  const std::string by_expiry = ticket_expiry_key(ticket);
  uncount(ticket);
  snapshot_.tickets_.erase(ticket_key(ticket.kind, ticket.id_hash));
  snapshot_.tickets_by_expiry_.erase(by_expiry);
}

void SnapshotEdit::count(const Ticket& ticket) {
  if (ticket.holder.empty()) {
    return;
  }
  for (const std::string& key : ticket_count_keys(ticket.account, ticket.holder)) {
    const std::size_t* present = snapshot_.ticket_counts_.find(key);
    snapshot_.ticket_counts_.put(key, present == nullptr ? 1 : *present + 1);
  }
}

void SnapshotEdit::uncount(const Ticket& ticket) {
  if (ticket.holder.empty()) {
    return;
  }
  for (const std::string& key : ticket_count_keys(ticket.account, ticket.holder)) {
    const std::size_t* present = snapshot_.ticket_counts_.find(key);
    SIGNET_CHECK(present != nullptr && *present > 0);
    if (*present == 1) {
      snapshot_.ticket_counts_.erase(key);
    } else {
      snapshot_.ticket_counts_.put(key, *present - 1);
    }
  }
}

Status SnapshotEdit::put(SealingKey key) {
  TRY_STATUS(normalize(key));
  const std::uint32_t id = key.id;
  snapshot_.sealing_keys_.put(id, std::make_shared<const SealingKey>(std::move(key)));
  return {};
}

void SnapshotEdit::erase(const SealingKey& key) {
  snapshot_.sealing_keys_.erase(std::uint32_t{key.id});
}

Status SnapshotEdit::put(OrgPolicies policies) {
  TRY_STATUS(normalize(policies));
  AccountState* state = edit_state(policies.account);
  if (state == nullptr) {
    return refuse(policies.account, "its account does not exist");
  }
  state->org = std::make_shared<const OrgPolicies>(std::move(policies));
  return {};
}

void SnapshotEdit::erase(const OrgPolicies& policies) {
  edit_state(std::string(policies.account))->org.reset();
}

// NOLINTEND(performance-unnecessary-copy-initialization): see above

}  // namespace signet::identity
