#include "authz/policy_sources.h"

#include <algorithm>
#include <utility>
#include <vector>

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

PolicyMember member_of(const identity::Document* document, std::string id) {
  return PolicyMember{.policy = document != nullptr ? document->policy() : policy::PolicyRef(),
                      .id = std::move(id),
                      .pins = {}};
}

bool is_same(const policy::PolicySet& set, const std::vector<PolicyMember>& members) {
  const auto& old = set.members();
  return std::equal(
      old.begin(), old.end(), members.begin(), members.end(), [](const auto& a, const auto& b) {
        const auto same_pin = [](const policy::PrincipalPin& x, const policy::PrincipalPin& y) {
          return x.arn == y.arn && x.id == y.id;
        };
        return a.policy == b.policy && a.id == b.id &&
               std::equal(a.pins.begin(), a.pins.end(), b.pins.begin(), b.pins.end(), same_pin);
      });
}

// Keeps the set if it is made of the same policies, so that its index survives unrelated writes.
void update(PolicySetRef& set, SetKind kind, std::vector<PolicyMember> members) {
  if (!set || !is_same(*set, members)) {
    set = policy::PolicySet::make(kind, std::move(members));
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
  const identity::ManagedPolicy* managed = snapshot.find_policy(arn);
  // A policy that is gone denies (R-7.2): the member stays, without a document.
  return member_of(managed != nullptr ? managed->default_document().get() : nullptr, arn);
}

void update_boundary(PolicySetRef& set, const Snapshot& snapshot, const std::string& arn) {
  if (arn.empty()) {
    set.reset();
    return;
  }
  std::vector<PolicyMember> members;
  members.push_back(managed_member(snapshot, arn));
  update(set, SetKind::Identity, std::move(members));
}

void update_session(PolicySetRef& set, const Snapshot& snapshot, const model::Session* session) {
  if (session == nullptr || !session->has_session_policy) {
    set.reset();
    return;
  }
  std::vector<PolicyMember> members;
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
  update(set, SetKind::Identity, std::move(members));
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

}  // namespace

const PolicySources::CallerSets& PolicySources::of_caller(const AuthzContext& context) {
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
  update_session(sets.session, snapshot, caller.session.get());
  if (caller.kind == CallerKind::AssumedRole) {
    if (const identity::Role* role = snapshot.find_role_by_id(caller.principal_id);
        role != nullptr) {
      update(sets.identity, SetKind::Identity, members_of(snapshot.policies_of(*role)));
      update_boundary(sets.boundary, snapshot, role->boundary);
      return;
    }
  } else if (const identity::User* user = snapshot.find_user_by_id(caller.principal_id);
             user != nullptr) {
    update(sets.identity, SetKind::Identity, members_of(snapshot.policies_of(*user)));
    update_boundary(sets.boundary, snapshot, user->boundary);
    return;
  }
  // Root has no policies; its federated users are limited by their session policies alone.
  const bool is_of_root = caller.kind == CallerKind::FederatedUser &&
                          caller.principal_id == caller.account &&
                          snapshot.find_account(caller.account) != nullptr;
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
}

PolicySetRef PolicySources::of_resource(const AuthzContext& context, const Check& check) {
  if (check.role != nullptr) {
    key_.assign(check.role->id);
  } else if (check.bucket != nullptr && check.bucket->policy) {
    key_.assign("b ");
    key_ += check.bucket->name;
  } else {
    return nullptr;
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
  update(entry.set, SetKind::Resource, std::move(members));
  entry.revision = revision;
  return entry.set;
}

}  // namespace signet::authz
