#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/checks.h"
#include "api/operation.h"
#include "base/strings.h"
#include "facts/rolesanywhere_types.h"
#include "rolesanywhere/handlers.h"
#include "rolesanywhere/named.h"

namespace signet::rolesanywhere {

// Builders of the decisions that Roles Anywhere's calls need, called by the checks() that are made
// from the facts (fact_checks.cc) and by those that people write.

using api::account_check;
using api::one_check;

// On an entity, which may not be there: then on the ARN that it would have, so that refusals tell
// nothing. An alias is none of AWS's names in policies: the entity's own ARN counts.
template <class Entity>
[[nodiscard]] api::Check entity_check(std::string_view action,
                                      const api::CheckContext& context,
                                      std::string_view identifier) {
  const Place place = place_of(context);
  const Entity* entity = find<Entity>(context.snapshot, place, identifier);
  api::Check check;
  check.action = action;
  if (entity != nullptr) {
    check.resource = arn_of(*entity);
    check.resource_tags = &entity->tags;
  } else {
    check.resource = identifier.starts_with("arn:")
                         ? std::string(identifier)
                         : arn_at(place, Named<Entity>::kType, identifier);
  }
  check.wording.resource = check.resource;
  return check;
}

// The tags that a request passes: aws:RequestTag/... and aws:TagKeys.
void pass_tags(api::Check& check, const std::optional<std::vector<Tag>>& tags);

// For the roles of a profile: iam:PassRole to this service.
void add_pass_role_checks(const std::vector<std::string>& role_arns,
                          const api::CheckContext& context,
                          api::CheckList& list);

}  // namespace signet::rolesanywhere
