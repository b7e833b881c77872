#include "authz/policy_sources.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "identity/entities.h"

namespace signet::authz {
namespace {

using identity::Snapshot;
using model::CallerKind;
using policy::PolicyMember;
using policy::PolicySetRef;
using policy::SetKind;

// Entries a thread remembers in each table; when full it starts over.
constexpr std::size_t kMaxEntries = 4096;

// What STS attaches to the sessions of a role that were made for a user of IAM Identity Center: it
// denies every action that knows nothing of such users (AWS managed policy reference).
constexpr std::string_view kIdentityContextPolicy =
    "arn:aws:iam::aws:policy/AWSIAMIdentityCenterAllowListForIdentityContext";

PolicyMember member_of(const identity::StoredDocument* document, std::string id) {
  return PolicyMember{.policy = document != nullptr ? document->policy() : policy::PolicyRef(),
                      .id = std::move(id),
                      .pins = {}};
}

// Keeps the set if it is made of the same policies, so that its index survives unrelated writes.
void update(SharedSets& shared,
            PolicySetRef& set,
            SetKind kind,
            std::vector<PolicyMember> members) {
  if (!set || !is_made_of(*set, members)) {
    set = shared.get(kind, std::move(members));
  }
}

std::vector<PolicyMember> members_of(const std::vector<identity::AppliedPolicy>& applied) {
  std::vector<PolicyMember> members;
  members.reserve(applied.size());
  for (const identity::AppliedPolicy& policy : applied) {
    members.push_back(member_of(policy.document, policy.id));
  }
  return members;
}

PolicyMember managed_member(const Snapshot& snapshot, const std::string& arn) {
  const identity::ManagedPolicy* managed = snapshot.find_by_arn<identity::ManagedPolicy>(arn);
  // A policy that is gone denies (R-7.2): the member stays, without a document.
  return member_of(managed != nullptr ? managed->default_document().get() : nullptr, arn);
}

void update_boundary(SharedSets& shared,
                     PolicySetRef& set,
                     const Snapshot& snapshot,
                     const std::string& arn) {
  if (arn.empty()) {
    set.reset();
    return;
  }
  std::vector<PolicyMember> members;
  members.push_back(managed_member(snapshot, arn));
  update(shared, set, SetKind::Identity, std::move(members));
}

// What root may do, as a policy, for those who act in its name.
const PolicySetRef& everything() {
  static const PolicySetRef set = policy::PolicySet::make(
      SetKind::Identity,
      {PolicyMember{
          .policy = policy::compile_text(
              R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})"),
          .id = "root",
          .pins = {}}});
  return set;
}

// What an organization lends its administrators of other accounts' root users.
const PolicySetRef& organization_grant() {
  static const PolicySetRef set = policy::PolicySet::make(
      SetKind::Resource,
      {PolicyMember{
          .policy = policy::compile_text(
              R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRoot","Resource":"*"}})"),
          .id = {},
          .pins = {}}});
  return set;
}

void update_session(SharedSets& shared,
                    PolicySetRef& set,
                    const Snapshot& snapshot,
                    const model::Session* session) {
  if (session == nullptr || !session->has_session_policy) {
    set.reset();
    return;
  }
  std::vector<PolicyMember> members;
  if (session->kind == model::SessionKind::AssumedRoot) {
    // Task policies only deny: they take from what root may do (new-in-2026 4).
    members.push_back(everything()->members().front());
  }
  if (!session->policy.empty()) {
    // The inline text never changes within a session: compiled once, then taken from the old set.
    const bool has_old = set && !set->members().empty() && set->members().front().id.empty();
    members.push_back(PolicyMember{
        .policy = has_old ? set->members().front().policy : policy::compile_text(session->policy),
        .id = {},
        .pins = {}});
  }
  for (const std::string& arn : session->policy_arns) {
    members.push_back(managed_member(snapshot, arn));
  }
  update(shared, set, SetKind::Identity, std::move(members));
}

// The layers that GetScopedCredentials laid upon a session. Their texts never change within it.
policy::GuardRailsRef scopes_of(SharedSets& shared,
                                const model::Session* session,
                                const policy::GuardRailsRef& old) {
  if (session == nullptr || session->scope_policies.empty()) {
    return nullptr;
  }
  if (old) {
    return old;
  }
  SharedSets::Levels layers;
  for (const std::string& text : session->scope_policies) {
    layers.push_back({PolicyMember{.policy = policy::compile_text(text), .id = {}, .pins = {}}});
  }
  return shared.get_rails(SetKind::Identity, std::move(layers));
}

SharedSets::Levels levels_of(const std::vector<identity::OrgLevel>& from) {
  SharedSets::Levels levels;
  levels.reserve(from.size());
  for (const identity::OrgLevel& level : from) {
    std::vector<PolicyMember>& members = levels.emplace_back();
    for (const identity::OrgPolicy& policy : level.policies) {
      members.push_back(member_of(policy.document.get(), policy.name));
    }
  }
  return levels;
}

// Rails of the same policies are taken over, so that their index survives unrelated writes.
policy::GuardRailsRef rails_of(SharedSets& shared,
                               SetKind kind,
                               const std::vector<identity::OrgLevel>& from,
                               const policy::GuardRailsRef& old) {
  if (from.empty()) {
    return nullptr;
  }
  SharedSets::Levels levels = levels_of(from);
  return old && is_made_of(*old, levels) ? old : shared.get_rails(kind, std::move(levels));
}

AccountGuardsRef guards_of(SharedSets& shared,
                           const identity::OrgPolicies& org,
                           const AccountGuardsRef& old) {
  auto guards = std::make_shared<AccountGuards>();
  guards->organization_id = org.organization_id;
  guards->path_text = org.path;
  if (!org.path.empty()) {
    guards->path.push_back(guards->path_text);
  }
  if (!org.is_management) {
    guards->scps = rails_of(shared, SetKind::Guard, org.scps, old ? old->scps : nullptr);
    guards->rcps = rails_of(shared, SetKind::ResourceGuard, org.rcps, old ? old->rcps : nullptr);
  }
  return guards;
}

}  // namespace

