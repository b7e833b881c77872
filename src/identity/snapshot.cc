#include "identity/snapshot.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <variant>

#include "base/strings.h"
#include "identity/policy_uses.h"
#include "identity/related.h"
#include "model/arn.h"

namespace signet::identity {
namespace {

// An ARN of an IAM entity: arn:aws:iam::ACCOUNT:KIND PATH NAME.
struct EntityArn {
  std::string_view account;
  std::string_view path;  // with both slashes
  std::string_view name;
};

// Nothing unless the ARN is one of `kind`. Without paths the name is all that follows the kind.
std::optional<EntityArn> split_entity_arn(std::string_view arn,
                                          std::string_view kind,
                                          bool has_path) {
  const std::optional<model::ArnParts> parts = model::split_arn(arn);
  if (!parts || parts->partition != "aws" || parts->service != "iam" || !parts->region.empty() ||
      !parts->resource.starts_with(kind)) {
    return std::nullopt;
  }
  const std::string_view rest = parts->resource.substr(kind.size());
  const std::size_t slash = has_path ? rest.rfind('/') : rest.find('/');
  if (slash == std::string_view::npos || rest.front() != '/' || slash + 1 == rest.size()) {
    return std::nullopt;
  }
  return EntityArn{
      .account = parts->account, .path = rest.substr(0, slash + 1), .name = rest.substr(slash + 1)};
}

template <class T>
const T* get(const EntityPtr<T>* found) {
  return found == nullptr ? nullptr : found->get();
}

// By the key of a table by name. MfaDevice::key() is folded.
template <class T>
const T* find_in(const Table<T>& table, std::string_view name) {
  if constexpr (ByName<T>::kFolds || Kind<T>::kHasExactName) {
    return get(table.find(typename ByName<T>::Key(name)));
  } else {
    return get(table.find(fold_name(name)));
  }
}

// ARNs are exact: the entity found by name must have this very path and spelling.
template <class T>
const T* if_exact(const T* entity, const EntityArn& arn) {
  if (entity == nullptr || entity->name != arn.name) {
    return nullptr;
  }
  if constexpr (requires { entity->path; }) {
    return entity->path == arn.path ? entity : nullptr;
  } else {
    return entity;
  }
}

template <class T>
const T* entity_as(const EntityRef* found) {
  const auto* pointer = found == nullptr ? nullptr : std::get_if<EntityPtr<T>>(found);
  return get(pointer);
}

// The entity behind a member of PolicyUsers::entities.
PolicyEntity policy_entity(const AccountState& state, const PolicyUseMember& member) {
  const NameKey name = member.name();
  PolicyEntity entity;
  entity.is_boundary = is_boundary_use(member);
  const auto is_use_by = [&member]<class T>(Types<T>) {
    return member.letter() == Kind<T>::kPolicyUse.attached ||
           member.letter() == Kind<T>::kPolicyUse.boundary;
  };
  if (is_use_by(Types<User>())) {
    entity.user = get(state.tables.of<ByName<User>>().find(name));
  } else if (is_use_by(Types<Group>())) {
    entity.type = PrincipalType::Group;
    entity.group = get(state.tables.of<ByName<Group>>().find(name));
  } else {
    entity.type = PrincipalType::Role;
    entity.role = get(state.tables.of<ByName<Role>>().find(name));
  }
  return entity;
}

std::size_t count_in(const TallyMember<Ticket>& tickets, std::string_view key) {
  const std::size_t* count = tickets.tally.find(key);
  return count == nullptr ? 0 : *count;
}

// What Index lists with an owner.
template <class Index>
std::vector<const typename Index::Entity*> related(const Snapshot& snapshot,
                                                   std::string_view account,
                                                   std::string_view owner) {
  std::vector<const typename Index::Entity*> found;
  for_each_related(snapshot.index<Index>(account), owner, [&found](const auto& entry) {
    found.push_back(entry.value.get());
    return true;
  });
  return found;
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
    const ManagedPolicy* policy = snapshot.find_by_arn<ManagedPolicy>(arn);
    const StoredDocument* document = policy == nullptr ? nullptr : policy->default_document().get();
    out.push_back(AppliedPolicy{.source = source, .document = document, .id = arn, .group = group});
  }
}

// At most `limit` entities of an index by time, from its beginning, as long as they are due.
template <class Table, class IsDue>
auto first_while(const Table& table, std::size_t limit, const IsDue& is_due) {
  std::vector<decltype(std::to_address(table.begin()->value))> found;
  for (const auto& entry : table) {
    if (found.size() >= limit || !is_due(*entry.value)) {
      break;
    }
    found.push_back(entry.value.get());
  }
  return found;
}

// At most `limit` entities whose keys begin so.
template <class Table>
auto starting_with(const Table& table, std::string_view prefix, std::size_t limit) {
  std::vector<decltype(std::to_address(table.begin()->value))> found;
  for (auto it = table.lower_bound(prefix);
       it != table.end() && it->key.starts_with(prefix) && found.size() < limit;
       ++it) {
    found.push_back(it->value.get());
  }
  return found;
}

}  // namespace

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

