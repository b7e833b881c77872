#include <functional>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "escalation/limits.h"
#include "escalation/search.h"
#include "escalation/supposed.h"
#include "identity/stored_document.h"

// What limits a principal and can be taken away by it: its boundary, policies of its own that deny,
// groups that have such.
namespace signet::escalation {
namespace {

using identity::Group;
using identity::Role;
using identity::Snapshot;
using identity::User;

template <class Entity>
struct Limit {
  Planned end;
  std::function<void(Entity&)> remove;
};

// What goes: policies that deny and grant nothing, or (is_dear) those that grant as well.
bool goes(const identity::StoredDocument* document, bool is_dear) {
  const policy::PolicyRef policy = document != nullptr ? document->policy() : policy::PolicyRef();
  return policy != nullptr && denies_something(policy) && (is_dear || !allows_something(policy));
}

bool goes(const Group& group, const Snapshot& snapshot, bool is_dear) {
  bool denies = false;
  bool allows = false;
  const auto read = [&](const identity::StoredDocument* document) {
    const policy::PolicyRef policy = document != nullptr ? document->policy() : policy::PolicyRef();
    denies = denies || denies_something(policy);
    allows = allows || allows_something(policy);
  };
  for (const identity::InlinePolicy& one : *group.inline_policies) {
    read(one.document.get());
  }
  for (const std::string& arn : *group.attached_policies) {
    read(default_document_of(snapshot, arn));
  }
  return denies && (is_dear || !allows);
}

template <class Entity>
std::vector<Limit<Entity>> limits_of(const Entity& entity, const Snapshot& snapshot, bool is_dear) {
  constexpr bool kIsUser = std::is_same_v<Entity, User>;
  std::vector<Limit<Entity>> limits;
  if (!entity.boundary.empty() && !is_no_limit(snapshot, std::string_view(entity.boundary))) {
    limits.push_back({.end = plan_boundary_end(entity), .remove = kWithoutBoundary});
  }
  for (const identity::InlinePolicy& one : *entity.inline_policies) {
    if (goes(one.document.get(), is_dear)) {
      limits.push_back(
          {.end = plan_change_of(entity,
                                 kIsUser ? "iam:DeleteUserPolicy" : "iam:DeleteRolePolicy",
                                 concat("iam delete-",
                                        kIsUser ? "user" : "role",
                                        "-policy",
                                        named(entity),
                                        concat(" --policy-name ", shell_quoted(one.name)))),
           .remove = [name = one.name](Entity& changed) {
             changed.inline_policies.edit([&name](std::vector<identity::InlinePolicy>& all) {
               std::erase_if(all, [&name](const auto& other) { return other.name == name; });
             });
           }});
    }
  }
  for (const std::string& arn : *entity.attached_policies) {
    if (goes(default_document_of(snapshot, arn), is_dear)) {
      Planned end = plan_change_of(entity,
                                   kIsUser ? "iam:DetachUserPolicy" : "iam:DetachRolePolicy",
                                   concat("iam detach-",
                                          kIsUser ? "user" : "role",
                                          "-policy",
                                          named(entity),
                                          concat(" --policy-arn ", arn)));
      end.check.context.push_back({.key = "iam:PolicyARN", .values = {arn}});
      limits.push_back({.end = std::move(end), .remove = [arn](Entity& changed) {
                          changed.attached_policies.edit(
                              [&arn](std::vector<std::string>& all) { std::erase(all, arn); });
                        }});
    }
  }
  if constexpr (kIsUser) {
    for (const Group* group : snapshot.groups_of(entity)) {
      if (goes(*group, snapshot, is_dear)) {
        limits.push_back(
            {.end = plan_on(*group,
                            "iam:RemoveUserFromGroup",
                            concat("iam remove-user-from-group", named(*group), named(entity))),
             .remove = [id = group->id](User& changed) {
               std::erase(changed.group_ids, id);
             }});
      }
    }
  }
  return limits;
}

}  // namespace

// As much as can be taken away one after the other, or one thing alone.
template <class Entity>
std::optional<Search::Freed> Search::free_from(const Entity& entity, const Freeing& how) {
  Freed freed{.calls = {}, .snapshot = snapshot_};
  std::size_t number = 0;
  bool goes_on = true;
  while (goes_on) {
    goes_on = false;
    const Entity* now = find_again(freed.snapshot, entity);
    const auto asker = asker_named(asker_.arn, freed.snapshot, tools_.now);
    if (now == nullptr || !asker) {
      return std::nullopt;
    }
    for (const Limit<Entity>& limit : limits_of(*now, freed.snapshot, how.gives_up_grants)) {
      const bool is_asked = !how.only || *how.only == number++;
      if (!is_asked || !reaches(limit.end.check.action, limit.end.check.resource)) {
        continue;
      }
      auto call = ask(limit.end, freed.snapshot, *asker);
      auto next = call ? supposed(freed.snapshot, *now, limit.remove) : std::nullopt;
      if (next) {
        freed.calls.push_back(*std::move(call));
        freed.snapshot = *std::move(next);
        goes_on = !how.only;
        break;
      }
    }
  }
  return freed.calls.empty() ? std::nullopt : std::optional(std::move(freed));
}

template <class Entity>
std::vector<Search::Freed> Search::free_all_ways(const Entity& entity) {
  std::vector<Freed> all;
  const std::size_t count = limits_of(entity, snapshot_, true).size();
  for (std::size_t i = 0; i < count; ++i) {
    if (auto freed = free_from(entity, {.gives_up_grants = true, .only = i})) {
      all.push_back(*std::move(freed));
    }
  }
  if (all.empty() || count == 1) {
    return all;
  }
  for (const bool gives_up_grants : {false, true}) {
    auto freed = free_from(entity, {.gives_up_grants = gives_up_grants, .only = std::nullopt});
    if (freed && freed->calls.size() > 1) {
      all.push_back(*std::move(freed));
    }
  }
  return all;
}

std::vector<Search::Freed> Search::freed() {
  if (asker_.user != nullptr) {
    return free_all_ways(*asker_.user);
  }
  return is_linked(*asker_.role) ? std::vector<Freed>() : free_all_ways(*asker_.role);
}

}  // namespace signet::escalation