bool has_resource_controls(std::string_view action) {
  constexpr std::array<std::string_view, 5> kServices = {
      "s3:", "sts:", "kms:", "sqs:", "secretsmanager:"};
  return std::any_of(kServices.begin(), kServices.end(), [action](std::string_view service) {
    return equals_ignore_case(action.substr(0, service.size()), service);
  });
}

const CallerSets& PolicySources::of_caller(const AuthzContext& context) {
  const model::Caller& caller = context.caller;
  // Sessions differ in their session policy, so they are remembered one by one; long-term callers
  // by entity.
  key_.assign(caller.principal_id);
  if (caller.session) {
    key_ += ' ';
    key_ += caller.access_key_id;
  }
  make_room();
  CallerEntry& entry = callers_[key_];
  const std::uint64_t revision = context.snapshot.revision();
  if (entry.revision != revision || revision == 0) {
    refresh(context, entry.sets);
    entry.revision = revision;
  }
  return entry.sets;
}

void PolicySources::refresh(const AuthzContext& context, CallerSets& sets) {
  const model::Caller& caller = context.caller;
  const Snapshot& snapshot = context.snapshot;
  update_session(shared_, sets.session, snapshot, caller.session.get());
  sets.scopes = scopes_of(shared_, caller.session.get(), sets.scopes);
  sets.guards = of_account(snapshot, caller.account);
  if (caller.kind == CallerKind::AssumedRole) {
    if (const identity::Role* role = snapshot.find<identity::Role>(caller.principal_id);
        role != nullptr) {
      std::vector<PolicyMember> members = members_of(snapshot.policies_of(*role));
      if (caller.session && !caller.session->claim("identitystore:UserId").empty()) {
        members.push_back(managed_member(snapshot, std::string(kIdentityContextPolicy)));
      }
      update(shared_, sets.identity, SetKind::Identity, std::move(members));
      update_boundary(shared_, sets.boundary, snapshot, role->boundary);
      return;
    }
  } else if (const identity::User* user = snapshot.find<identity::User>(caller.principal_id);
             user != nullptr) {
    update(shared_, sets.identity, SetKind::Identity, members_of(snapshot.policies_of(*user)));
    update_boundary(shared_, sets.boundary, snapshot, user->boundary);
    return;
  }
  // Root has no policies; its federated users are limited by their session policies alone.
  const bool is_of_root = caller.kind == CallerKind::FederatedUser &&
                          caller.principal_id == caller.account &&
                          snapshot.find<identity::Account>(caller.account) != nullptr;
  sets.identity = is_of_root ? everything() : nullptr;
  sets.boundary.reset();
}

void PolicySources::make_room() {
  if (callers_.size() >= kMaxEntries) {
    callers_.clear();
  }
  if (resources_.size() >= kMaxEntries) {
    resources_.clear();
  }
  if (accounts_.size() >= kMaxEntries) {
    accounts_.clear();
  }
}

AccountGuardsRef PolicySources::of_account(const Snapshot& snapshot, const std::string& account) {
  const identity::OrgPolicies* org = snapshot.find<identity::OrgPolicies>(account);
  if (org == nullptr) {
    return nullptr;
  }
  GuardsEntry& entry = accounts_[account];
  if (entry.revision != snapshot.revision() || snapshot.revision() == 0) {
    entry.guards = guards_of(shared_, *org, entry.guards);
    entry.revision = snapshot.revision();
  }
  return entry.guards;
}

const PolicySetRef& PolicySources::of_resource(const AuthzContext& context, const Check& check) {
  static const PolicySetRef kNone;
  if (check.grant == Grant::ByOrganization) {
    return organization_grant();
  }
  if (check.role != nullptr) {
    key_.assign(check.role->id);
  } else if (check.bucket != nullptr && check.bucket->policy) {
    key_.assign("b ");
    key_ += check.bucket->name;
  } else {
    return kNone;
  }
  ResourceEntry& entry = resources_[key_];
  const std::uint64_t revision = context.snapshot.revision();
  if (entry.revision == revision && revision != 0) {
    return entry.set;
  }
  std::vector<PolicyMember> members;
  if (check.role != nullptr) {
    members.push_back(member_of(check.role->trust_policy.get(), {}));
    members.back().pins = check.role->trust_pins;
  } else {
    members.push_back(member_of(check.bucket->policy.get(), {}));
    members.back().pins = check.bucket->policy_pins;
  }
  update(shared_, entry.set, SetKind::Resource, std::move(members));
  entry.revision = revision;
  return entry.set;
}

}  // namespace signet::authz
