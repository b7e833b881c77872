#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "escalation/limits.h"
#include "escalation/search.h"
#include "escalation/supposed.h"
#include "facts/quotas.h"
#include "identity/stored_document.h"

// Ways to have everything: of oneself, or of another who is given it.
namespace signet::escalation {
namespace {

using identity::Group;
using identity::ManagedPolicy;
using identity::Role;
using identity::User;

template <class Entity>
void write_all(Entity& entity) {
  entity.boundary = std::string();
  entity.inline_policies.edit([](std::vector<identity::InlinePolicy>& policies) {
    policies.push_back(
        {.name = "everything", .document = identity::make_document(std::string(kAllowAll))});
  });
}

}  // namespace

// Its policies allow everything, and nothing but the organization's limits them.
template <class Entity>
bool Search::is_full(const Entity& target) {
  const bool is_limited =
      !target.boundary.empty() && !is_no_limit(snapshot_, std::string_view(target.boundary));
  if (is_limited) {
    return false;
  }
  const auto applied = snapshot_.policies_of(target);
  const auto policy_of = [](const identity::AppliedPolicy& one) {
    return one.document != nullptr ? one.document->policy() : policy::PolicyRef();
  };
  return std::ranges::any_of(applied,
                             [&](const auto& one) { return allows_all(policy_of(one)); }) &&
         std::ranges::none_of(applied,
                              [&](const auto& one) { return denies_something(policy_of(one)); });
}

std::optional<Way> Search::everything() {
  const bool is_all = asker_.user != nullptr ? is_full(*asker_.user) : is_full(*asker_.role);
  if (is_all) {
    return Way{.to = asker_.arn, .calls = {}};
  }
  std::optional<Way> best;
  const auto consider = [&](Calls calls) {
    if (calls && (!best || is_better(*calls, best->calls))) {
      best = Way{.to = asker_.arn, .calls = *std::move(calls)};
    }
  };
  consider(asker_.user != nullptr ? give_everything(*asker_.user) : give_everything(*asker_.role));
  if (!best || kind_of(*best) != Condition::Kind::Always) {
    consider(by_new_user());
  }
  if (!best || kind_of(*best) != Condition::Kind::Always) {
    consider(by_new_role());
  }
  return best;
}

std::vector<Way> Search::strengthens() {
  std::map<std::string, Way> ways;
  std::set<const User*> users;
  std::set<const Role*> roles;
  const auto& roster = tools_.roster;
  for (const std::string_view action : {"iam:PutUserPolicy", "iam:AttachUserPolicy"}) {
    each_within(
        reach(action), roster.users, [&users](const auto& one) { users.insert(one.entity); });
  }
  for (const std::string_view action : {"iam:PutRolePolicy", "iam:AttachRolePolicy"}) {
    each_within(
        reach(action), roster.roles, [&roles](const auto& one) { roles.insert(one.entity); });
  }
  for (const std::string_view action : {"iam:PutGroupPolicy", "iam:AttachGroupPolicy"}) {
    each_within(reach(action), roster.groups, [&](const auto& group) {
      for (const User* member : snapshot_.members_of(*group.entity)) {
        users.insert(member);
      }
    });
  }
  for (const std::string_view action : {"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"}) {
    each_within(reach(action), roster.policies, [&](const auto& policy) {
      for (const identity::PolicyEntity& use :
           snapshot_.entities_for_policy(policy.entity->account, policy.arn)) {
        if (use.role != nullptr && !use.is_boundary) {
          roles.insert(use.role);
        } else if (use.user != nullptr && !use.is_boundary) {
          users.insert(use.user);
        } else if (use.group != nullptr) {
          const auto members = snapshot_.members_of(*use.group);
          users.insert(members.begin(), members.end());
        }
      }
    });
  }
  for (const User* user : users) {
    if (user->account == asker_.account()) {
      add_way(identity::arn_of(*user), give_everything(*user), ways);
    }
  }
  for (const Role* role : roles) {
    if (role->account == asker_.account() && !is_linked(*role)) {
      add_way(identity::arn_of(*role), give_everything(*role), ways);
    }
  }
  std::vector<Way> all;
  for (auto& [to, way] : ways) {
    all.push_back(std::move(way));
  }
  return all;
}

// The boundary goes first, then comes what grants. What the target is denied otherwise must not
// keep it from changing its own policies.
template <class Entity>
Search::Calls Search::give_everything(const Entity& target) {
  const bool is_limited =
      !target.boundary.empty() && !is_no_limit(snapshot_, std::string_view(target.boundary));
  std::vector<Call> calls;
  std::optional<identity::Snapshot> free;
  if (is_limited) {
    auto call = ask(plan_boundary_end(target));
    if (!call) {
      return std::nullopt;
    }
    calls.push_back(*std::move(call));
    free = supposed(snapshot_, target, kWithoutBoundary);
    if (!free) {
      return std::nullopt;
    }
  }
  const identity::Snapshot& state = free ? *free : snapshot_;
  auto granted = grant(*find_again(state, target), state);
  if (!granted) {
    return std::nullopt;
  }
  calls.insert(calls.end(), granted->begin(), granted->end());
  const auto end = supposed(snapshot_, target, [](Entity& entity) { write_all(entity); });
  const auto then =
      end ? asker_named(identity::arn_of(target), *end, tools_.now) : std::optional<Asker>();
  if (!then) {
    return std::nullopt;
  }
  const bool is_free =
      tools_.decider.ask(*end, *then, plan_put(*find_again(*end, target)).check).has_value();
  return is_free ? Calls(std::move(calls)) : std::nullopt;
}

template <class Entity>
Search::Calls Search::grant(const Entity& target, const identity::Snapshot& snapshot) {
  Calls best;
  const auto consider = [&best](Calls calls) {
    if (calls && (!best || is_better(*calls, *best))) {
      best = std::move(calls);
    }
  };
  const auto one = [&](const Planned& planned) {
    auto call = ask(planned, snapshot);
    return call ? Calls({*std::move(call)}) : std::nullopt;
  };
  const auto is_settled = [&best] {
    return best && best->size() == 1 && best->front().condition.kind == Condition::Kind::Always;
  };
  consider(one(plan_put(target)));
  if (!is_settled()) {
    consider(one(plan_attach(target)));
  }
  if (!is_settled()) {
    consider(grant_by_versions(target, snapshot));
  }
  if constexpr (std::is_same_v<Entity, User>) {
    if (!is_settled()) {
      consider(grant_by_groups(target, snapshot));
    }
  }
  return best;
}

// By what a group of the user is given, or by a group that has everything.
Search::Calls Search::grant_by_groups(const User& user, const identity::Snapshot& snapshot) {
  Calls best;
  const auto consider = [&](const Planned& planned) {
    auto call = ask(planned, snapshot);
    if (call && (!best || is_better({*call}, *best))) {
      best = {*std::move(call)};
    }
  };
  for (const Group* group : snapshot.groups_of(user)) {
    consider(plan_put(*group));
    consider(plan_attach(*group));
  }
  each_within(reach("iam:AddUserToGroup"), tools_.roster.groups, [&](const auto& listed) {
    const Group& group = *listed.entity;
    const auto gives_all = [](const identity::StoredDocument* document) {
      return document != nullptr && allows_all(document->policy());
    };
    const bool is_full =
        std::ranges::any_of(*group.inline_policies,
                            [&](const auto& one) { return gives_all(one.document.get()); }) ||
        std::ranges::any_of(*group.attached_policies, [&](const std::string& arn) {
          return gives_all(default_document_of(snapshot, arn));
        });
    if (is_full && group.account == asker_.account()) {
      consider(plan_on(
          group, "iam:AddUserToGroup", concat("iam add-user-to-group", named(group), named(user))));
    }
  });
  return best;
}

// By another version of a policy that the target, or a group of it, has.
template <class Entity>
Search::Calls Search::grant_by_versions(const Entity& target, const identity::Snapshot& snapshot) {
  Calls best;
  const auto consider = [&](Calls calls) {
    if (calls && (!best || is_better(*calls, *best))) {
      best = std::move(calls);
    }
  };
  for (const identity::AppliedPolicy& applied : snapshot.policies_of(target)) {
    const auto* policy = snapshot.find_by_arn<ManagedPolicy>(applied.id);
    if (policy == nullptr || policy->account != target.account) {
      continue;
    }
    std::vector<Planned> planned;
    if (policy->versions.size() >= facts::kVersionsPerPolicy) {
      const auto unused = std::ranges::find_if(policy->versions, [policy](const auto& version) {
        return version.number != policy->default_version;
      });
      planned.push_back(plan_on(*policy,
                                "iam:DeletePolicyVersion",
                                concat("iam delete-policy-version",
                                       named(*policy),
                                       " --version-id v",
                                       std::to_string(unused->number))));
    }
    planned.push_back(plan_on(*policy,
                              "iam:CreatePolicyVersion",
                              concat("iam create-policy-version",
                                     named(*policy),
                                     " --set-as-default --policy-document ",
                                     shell_quoted(kAllowAll))));
    consider(ask_all(planned));
    for (const identity::PolicyVersion& version : policy->versions) {
      if (version.document != nullptr && allows_all(version.document->policy())) {
        consider(ask_all({plan_on(*policy,
                                  "iam:SetDefaultPolicyVersion",
                                  concat("iam set-default-policy-version",
                                         named(*policy),
                                         " --version-id v",
                                         std::to_string(version.number)))}));
      }
    }
  }
  return best;
}

// ARNs of users or roles that there are not, and that policies of the asker may let it make.
std::vector<std::string> Search::free_names(std::string_view action, std::string_view kind) {
  const std::string root = concat("arn:aws:iam::", asker_.account(), ":", kind, "/");
  std::set<std::string> names;
  for (const Reach::Part& part : reach(action).parts) {
    std::string arn = part.text;
    if (!part.is_whole) {
      arn = arn.starts_with(root) ? concat(arn, "escalation") : concat(root, "escalation");
    }
    if (arn.starts_with(root) && arn.size() > root.size() && !arn.ends_with('/')) {
      names.insert(std::move(arn));
    }
  }
  return {names.begin(), names.end()};
}

Search::Calls Search::by_new_user() {
  for (const std::string& arn : free_names("iam:CreateUser", "user")) {
    if (snapshot_.find_by_arn<User>(arn) != nullptr) {
      continue;
    }
    User fresh;
    fresh.account = asker_.account();
    const std::size_t path = arn.find('/');
    fresh.path = arn.substr(path, arn.rfind('/') + 1 - path);
    fresh.name = arn.substr(arn.rfind('/') + 1);
    const Planned create = plan_on(
        fresh, "iam:CreateUser", concat("iam create-user", named(fresh), " --path ", fresh.path));
    const Planned key =
        plan_on(fresh, "iam:CreateAccessKey", concat("iam create-access-key", named(fresh)));
    for (const Planned& grant : {plan_put(fresh), plan_attach(fresh)}) {
      if (auto calls = ask_all({create, grant, key})) {
        return calls;
      }
    }
  }
  return std::nullopt;
}

Search::Calls Search::by_new_role() {
  for (const std::string& arn : free_names("iam:CreateRole", "role")) {
    if (snapshot_.find_by_arn<Role>(arn) != nullptr) {
      continue;
    }
    const std::string trust = trust_in(asker_.arn);
    Role fresh;
    fresh.account = asker_.account();
    fresh.id = std::string("AROAESCALATION0000001");
    const std::size_t path = arn.find('/');
    fresh.path = arn.substr(path, arn.rfind('/') + 1 - path);
    fresh.name = arn.substr(arn.rfind('/') + 1);
    fresh.trust_policy = identity::make_document(trust);
    fresh.trust_pins = std::vector<identity::PrincipalPin>{
        {.arn = asker_.arn, .id = asker_.callers.front().principal_id}};
    const auto next = supposed(snapshot_, fresh, [](Role&) {});
    const Planned create = plan_on(fresh,
                                   "iam:CreateRole",
                                   concat("iam create-role",
                                          named(fresh),
                                          " --path ",
                                          std::string(fresh.path),
                                          " --assume-role-policy-document ",
                                          shell_quoted(trust)));
    if (!next) {
      continue;
    }
    auto assume = ask(plan_assume(*find_again(*next, fresh)), *next);
    for (const Planned& grant : {plan_put(fresh), plan_attach(fresh)}) {
      auto calls = assume ? ask_all({create, grant}) : std::nullopt;
      if (calls) {
        calls->push_back(*std::move(assume));
        return calls;
      }
    }
  }
  return std::nullopt;
}

}  // namespace signet::escalation
