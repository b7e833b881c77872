#include "identity/transaction.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "identity/change_set.h"
#include "identity/entity_rules.h"
#include "identity/relations.h"
#include "identity/snapshot_edit.h"

namespace signet::identity {
namespace {

void pool_inline(std::vector<InlinePolicy>& policies, DocumentPool& pool) {
  for (InlinePolicy& policy : policies) {
    policy.document = pool.intern(policy.document);
  }
}

// Makes the documents of an entity the pooled ones.
void pool_documents(User& user, DocumentPool& pool) {
  pool_inline(user.inline_policies, pool);
}

void pool_documents(Group& group, DocumentPool& pool) {
  pool_inline(group.inline_policies, pool);
}

void pool_documents(Role& role, DocumentPool& pool) {
  role.trust_policy = pool.intern(role.trust_policy);
  pool_inline(role.inline_policies, pool);
}

void pool_documents(ManagedPolicy& policy, DocumentPool& pool) {
  for (PolicyVersion& version : policy.versions) {
    version.document = pool.intern(version.document);
  }
}

void pool_documents(Bucket& bucket, DocumentPool& pool) {
  bucket.policy = pool.intern(bucket.policy);
}

void pool_documents(OrgPolicies& policies, DocumentPool& pool) {
  for (auto* levels : {&policies.scps, &policies.rcps}) {
    for (OrgLevel& level : *levels) {
      for (OrgPolicy& policy : level.policies) {
        policy.document = pool.intern(policy.document);
      }
    }
  }
}

template <class T>
void pool_documents(T&, DocumentPool&) {}

template <class T>
std::string missing_references(const Snapshot& snapshot, const T& entity) {
  if constexpr (requires { check_references(snapshot, entity); }) {
    return check_references(snapshot, entity);
  } else {
    return {};
  }
}

}  // namespace

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
  std::string missing = missing_references(next_, entity);
  if (!missing.empty()) {
    spoil(std::move(missing));
    return;
  }
  pool_documents(entity, documents_);
  T copy = entity;
  const Status applied = SnapshotEdit(next_).put(std::move(copy));
  if (!applied) {
    spoil(applied.error().cause);
    return;
  }
  changes_.put(entity);
}

template <class T>
void Transaction::erase(const T& entity) {
  std::string key = record_key(entity);
  SnapshotEdit(next_).erase(entity);
  changes_.erase(std::move(key));
}

template <class T>
void Transaction::erase_found(const T* entity, std::string_view what, std::string_view id) {
  if (entity == nullptr) {
    spoil(concat("nothing to erase: ", what, " ", id));
    return;
  }
  erase(*entity);
}

void Transaction::erase_last_used(std::string_view id) {
  if (const LastUsed* used = next_.find_last_used(id)) {
    erase(*used);
  }
}

void Transaction::put_account(Account account) {
  put(std::move(account));
}

void Transaction::erase_account(std::string_view id) {
  const Account* found = next_.find_account(id);
  if (found == nullptr) {
    spoil(concat("nothing to erase: account ", id));
    return;
  }
  const Account account = *found;
  const Snapshot before = next_;  // iterated while next_ changes
  const AccountState& state = *before.state(account.id);
  for (const auto& entry : state.keys_by_owner) {
    erase_access_key(entry.value->id);
  }
  for (const auto& entry : state.mfa_devices) {
    erase(*entry.value);
  }
  for (const auto& entry : state.instance_profiles) {
    erase(*entry.value);
  }
  for (const auto& entry : state.users) {
    erase_user(entry.value->id);
  }
  for (const auto& entry : state.roles) {
    erase_role(entry.value->id);
  }
  for (const auto& entry : state.groups) {
    erase(*entry.value);
  }
  for (const auto& entry : state.policies) {
    erase(*entry.value);
  }
  for (const auto& entry : state.buckets) {
    erase(*entry.value);
  }
  for (const auto& entry : before.tickets_) {
    if (entry.value->account == account.id) {
      erase(*entry.value);
    }
  }
  if (state.org != nullptr) {
    erase(*state.org);
  }
  erase_last_used(account.id);
  erase(account);
}

void Transaction::put_user(User user) {
  put(std::move(user));
}

void Transaction::erase_user(std::string_view id) {
  const User* user = next_.find_user_by_id(id);
  const AccountState* state = user == nullptr ? nullptr : next_.state(user->account);
  if (state != nullptr &&
      (has_related(state->keys_by_owner, id) || has_related(state->mfa_by_owner, id))) {
    spoil(concat("user ", id, " still has access keys or MFA devices"));
    return;
  }
  const std::string kept(id);
  erase_found(user, "user", kept);
  erase_last_used(kept);
}

