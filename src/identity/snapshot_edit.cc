#include "identity/snapshot_edit.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "facts/errors.h"
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

void sort_unique(std::vector<std::string>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

void sort_by_name(std::vector<InlinePolicy>& policies) {
  std::sort(policies.begin(), policies.end(), [](const InlinePolicy& a, const InlinePolicy& b) {
    return a.name < b.name;
  });
}

std::vector<std::string> without(const std::vector<std::string>& all,
                                 const std::vector<std::string>& taken) {
  std::vector<std::string> rest;
  std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(), std::back_inserter(rest));
  return rest;
}

Status check_inline(const std::vector<InlinePolicy>& policies, std::string_view owner) {
  for (const InlinePolicy& policy : policies) {
    if (policy.document == nullptr) {
      return refuse(owner, concat("inline policy ", policy.name, " has no document"));
    }
  }
  return {};
}

Status check_versions(const ManagedPolicy& policy) {
  std::uint32_t last = 0;
  for (const PolicyVersion& version : policy.versions) {
    if (version.document == nullptr || version.number <= last) {
      return refuse(policy.id, "policy versions are not ascending, or one has no document");
    }
    last = version.number;
  }
  if (policy.version(policy.default_version) == nullptr || policy.next_version <= last) {
    return refuse(policy.id, "no such default version, or the next version number was used");
  }
  return {};
}

// Adds `delta` (1 or -1) to the use that a key of policy_entities stands for.
void count_use(AccountState& state, std::string_view key, std::int32_t delta) {
  const PolicyUseKey use = split_policy_use(key);
  const PolicyUse* known = state.policy_use.find(use.arn);
  PolicyUse counts = known == nullptr ? PolicyUse{} : *known;
  std::uint32_t& count = use.is_boundary() ? counts.boundaries : counts.attachments;
  count = static_cast<std::uint32_t>(static_cast<std::int64_t>(count) + delta);
  if (counts.attachments == 0 && counts.boundaries == 0) {
    state.policy_use.erase(use.arn);
  } else {
    state.policy_use.put(std::string(use.arn), counts);
  }
}

void unassign(AccountState& state, const MfaDevice& device) {
  if (device.is_assigned) {
    state.mfa_by_owner.erase(relation_key(device.owner_id(), fold_name(device.name)));
  }
}

}  // namespace

AccountState* SnapshotEdit::edit_state(std::string_view account) {
  CowPtr<AccountState>* found = snapshot_.accounts_.edit(account);
  return found == nullptr ? nullptr : &found->edit();
}