template <class T>
const T* Snapshot::find(typename Kind<T>::Id id) const {
  if constexpr (std::is_same_v<T, Account>) {
    const AccountState* found = state(id);
    return found == nullptr ? nullptr : found->account.get();
  } else if constexpr (Kind<T>::kHasUniqueId) {
    return entity_as<T>(find_entity(id));
  } else if constexpr (HasArn<T>) {
    return find_by_arn<T>(id);
  } else {
    using First = FirstOf<typename Kind<T>::Indexes>;
    return get(tables_.template of<First>().find(First::key_of(id)));
  }
}

template <HasArn T>
const T* Snapshot::find(std::string_view account, std::string_view name) const {
  return find_in<T>(table<T>(account), name);
}

template <HasArn T>
const T* Snapshot::find_by_arn(std::string_view arn) const {
  auto parts = split_entity_arn(arn, Kind<T>::kArn, requires(const T& v) { v.path; });
  if constexpr (std::is_same_v<T, MfaDevice>) {
    parts = parts ? parts : split_entity_arn(arn, kPasskeyArn, true);
  }
  if (!parts) {
    return nullptr;
  }
  if constexpr (std::is_same_v<T, ManagedPolicy>) {
    if (parts->account == "aws") {
      return catalogue_ == nullptr ? nullptr : catalogue_->find(arn);
    }
  }
  if constexpr (std::is_same_v<T, MfaDevice>) {
    const std::string key = concat(parts->path.substr(1), parts->name);
    if (const MfaDevice* device = find<MfaDevice>(parts->account, key)) {
      return device->serial() == arn ? device : nullptr;
    }  // else perhaps one that is_keyed_by_name
  }
  return if_exact(find<T>(parts->account, parts->name), *parts);
}

const Account* Snapshot::find_account_by_alias(std::string_view alias) const {
  return get(tables_.of<AccountByAlias>().find(alias));
}

const Account* Snapshot::find_account_by_canonical_id(std::string_view canonical_user_id) const {
  return get(tables_.of<AccountByCanonicalId>().find(canonical_user_id));
}

std::vector<const Account*> Snapshot::accounts() const {
  std::vector<const Account*> all;
  all.reserve(accounts_.size());
  for (const auto& entry : accounts_) {
    all.push_back(entry.value->account.get());
  }
  return all;
}

const WebIdentityIssuer* Snapshot::find_issuer(std::string_view id) const {
  return get(tables_.of<IssuerById>().find(id));
}

std::vector<const WebIdentityIssuer*> Snapshot::issuers() const {
  std::vector<const WebIdentityIssuer*> all;
  for (const auto& entry : tables_.of<IssuerByAccount>()) {
    all.push_back(entry.value.get());
  }
  return all;
}

