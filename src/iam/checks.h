#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.h"
#include "base/strings.h"
#include "iam/handlers.h"
#include "iam/names.h"
#include "iam/principals.h"
#include "model/arn.h"

namespace signet::iam {

// Builders of the decisions that IAM calls need, called by the checks() that are made from the
// facts (fact_checks.cc) and by those that people write: action, resource ARN, how AccessDenied
// names the resource (aws-wire 2.4), and the context keys of policy-semantics 5.2. An entity that
// does not exist is checked by the ARN it would have at the root path, so that refusals tell
// nothing.

// The IAM action of a request, for instance "iam:GetUser".
template <class Request>
[[nodiscard]] std::string action_of(const Request&) {
  return concat("iam:", facts::operation_row(kOperationOf<Request>).name);
}

[[nodiscard]] inline api::CheckList one_check(api::Check check) {
  api::CheckList list;  // a braced list would copy it
  list.push_back(std::move(check));
  return list;
}

// Adds a context key with one value.
void add_key(api::Check& check, std::string_view key, std::string_view value);

// On an entity that is named.
template <class Entity>
[[nodiscard]] api::Check entity_check(std::string_view action,
                                      const api::CheckContext& context,
                                      std::string_view name) {
  using By = Named<Entity>;
  const std::string& account = context.caller.account;
  const Entity* entity = By::find(context.snapshot, account, name);
  api::Check check;
  check.action = action;
  check.resource = By::resource(entity, account, name);
  check.resource_account = By::resource_account(name);
  check.wording.resource = By::shown(name);
  if (check.wording.resource.empty()) {
    check.wording.resource = check.resource;
  }
  if constexpr (requires { entity->tags; }) {
    check.resource_tags = entity != nullptr ? &*entity->tags : nullptr;
  }
  return check;
}

// The same for a call that changes what the entity may do: iam:PermissionsBoundary is there when
// the entity has a boundary.
template <Principal Entity>
[[nodiscard]] api::Check permission_check(std::string_view action,
                                          const api::CheckContext& context,
                                          std::string_view name) {
  api::Check check = entity_check<Entity>(action, context, name);
  if constexpr (requires(const Entity& v) { v.boundary; }) {
    const Entity* entity = Named<Entity>::find(context.snapshot, context.caller.account, name);
    if (entity != nullptr && !entity->boundary.empty()) {
      add_key(check, "iam:PermissionsBoundary", entity->boundary);
    }
  }
  return check;
}

// On an entity that gets another path or name: the permission is needed at both ends (aws-wire
// 4.4), and what is not changed there is as the entity has it, however the request spells it.
template <class Entity>
[[nodiscard]] api::CheckList moving_checks(std::string_view action,
                                           const api::CheckContext& context,
                                           const std::string& name,
                                           const std::optional<std::string>& new_path,
                                           const std::optional<std::string>& new_name) {
  const std::string& account = context.caller.account;
  api::CheckList list = one_check(entity_check<Entity>(action, context, name));
  if (!new_path && !new_name) {
    return list;
  }
  const Entity* entity = Named<Entity>::find(context.snapshot, account, name);
  const std::string path = new_path.value_or(entity != nullptr ? entity->path : "/");
  api::Check target = list.front();
  target.resource = model::iam_arn(account,
                                   identity::Kind<Entity>::kArn,
                                   path,
                                   new_name.value_or(entity != nullptr ? entity->name : name));
  target.wording.resource = target.resource;
  list.push_back(std::move(target));
  return list;
}

// On the user that a call with an optional UserName is about, or on root.
[[nodiscard]] api::Check subject_check(std::string_view action,
                                       const api::CheckContext& context,
                                       const Subject& subject);

// On an entity that is about to be made; `shown` as AccessDenied names it.
[[nodiscard]] api::Check creation_check(std::string_view action,
                                        std::string arn,
                                        std::string shown);

// On the list of a kind of entity: arn:aws:iam::ACCT:user/ and the path prefix.
[[nodiscard]] api::Check listing_check(std::string_view action,
                                       const api::CheckContext& context,
                                       std::string_view kind,
                                       const std::optional<std::string>& path_prefix);

// On the account as a whole: the action knows no resource types.
[[nodiscard]] api::Check account_check(std::string_view action, std::string shown = "*");

// The tags that a request passes for an existing entity.
void pass_tags(api::Check& check, const std::vector<Tag>& tags);

// The keys that an untag request names: aws:TagKeys.
void pass_tag_keys(api::Check& check, const std::vector<std::string>& keys);

// For a creation: tags go into its check, and need the permission to tag as well.
[[nodiscard]] api::CheckList with_creation_tags(api::Check check,
                                                std::string_view tagging,
                                                const std::vector<Tag>& tags);

}  // namespace signet::iam