Status SnapshotEdit::put(Account account) {
  if (account.id.empty()) {
    return refuse("account", "no id");
  }
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
  if (entity->id.empty() || entity->name.empty()) {
    return refuse(entity->account, "an entity without id or name");
  }
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

void SnapshotEdit::relate_policies(AccountState& state,
                                   const std::vector<std::string>& before,
                                   const std::vector<std::string>& after,
                                   const std::string& id) {
  for (const std::string& gone : without(before, after)) {
    state.policy_entities.erase(gone);
    count_use(state, gone, -1);
  }
  for (const std::string& added : without(after, before)) {
    state.policy_entities.put(added, id);
    count_use(state, added, 1);
  }
}

Status SnapshotEdit::put(User user) {
  sort_unique(user.attached_policies);
  sort_unique(user.group_ids);
  sort_by_name(user.inline_policies);
  TRY_STATUS(check_inline(user.inline_policies, user.id));
  const auto entity = std::make_shared<const User>(std::move(user));
  const EntityRef keep = snapshot_.find_entity(entity->id) == nullptr
                             ? EntityRef()
                             : *snapshot_.find_entity(entity->id);
  const User* old = previous<User>(&keep);
  TRY_STATUS(put_named(&AccountState::users, entity));
  AccountState& state = *edit_state(entity->account);
  relate_policies(state,
                  old == nullptr ? std::vector<std::string>() : policy_uses(*old),
                  policy_uses(*entity),
                  entity->id);
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
  relate_policies(state, policy_uses(keep), {}, keep.id);
  for (const std::string& group : keep.group_ids) {
    state.group_members.erase(relation_key(group, fold_name(keep.name)));
  }
  erase_named(&AccountState::users, keep);
}

Status SnapshotEdit::put(Group group) {
  sort_unique(group.attached_policies);
  sort_by_name(group.inline_policies);
  TRY_STATUS(check_inline(group.inline_policies, group.id));
  const auto entity = std::make_shared<const Group>(std::move(group));
  const Group* old = snapshot_.find_group_by_id(entity->id);
  const std::vector<std::string> before =
      old == nullptr ? std::vector<std::string>() : policy_uses(*old);
  TRY_STATUS(put_named(&AccountState::groups, entity));
  relate_policies(*edit_state(entity->account), before, policy_uses(*entity), entity->id);
  return {};
}

void SnapshotEdit::erase(const Group& group) {
  const Group keep = group;
  relate_policies(*edit_state(keep.account), policy_uses(keep), {}, keep.id);
  erase_named(&AccountState::groups, keep);
}

Status SnapshotEdit::put(Role role) {
  sort_unique(role.attached_policies);
  sort_by_name(role.inline_policies);
  TRY_STATUS(check_inline(role.inline_policies, role.id));
  if (role.trust_policy == nullptr) {
    return refuse(role.id, "a role without trust policy");
  }
  const auto entity = std::make_shared<const Role>(std::move(role));
  const Role* old = snapshot_.find_role_by_id(entity->id);
  const std::vector<std::string> before =
      old == nullptr ? std::vector<std::string>() : policy_uses(*old);
  TRY_STATUS(put_named(&AccountState::roles, entity));
  relate_policies(*edit_state(entity->account), before, policy_uses(*entity), entity->id);
  return {};
}

void SnapshotEdit::erase(const Role& role) {
  const Role keep = role;
  relate_policies(*edit_state(keep.account), policy_uses(keep), {}, keep.id);
  erase_named(&AccountState::roles, keep);
}

Status SnapshotEdit::put(ManagedPolicy policy) {
  TRY_STATUS(check_versions(policy));
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
  if (key.id.empty() || key.secret == nullptr || key.secret->empty()) {
    return refuse(key.id, "an access key without id or secret");
  }
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
  if (device.name.empty() || device.seed == nullptr) {
    return refuse(device.name, "an MFA device without name or seed");
  }
  if (!device.is_assigned && !device.user_id.empty()) {
    return refuse(device.name, "a device that is not assigned names a user");
  }
  AccountState* state = edit_state(device.account);
  if (state == nullptr) {
    return refuse(device.name, "its account does not exist");
  }
  const std::string folded = fold_name(device.name);
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
  state.mfa_devices.erase(fold_name(keep.name));
}

Status SnapshotEdit::put(Bucket bucket) {
  if (bucket.name.empty()) {
    return refuse("bucket", "no name");
  }
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
  if (used.id.empty()) {
    return refuse("last used", "no id");
  }
  const auto entity = std::make_shared<const LastUsed>(std::move(used));
  snapshot_.last_used_.put(IdKey::of(entity->id), entity);
  return {};
}

void SnapshotEdit::erase(const LastUsed& used) {
  const std::string id = used.id;
  snapshot_.last_used_.erase(IdKey::of(id));
}

Status SnapshotEdit::put(Ticket ticket) {
  if (ticket.id_hash.empty()) {
    return refuse("ticket", "no id");
  }
  if (const Ticket* old = snapshot_.find_ticket(ticket.kind, ticket.id_hash)) {
    snapshot_.tickets_by_expiry_.erase(ticket_expiry_key(*old));
  }
  const auto entity = std::make_shared<const Ticket>(std::move(ticket));
  snapshot_.tickets_.put(ticket_key(entity->kind, entity->id_hash), entity);
  snapshot_.tickets_by_expiry_.put(ticket_expiry_key(*entity), entity);
  return {};
}

void SnapshotEdit::erase(const Ticket& ticket) {
  const std::string by_expiry = ticket_expiry_key(ticket);
  snapshot_.tickets_.erase(ticket_key(ticket.kind, ticket.id_hash));
  snapshot_.tickets_by_expiry_.erase(by_expiry);
}

Status SnapshotEdit::put(SealingKey key) {
  if (key.bytes == nullptr) {
    return refuse("sealing key", "no bytes");
  }
  const std::uint32_t id = key.id;
  snapshot_.sealing_keys_.put(id, std::make_shared<const SealingKey>(std::move(key)));
  return {};
}

void SnapshotEdit::erase(const SealingKey& key) {
  snapshot_.sealing_keys_.erase(std::uint32_t{key.id});
}

}  // namespace signet::identity
