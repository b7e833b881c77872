#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "authz/check.h"
#include "base/strings.h"
#include "identity/snapshot.h"

// The calls that ways are made of: what each asks permission for, as the service itself asks it,
// and how the AWS CLI makes it.

namespace signet::escalation {

inline constexpr std::string_view kAdministratorAccess =
    "arn:aws:iam::aws:policy/AdministratorAccess";
// A document that allows everything.
inline constexpr std::string_view kAllowAll =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

struct Planned {
  authz::Check check;  // borrows the tags of what it is about
  std::string command;
};

// `command` without "aws".
[[nodiscard]] Planned plan(std::string_view action, std::string resource, std::string command);

// On a user, role, group or policy.
template <class Entity>
[[nodiscard]] Planned plan_on(const Entity& entity, std::string_view action, std::string command) {
  Planned planned = plan(action, identity::arn_of(entity), std::move(command));
  planned.check.resource_account = entity.account;
  if constexpr (requires { entity.tags; }) {
    planned.check.resource_tags = &*entity.tags;
  }
  return planned;
}

// The same of a call that changes what a user or role may do: its boundary is told.
template <class Entity>
[[nodiscard]] Planned plan_change_of(const Entity& entity,
                                     std::string_view action,
                                     std::string command) {
  Planned planned = plan_on(entity, action, std::move(command));
  if constexpr (requires { entity.boundary; }) {
    if (!entity.boundary.empty()) {
      planned.check.context.push_back(
          {.key = "iam:PermissionsBoundary", .values = {std::string(entity.boundary)}});
    }
  }
  return planned;
}

// "--user-name ann" and the like.
template <class Entity>
[[nodiscard]] std::string named(const Entity& entity) {
  if constexpr (std::is_same_v<Entity, identity::ManagedPolicy>) {
    return " --policy-arn " + identity::arn_of(entity);
  } else {
    return " --" + std::string(identity::Kind<Entity>::kArn) + "-name " + std::string(entity.name);
  }
}

// Attaching AdministratorAccess, or writing an inline policy, to a user, role or group.
[[nodiscard]] Planned plan_attach(const identity::User& user);
[[nodiscard]] Planned plan_attach(const identity::Role& role);
[[nodiscard]] Planned plan_attach(const identity::Group& group);
[[nodiscard]] Planned plan_put(const identity::User& user);
[[nodiscard]] Planned plan_put(const identity::Role& role);
[[nodiscard]] Planned plan_put(const identity::Group& group);

[[nodiscard]] Planned plan_assume(const identity::Role& role);

// The entity's boundary is deleted.
template <class Entity>
[[nodiscard]] Planned plan_boundary_end(const Entity& entity) {
  const bool is_user = std::is_same_v<Entity, identity::User>;
  return plan_change_of(
      entity,
      is_user ? "iam:DeleteUserPermissionsBoundary" : "iam:DeleteRolePermissionsBoundary",
      concat("iam delete-", is_user ? "user" : "role", "-permissions-boundary", named(entity)));
}

// A trust policy by which that principal may assume a role.
[[nodiscard]] std::string trust_in(std::string_view arn);

// Nobody changes it but the service that it is of.
[[nodiscard]] bool is_linked(const identity::Role& role);

}  // namespace signet::escalation
