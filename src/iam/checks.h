#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.h"
#include "iam/handlers.h"
#include "iam/names.h"
#include "iam/principals.h"
#include "model/arn.h"

namespace signet::iam {

// Builders of the decisions that IAM calls need: action, resource ARN, how AccessDenied names the
// resource (aws-wire 2.4), and the context keys of policy-semantics 5.2. An entity that does not
// exist is checked by the ARN it would have at the root path, so that refusals tell nothing.

// The IAM action of an operation, for instance "iam:GetUser".
[[nodiscard]] std::string action_of(facts::Operation operation);

template <class Request>
[[nodiscard]] std::string action_of(const Request&) {
  return action_of(kOperationOf<Request>);
}

// On a user, group or role that is named.
template <Principal Entity, class Request>
[[nodiscard]] api::Check entity_check(const Request& request,
                                      const api::CheckContext& context,
                                      std::string_view name) {
  using Traits = PrincipalTraits<Entity>;
  const std::string& account = context.caller.account;
  const Entity* entity = Traits::find(context.snapshot, account, name);
  api::Check check;
  check.action = action_of(request);
  check.resource = entity != nullptr ? identity::arn_of(*entity)
                                     : model::iam_arn(account, Traits::kKind, "/", name);
  check.shown = std::string(Traits::kKind).append(" ").append(name);
  check.resource_tags = entity != nullptr ? Traits::tags(*entity) : nullptr;
  return check;
}

// The same for a call that changes what the entity may do: iam:PermissionsBoundary is there when
// the entity has a boundary.
template <Principal Entity, class Request>
[[nodiscard]] api::Check permission_check(const Request& request,
                                          const api::CheckContext& context,
                                          std::string_view name) {
  using Traits = PrincipalTraits<Entity>;
  api::Check check = entity_check<Entity>(request, context, name);
  const Entity* entity = Traits::find(context.snapshot, context.caller.account, name);
  if (entity != nullptr && !Traits::boundary(*entity).empty()) {
    check.context.push_back({.key = "iam:PermissionsBoundary",
                             .values = {std::string(Traits::boundary(*entity))},
                             .is_list = false});
  }
  return check;
}

// On the user that a call with an optional UserName is about, or on root.
[[nodiscard]] api::Check subject_check(facts::Operation operation,
                                       const api::CheckContext& context,
                                       const Subject& subject);

// On a managed policy by its ARN.
[[nodiscard]] api::Check policy_check(facts::Operation operation,
                                      const api::CheckContext& context,
                                      std::string_view arn);

// On an entity that is about to be made; `shown` as AccessDenied names it.
[[nodiscard]] api::Check creation_check(facts::Operation operation,
                                        std::string arn,
                                        std::string shown);

// On the list of a kind of entity: arn:aws:iam::ACCT:user/ and the path prefix.
[[nodiscard]] api::Check listing_check(facts::Operation operation,
                                       const api::CheckContext& context,
                                       std::string_view kind,
                                       const std::optional<std::string>& path_prefix);

// On the account as a whole: the action knows no resource types.
[[nodiscard]] api::Check account_check(facts::Operation operation, std::string shown = "*");

// Adds a context key with one value.
void add_key(api::Check& check, std::string_view key, std::string_view value);

// The tags that a request passes for an existing entity.
void pass_tags(api::Check& check, const std::vector<Tag>& tags);

// The keys that an untag request names: aws:TagKeys.
void pass_tag_keys(api::Check& check, const std::vector<std::string>& keys);

// For a creation: tags go into its check, and need the permission to tag as well.
[[nodiscard]] api::CheckList with_creation_tags(api::Check check,
                                                facts::Operation tagging,
                                                const std::vector<Tag>& tags);

}  // namespace signet::iam
