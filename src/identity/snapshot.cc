#include "identity/snapshot.h"

#include <algorithm>
#include <array>
#include <functional>

#include "base/strings.h"
#include "identity/relations.h"
#include "model/arn.h"

namespace signet::identity {
namespace {

// An ARN of an IAM entity: arn:aws:iam::ACCOUNT:KIND PATH NAME.
struct EntityArn {
  std::string_view account;
  std::string_view path;  // with both slashes
  std::string_view name;
};

// Nothing unless the ARN is one of `kind`.
std::optional<EntityArn> split_entity_arn(std::string_view arn, std::string_view kind) {
  const std::optional<model::ArnParts> parts = model::split_arn(arn);
  if (!parts || parts->partition != "aws" || parts->service != "iam" || !parts->region.empty() ||
      !parts->resource.starts_with(kind)) {
    return std::nullopt;
  }
  const std::string_view rest = parts->resource.substr(kind.size());
  const std::size_t slash = rest.rfind('/');
  if (slash == std::string_view::npos || rest.front() != '/' || slash + 1 == rest.size()) {
    return std::nullopt;
  }
  return EntityArn{
      .account = parts->account, .path = rest.substr(0, slash + 1), .name = rest.substr(slash + 1)};
}

template <class Ptr>
const typename Ptr::element_type* get(const Ptr* found) {
  return found == nullptr ? nullptr : found->get();
}

// Names have at most 128 characters; the folded form of a usual one needs no allocation.
template <class Table>
auto find_in(const Table& table, std::string_view name) {
  std::array<char, 128> folded;
  if (name.size() > folded.size()) {
    return get(table.find(fold_name(name)));
  }
  std::ranges::transform(name, folded.begin(), [](char c) { return to_lower(c); });
  return get(table.find(std::string_view(folded.data(), name.size())));
}

// ARNs are exact: the entity found by name must have this very path and spelling.
template <class T>
const T* if_exact(const T* entity, const EntityArn& arn) {
  return entity != nullptr && entity->path == arn.path && entity->name == arn.name ? entity
                                                                                   : nullptr;
}

template <class T>
const T* entity_as(const EntityRef* found) {
  const auto* pointer = found == nullptr ? nullptr : std::get_if<std::shared_ptr<const T>>(found);
  return get(pointer);
}

// The entity behind a member of PolicyUsers::entities.
PolicyEntity policy_entity(const AccountState& state, std::string_view member) {
  const std::string_view name = member.substr(1);
  PolicyEntity entity;
  entity.is_boundary = is_boundary_use(member);
  switch (member.front()) {
    case policy_use_letter::kUser:
    case policy_use_letter::kUserBoundary:
      entity.user = get(state.users.find(name));
      break;
    case policy_use_letter::kGroup:
      entity.type = PrincipalType::Group;
      entity.group = get(state.groups.find(name));
      break;
    default:
      entity.type = PrincipalType::Role;
      entity.role = get(state.roles.find(name));
      break;
  }
  return entity;
}

template <class T>
void add_inline(std::vector<AppliedPolicy>& out,
                const T& owner,
                AppliedPolicy::Source source,
                const Group* group) {
  for (const InlinePolicy& policy : owner.inline_policies) {
    out.push_back(AppliedPolicy{
        .source = source, .document = policy.document.get(), .id = policy.name, .group = group});
  }
}

template <class T>
void add_attached(const Snapshot& snapshot,
                  std::vector<AppliedPolicy>& out,
                  const T& owner,
                  AppliedPolicy::Source source,
                  const Group* group) {
  for (const std::string& arn : owner.attached_policies) {
    const ManagedPolicy* policy = snapshot.find_policy(arn);
    const Document* document = policy == nullptr ? nullptr : policy->default_document().get();
    out.push_back(AppliedPolicy{.source = source, .document = document, .id = arn, .group = group});
  }
}

}  // namespace

IdKey IdKey::of(std::string_view id) {
  return IdKey{.hash = std::hash<std::string_view>{}(id), .text = id};
}

const AccountState* Snapshot::state(std::string_view account) const {
  const CowPtr<AccountState>* found = accounts_.find(account);
  return found == nullptr ? nullptr : &**found;
}

const AccountState& Snapshot::state_or_empty(std::string_view account) const {
  static const AccountState kEmpty;
  const AccountState* found = state(account);
  return found == nullptr ? kEmpty : *found;
}

const EntityRef* Snapshot::find_entity(std::string_view id) const {
  return by_id_.find(IdKey::of(id));
}

const Account* Snapshot::find_account(std::string_view id) const {
  const AccountState* found = state(id);
  return found == nullptr ? nullptr : found->account.get();
}

const Account* Snapshot::find_account_by_alias(std::string_view alias) const {
  const std::string* id = account_by_alias_.find(alias);
  return id == nullptr ? nullptr : find_account(*id);
}

const Account* Snapshot::find_account_by_canonical_id(std::string_view canonical_user_id) const {
  const std::string* id = account_by_canonical_id_.find(canonical_user_id);
  return id == nullptr ? nullptr : find_account(*id);
}

const OrgPolicies* Snapshot::find_org_policies(std::string_view account) const {
  const AccountState* found = state(account);
  return found == nullptr ? nullptr : found->org.get();
}

std::vector<const Account*> Snapshot::accounts() const {
  std::vector<const Account*> all;
  all.reserve(accounts_.size());
  for (const auto& entry : accounts_) {
    all.push_back(entry.value->account.get());
  }
  return all;
}

const UserTable& Snapshot::users(std::string_view account) const {
  return state_or_empty(account).users;
}

const GroupTable& Snapshot::groups(std::string_view account) const {
  return state_or_empty(account).groups;
}

const RoleTable& Snapshot::roles(std::string_view account) const {
  return state_or_empty(account).roles;
}

const PolicyTable& Snapshot::policies(std::string_view account) const {
  return state_or_empty(account).policies;
}

const InstanceProfileTable& Snapshot::instance_profiles(std::string_view account) const {
  return state_or_empty(account).instance_profiles;
}

const MfaDeviceTable& Snapshot::mfa_devices(std::string_view account) const {
  return state_or_empty(account).mfa_devices;
}

const BucketTable& Snapshot::buckets(std::string_view account) const {
  return state_or_empty(account).buckets;
}

const AccessKeyTable& Snapshot::access_keys(std::string_view account) const {
  return state_or_empty(account).keys_by_owner;
}

AccountCounts Snapshot::counts(std::string_view account) const {
  const AccountState& found = state_or_empty(account);
  return AccountCounts{.users = found.users.size(),
                       .groups = found.groups.size(),
                       .roles = found.roles.size(),
                       .policies = found.policies.size(),
                       .policy_versions = found.policy_versions,
                       .instance_profiles = found.instance_profiles.size(),
                       .mfa_devices = found.mfa_devices.size(),
                       .mfa_devices_in_use = found.mfa_by_owner.size(),
                       .buckets = found.buckets.size()};
}

const User* Snapshot::find_user(std::string_view account, std::string_view name) const {
  return find_in(state_or_empty(account).users, name);
}

const User* Snapshot::find_user_by_id(std::string_view id) const {
  return entity_as<User>(find_entity(id));
}

const User* Snapshot::find_user_by_arn(std::string_view arn) const {
  const auto parts = split_entity_arn(arn, "user");
  return parts ? if_exact(find_user(parts->account, parts->name), *parts) : nullptr;
}

std::vector<const Group*> Snapshot::groups_of(const User& user) const {
  PersistentMap<std::string, const Group*> by_name;
  for (const std::string& id : user.group_ids) {
    if (const Group* group = find_group_by_id(id)) {
      by_name.put(fold_name(group->name), group);
    }
  }
  std::vector<const Group*> groups;
  groups.reserve(by_name.size());
  for (const auto& entry : by_name) {
    groups.push_back(entry.value);
  }
  return groups;
}

const Group* Snapshot::find_group(std::string_view account, std::string_view name) const {
  return find_in(state_or_empty(account).groups, name);
}

const Group* Snapshot::find_group_by_id(std::string_view id) const {
  return entity_as<Group>(find_entity(id));
}

const Group* Snapshot::find_group_by_arn(std::string_view arn) const {
  const auto parts = split_entity_arn(arn, "group");
  return parts ? if_exact(find_group(parts->account, parts->name), *parts) : nullptr;
}

std::vector<const User*> Snapshot::members_of(const Group& group,
                                              std::string_view after,
                                              std::size_t limit) const {
  const auto& table = state_or_empty(group.account).group_members;
  const std::string prefix = relation_key(group.id, {});
  const std::string first = after.empty() ? prefix : relation_key(group.id, fold_name(after));
  std::vector<const User*> members;
  for (auto it = table.lower_bound(first); it != table.end() && members.size() < limit; ++it) {
    if (!it->key.starts_with(prefix)) {
      break;
    }
    if (after.empty() || it->key != first) {
      members.push_back(it->value.get());
    }
  }
  return members;
}

const Role* Snapshot::find_role(std::string_view account, std::string_view name) const {
  return find_in(state_or_empty(account).roles, name);
}

const Role* Snapshot::find_role_by_id(std::string_view id) const {
  return entity_as<Role>(find_entity(id));
}

const Role* Snapshot::find_role_by_arn(std::string_view arn) const {
  const auto parts = split_entity_arn(arn, "role");
  return parts ? if_exact(find_role(parts->account, parts->name), *parts) : nullptr;
}

std::vector<const InstanceProfile*> Snapshot::instance_profiles_of(const Role& role) const {
  const AccountState& found = state_or_empty(role.account);
  std::vector<const InstanceProfile*> profiles;
  for_each_related(found.profiles_by_role, role.id, [&](const auto& entry) {
    profiles.push_back(find_in(found.instance_profiles, entry.value));
    return true;
  });
  return profiles;
}

const ManagedPolicy* Snapshot::find_policy(std::string_view arn) const {
  const auto parts = split_entity_arn(arn, "policy");
  if (!parts) {
    return nullptr;
  }
  if (parts->account == "aws") {
    return catalogue_ == nullptr ? nullptr : catalogue_->find(arn);
  }
  return if_exact(find_policy_by_name(parts->account, parts->name), *parts);
}

const ManagedPolicy* Snapshot::find_policy_by_name(std::string_view account,
                                                   std::string_view name) const {
  return find_in(state_or_empty(account).policies, name);
}

PolicyUse Snapshot::policy_use(std::string_view account, std::string_view arn) const {
  const CowPtr<PolicyUsers>* users = state_or_empty(account).policy_users.find(arn);
  return users == nullptr ? PolicyUse{} : (*users)->use;
}

std::vector<PolicyEntity> Snapshot::entities_for_policy(std::string_view account,
                                                        std::string_view arn) const {
  const AccountState& found = state_or_empty(account);
  const CowPtr<PolicyUsers>* users = found.policy_users.find(arn);
  std::vector<PolicyEntity> entities;
  if (users == nullptr) {
    return entities;
  }
  entities.reserve((*users)->entities.size());
  for (const auto& entry : (*users)->entities) {
    entities.push_back(policy_entity(found, entry.key));
  }
  return entities;
}

std::vector<AppliedPolicy> Snapshot::policies_of(const User& user) const {
  std::vector<AppliedPolicy> out;
  add_inline(out, user, AppliedPolicy::Source::UserInline, nullptr);
  add_attached(*this, out, user, AppliedPolicy::Source::UserAttached, nullptr);
  for (const Group* group : groups_of(user)) {
    add_inline(out, *group, AppliedPolicy::Source::GroupInline, group);
    add_attached(*this, out, *group, AppliedPolicy::Source::GroupAttached, group);
  }
  return out;
}

std::vector<AppliedPolicy> Snapshot::policies_of(const Role& role) const {
  std::vector<AppliedPolicy> out;
  add_inline(out, role, AppliedPolicy::Source::RoleInline, nullptr);
  add_attached(*this, out, role, AppliedPolicy::Source::RoleAttached, nullptr);
  return out;
}

const InstanceProfile* Snapshot::find_instance_profile(std::string_view account,
                                                       std::string_view name) const {
  return find_in(state_or_empty(account).instance_profiles, name);
}

const AccessKey* Snapshot::find_access_key(std::string_view id) const {
  return get(access_keys_.find(IdKey::of(id)));
}

std::vector<const AccessKey*> Snapshot::access_keys_of(std::string_view account,
                                                       std::string_view owner_id) const {
  std::vector<const AccessKey*> keys;
  for_each_related(state_or_empty(account).keys_by_owner, owner_id, [&keys](const auto& entry) {
    keys.push_back(entry.value.get());
    return true;
  });
  return keys;
}

const MfaDevice* Snapshot::find_mfa_device(std::string_view serial) const {
  const auto parts = split_entity_arn(serial, "mfa");
  if (!parts) {
    return nullptr;
  }
  const MfaDevice* device =
      find_mfa_device_by_key(parts->account, concat(parts->path.substr(1), parts->name));
  if (device == nullptr) {
    device = find_mfa_device_by_key(parts->account, parts->name);  // MfaDevice::is_keyed_by_name
  }
  return if_exact(device, *parts);
}

const MfaDevice* Snapshot::find_mfa_device_by_key(std::string_view account,
                                                  std::string_view key) const {
  return find_in(state_or_empty(account).mfa_devices, key);
}

std::vector<const MfaDevice*> Snapshot::mfa_devices_of(std::string_view account,
                                                       std::string_view owner_id) const {
  std::vector<const MfaDevice*> devices;
  for_each_related(state_or_empty(account).mfa_by_owner, owner_id, [&devices](const auto& entry) {
    devices.push_back(entry.value.get());
    return true;
  });
  return devices;
}

const Bucket* Snapshot::find_bucket(std::string_view name) const {
  return get(buckets_.find(name));
}

const LastUsed* Snapshot::find_last_used(std::string_view id) const {
  return get(last_used_.find(IdKey::of(id)));
}

const Ticket* Snapshot::find_ticket(TicketKind kind, std::string_view id_hash) const {
  return get(tickets_.find(ticket_key(kind, id_hash)));
}

std::vector<const Ticket*> Snapshot::expired_tickets(Instant now, std::size_t limit) const {
  std::vector<const Ticket*> expired;
  for (const auto& entry : tickets_by_expiry_) {
    if (expired.size() >= limit || entry.value->expires >= now) {
      break;
    }
    expired.push_back(entry.value.get());
  }
  return expired;
}

std::size_t Snapshot::ticket_count(std::string_view account) const {
  const std::size_t* count = ticket_counts_.find(ticket_count_keys(account, {}).front());
  return count == nullptr ? 0 : *count;
}

std::size_t Snapshot::ticket_count(std::string_view account, std::string_view holder) const {
  const std::size_t* count = ticket_counts_.find(ticket_count_keys(account, holder).back());
  return count == nullptr ? 0 : *count;
}

std::vector<const SealingKey*> Snapshot::sealing_keys() const {
  std::vector<const SealingKey*> keys;
  for (const auto& entry : sealing_keys_) {
    keys.push_back(entry.value.get());
  }
  return keys;
}

}  // namespace signet::identity