std::vector<const Group*> Snapshot::groups_of(const User& user) const {
  PersistentMap<std::string, const Group*> by_name;
  for (const std::string& id : user.group_ids) {
    if (const Group* group = find<Group>(id)) {
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

std::vector<const User*> Snapshot::members_of(const Group& group,
                                              std::string_view after,
                                              std::size_t limit) const {
  const auto& table = index<MembersOfGroup>(group.account);
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

std::vector<const InstanceProfile*> Snapshot::instance_profiles_of(const Role& role) const {
  return related<ProfilesOfRole>(*this, role.account, role.id);
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

std::vector<const AccessKey*> Snapshot::access_keys_of(std::string_view account,
                                                       std::string_view owner_id) const {
  return related<KeysOfOwner>(*this, account, owner_id);
}

std::vector<const MfaDevice*> Snapshot::mfa_devices_of(std::string_view account,
                                                       std::string_view owner_id) const {
  return related<DevicesOfOwner>(*this, account, owner_id);
}

std::vector<const SshPublicKey*> Snapshot::ssh_public_keys_of(std::string_view account,
                                                              std::string_view user_id) const {
  return related<SshKeysOfUser>(*this, account, user_id);
}

std::vector<const SigningCertificate*> Snapshot::signing_certificates_of(
    std::string_view account, std::string_view owner_id) const {
  return related<SigningCertificatesOfOwner>(*this, account, owner_id);
}

std::vector<const ServiceCredential*> Snapshot::service_credentials_of(
    std::string_view account, std::string_view user_id) const {
  return related<ServiceCredentialsOfUser>(*this, account, user_id);
}

const ServiceCredential* Snapshot::find_service_credential(std::string_view account,
                                                           std::string_view service,
                                                           std::string_view name) const {
  return get(index<ServiceCredentialByName>(account).find(relation_key(service, fold_name(name))));
}

std::vector<const CredentialReport*> Snapshot::pending_credential_reports() const {
  std::vector<const CredentialReport*> pending;
  for (const auto& entry : tables_.of<PendingCredentialReports>()) {
    pending.push_back(entry.value.get());
  }
  return pending;
}

std::vector<const Ticket*> Snapshot::expired_tickets(Instant now, std::size_t limit) const {
  return first_while(
      tables_.of<TicketsByExpiry>(), limit, [now](const Ticket& v) { return v.expires < now; });
}

std::vector<const Ticket*> Snapshot::tickets_of(std::string_view account,
                                                std::string_view holder,
                                                std::size_t limit) const {
  return starting_with(
      tables_.of<TicketsOfHolder>(), relation_key(relation_key(account, holder), {}), limit);
}

std::vector<const Ticket*> Snapshot::sessions_of(std::string_view account,
                                                 std::string_view owner) const {
  const std::string prefix =
      owner.empty() ? relation_key(account, {}) : relation_key(relation_key(account, owner), {});
  return starting_with(tables_.of<SessionsOfOwner>(), prefix, SIZE_MAX);
}

std::vector<const Ticket*> Snapshot::sessions_from(std::string_view origin) const {
  return starting_with(tables_.of<SessionsByOrigin>(), relation_key(origin, {}), SIZE_MAX);
}

const Ticket* Snapshot::find_session(std::string_view account, std::string_view id) const {
  return get(tables_.of<SessionById>().find(relation_key(account, id)));
}

std::vector<const DelegationRequest*> Snapshot::ended_delegations(Instant now,
                                                                  std::size_t limit) const {
  return first_while(tables_.of<DelegationsByExpiry>(), limit, [now](const DelegationRequest& v) {
    return v.expires <= now;
  });
}

std::vector<const DelegationRequest*> Snapshot::delegations_of(std::string_view account,
                                                               std::string_view owner) const {
  const std::string prefix =
      owner.empty() ? relation_key(account, {}) : relation_key(relation_key(account, owner), {});
  return starting_with(tables_.of<DelegationsByOwner>(), prefix, SIZE_MAX);
}

std::vector<const Notification*> Snapshot::notifications_before(Instant time,
                                                                std::size_t limit) const {
  return first_while(tables_.of<NotificationsByTime>(), limit, [time](const Notification& v) {
    return v.created < time;
  });
}

std::size_t Snapshot::ticket_count(std::string_view account) const {
  return count_in(tallies_, ticket_count_keys(account, {}).front());
}

std::size_t Snapshot::ticket_count(std::string_view account, std::string_view holder) const {
  return count_in(tallies_, ticket_count_keys(account, holder).back());
}

std::vector<const SealingKey*> Snapshot::sealing_keys() const {
  std::vector<const SealingKey*> keys;
  for (const auto& entry : tables_.of<SealingKeyByNumber>()) {
    keys.push_back(entry.value.get());
  }
  return keys;
}

namespace detail {

template <class T>
struct Finders {
  static constexpr std::tuple kFunctions = {
      static_cast<const T* (Snapshot::*)(typename Kind<T>::Id) const>(&Snapshot::find<T>)};
};

template <HasArn T>
struct Finders<T> {
  static constexpr std::tuple kFunctions = {
      static_cast<const T* (Snapshot::*)(typename Kind<T>::Id) const>(&Snapshot::find<T>),
      static_cast<const T* (Snapshot::*)(std::string_view, std::string_view) const>(
          &Snapshot::find<T>),
      &Snapshot::find_by_arn<T>};
};

}  // namespace detail

template struct Instances<detail::Finders, Kinds>;

}  // namespace signet::identity