void Transaction::put_group(Group group) {
  put(std::move(group));
}

void Transaction::erase_group(std::string_view id) {
  const Group* group = next_.find_group_by_id(id);
  if (group != nullptr && has_related(next_.state(group->account)->group_members, id)) {
    spoil(concat("group ", id, " still has members"));
    return;
  }
  erase_found(group, "group", id);
}

void Transaction::add_to_group(std::string_view user_id, std::string_view group_id) {
  const User* found = next_.find_user_by_id(user_id);
  if (found == nullptr) {
    spoil(concat("no user ", user_id));
    return;
  }
  if (std::find(found->group_ids.begin(), found->group_ids.end(), group_id) ==
      found->group_ids.end()) {
    User user = *found;
    user.group_ids.emplace_back(group_id);
    put_user(std::move(user));
  }
}

void Transaction::remove_from_group(std::string_view user_id, std::string_view group_id) {
  const User* found = next_.find_user_by_id(user_id);
  if (found == nullptr) {
    spoil(concat("no user ", user_id));
    return;
  }
  User user = *found;
  if (std::erase(user.group_ids, group_id) > 0) {
    put_user(std::move(user));
  }
}

void Transaction::put_role(Role role) {
  put(std::move(role));
}

void Transaction::erase_role(std::string_view id) {
  const Role* role = next_.find_role_by_id(id);
  if (role != nullptr && has_related(next_.state(role->account)->profiles_by_role, id)) {
    spoil(concat("role ", id, " is still in an instance profile"));
    return;
  }
  const std::string kept(id);
  erase_found(role, "role", kept);
  erase_last_used(kept);
}

void Transaction::put_policy(ManagedPolicy policy) {
  put(std::move(policy));
}

void Transaction::erase_policy(std::string_view id) {
  const EntityRef* found = next_.find_entity(id);
  const auto* policy = found == nullptr ? nullptr : std::get_if<ManagedPolicyPtr>(found);
  if (policy == nullptr) {
    spoil(concat("nothing to erase: policy ", id));
    return;
  }
  const ManagedPolicyPtr kept = *policy;
  if (next_.state(kept->account)->policy_users.contains(arn_of(*kept))) {
    spoil(concat("policy ", kept->id, " is still attached"));
    return;
  }
  erase(*kept);
}

void Transaction::put_instance_profile(InstanceProfile profile) {
  put(std::move(profile));
}

void Transaction::erase_instance_profile(std::string_view id) {
  const EntityRef* found = next_.find_entity(id);
  const auto* profile = found == nullptr ? nullptr : std::get_if<InstanceProfilePtr>(found);
  erase_found(profile == nullptr ? nullptr : profile->get(), "instance profile", id);
}

void Transaction::put_access_key(AccessKey key) {
  put(std::move(key));
}

void Transaction::erase_access_key(std::string_view id) {
  const std::string kept(id);
  erase_found(next_.find_access_key(kept), "access key", kept);
  erase_last_used(kept);
}

void Transaction::put_mfa_device(MfaDevice device) {
  put(std::move(device));
}

void Transaction::erase_mfa_device(std::string_view serial) {
  erase_found(next_.find_mfa_device(serial), "MFA device", serial);
}

void Transaction::put_bucket(Bucket bucket) {
  put(std::move(bucket));
}

void Transaction::erase_bucket(std::string_view name) {
  erase_found(next_.find_bucket(name), "bucket", name);
}

void Transaction::put_last_used(LastUsed used) {
  put(std::move(used));
}

void Transaction::put_ticket(Ticket ticket) {
  put(std::move(ticket));
}

void Transaction::erase_ticket(TicketKind kind, std::string_view id_hash) {
  erase_found(next_.find_ticket(kind, id_hash), "ticket", "");
}

void Transaction::put_org_policies(OrgPolicies policies) {
  put(std::move(policies));
}

void Transaction::erase_org_policies(std::string_view account) {
  erase_found(next_.find_org_policies(account), "organization policies of account", account);
}

void Transaction::put_sealing_key(SealingKey key) {
  put(std::move(key));
}

void Transaction::erase_sealing_key(std::uint32_t id) {
  const SealingKeyPtr* key = next_.sealing_keys_.find(id);
  erase_found(key == nullptr ? nullptr : key->get(), "sealing key", std::to_string(id));
}

}  // namespace signet::identity
