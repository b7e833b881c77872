#include "escalation/roster.h"

#include <algorithm>

#include "base/strings.h"
#include "identity/stored_document.h"
#include "model/arn.h"
#include "policy_engine/compiled.h"

namespace signet::escalation {
namespace {

using policy::PrincipalEntry;

template <class Entity>
void add_all(const identity::Snapshot& snapshot,
             std::string_view account,
             std::vector<Listed<Entity>>& out) {
  for (const auto& entry : snapshot.table<Entity>(account)) {
    out.push_back({.arn = identity::arn_of(*entry.value), .entity = &*entry.value});
  }
}

template <class Entity>
void put_in_order(std::vector<Listed<Entity>>& all) {
  std::ranges::sort(all, {}, &Listed<Entity>::arn);
}

// Sessions are named without the path of their role.
std::string sessions_of(std::string_view account, std::string_view role) {
  return concat("session ", account, "/", role);
}

}  // namespace

Roster::Roster(const identity::Snapshot& snapshot) {
  for (const identity::Account* account : snapshot.accounts()) {
    add_all(snapshot, account->id, users);
    add_all(snapshot, account->id, roles);
    add_all(snapshot, account->id, groups);
    add_all(snapshot, account->id, policies);
    add_all(snapshot, account->id, providers);
  }
  put_in_order(users);
  put_in_order(roles);
  put_in_order(groups);
  put_in_order(policies);
  put_in_order(providers);
  for (const Listed<identity::Role>& role : roles) {
    read_trust(*role.entity);
  }
}

void Roster::read_trust(const identity::Role& role) {
  const policy::PolicyRef policy =
      role.trust_policy != nullptr ? role.trust_policy->policy() : policy::PolicyRef();
  if (policy == nullptr) {
    return;  // lets in nobody
  }
  bool is_open = false;
  for (const policy::CompiledStatement& statement : policy->statements) {
    is_open = is_open || (statement.effect == policy::Effect::Allow && statement.is_not_principal);
  }
  for (const PrincipalEntry& entry : policy->principals) {
    switch (entry.kind) {
      case PrincipalEntry::Kind::Everyone:
        is_open = true;
        break;
      case PrincipalEntry::Kind::RoleSession: {
        const auto arn = model::split_arn(entry.text);
        const std::string_view rest = arn ? arn->resource : std::string_view();
        const std::string_view name = rest.substr(rest.find('/') + 1);
        named_[sessions_of(entry.account, name.substr(0, name.find('/')))].push_back(&role);
        break;
      }
      case PrincipalEntry::Kind::User:
      case PrincipalEntry::Kind::Role:
      case PrincipalEntry::Kind::UniqueId:
      case PrincipalEntry::Kind::Service:
      case PrincipalEntry::Kind::Federated:
        named_[std::string(entry.text)].push_back(&role);
        break;
      case PrincipalEntry::Kind::Account:  // takes a policy of the principal's own
      case PrincipalEntry::Kind::FederatedUser:
      case PrincipalEntry::Kind::CanonicalUser:
      case PrincipalEntry::Kind::Never:
        break;
    }
  }
  if (is_open) {
    open_to_all.push_back(&role);
  }
}

void Roster::add_of(const std::string& name, std::vector<const identity::Role*>& out) const {
  if (const auto found = named_.find(name); found != named_.end()) {
    out.insert(out.end(), found->second.begin(), found->second.end());
  }
}

std::vector<const identity::Role*> Roster::naming(const identity::User& user) const {
  std::vector<const identity::Role*> found;
  add_of(identity::arn_of(user), found);
  add_of(user.id, found);
  return found;
}

std::vector<const identity::Role*> Roster::naming(const identity::Role& role) const {
  std::vector<const identity::Role*> found;
  add_of(identity::arn_of(role), found);
  add_of(std::string(role.id), found);
  add_of(sessions_of(role.account, role.name), found);
  return found;
}

std::vector<const identity::Role*> Roster::naming(std::string_view provider) const {
  std::vector<const identity::Role*> found;
  add_of(std::string(provider), found);
  return found;
}

std::vector<std::string> Roster::names_from(std::string_view prefix) const {
  std::vector<std::string> names;
  for (auto at = named_.lower_bound(prefix); at != named_.end() && at->first.starts_with(prefix);
       ++at) {
    names.push_back(at->first);
  }
  return names;
}

}  // namespace signet::escalation
