#include "escalation/planned.h"

#include <utility>

#include "base/strings.h"

namespace signet::escalation {
namespace {

template <class Entity>
Planned attach(const Entity& entity, std::string_view action, std::string_view verb) {
  Planned planned = plan_change_of(
      entity, action, concat("iam ", verb, named(entity), " --policy-arn ", kAdministratorAccess));
  planned.check.context.push_back(
      {.key = "iam:PolicyARN", .values = {std::string(kAdministratorAccess)}});
  return planned;
}

template <class Entity>
Planned put(const Entity& entity, std::string_view action, std::string_view verb) {
  return plan_change_of(entity,
                        action,
                        concat("iam ",
                               verb,
                               named(entity),
                               " --policy-name all --policy-document ",
                               shell_quoted(kAllowAll)));
}

}  // namespace

Planned plan(std::string_view action, std::string resource, std::string command) {
  Planned planned{.check = {}, .command = {}};
  planned.check.action = action;
  planned.check.wildcard_only = resource == "*";
  planned.check.resource = std::move(resource);
  planned.command = command.empty() ? std::string() : concat("aws ", command);
  return planned;
}

Planned plan_attach(const identity::User& user) {
  return attach(user, "iam:AttachUserPolicy", "attach-user-policy");
}

Planned plan_attach(const identity::Role& role) {
  return attach(role, "iam:AttachRolePolicy", "attach-role-policy");
}

Planned plan_attach(const identity::Group& group) {
  return attach(group, "iam:AttachGroupPolicy", "attach-group-policy");
}

Planned plan_put(const identity::User& user) {
  return put(user, "iam:PutUserPolicy", "put-user-policy");
}

Planned plan_put(const identity::Role& role) {
  return put(role, "iam:PutRolePolicy", "put-role-policy");
}

Planned plan_put(const identity::Group& group) {
  return put(group, "iam:PutGroupPolicy", "put-group-policy");
}

Planned plan_assume(const identity::Role& role) {
  const std::string arn = identity::arn_of(role);
  Planned planned =
      plan_on(role,
              "sts:AssumeRole",
              concat("sts assume-role --role-arn ", arn, " --role-session-name escalation"));
  planned.check.role = &role;
  return planned;
}

std::string trust_in(std::string_view arn) {
  return concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")",
                arn,
                R"("},"Action":"sts:AssumeRole"}]})");
}

bool is_linked(const identity::Role& role) {
  return std::string_view(role.path).starts_with("/aws-service-role/");
}

}  // namespace signet::escalation
