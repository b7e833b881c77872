#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "base/result.h"
#include "crypto/uuid.h"
#include "facts/quotas.h"
#include "facts/rolesanywhere_types.h"
#include "identity/transaction.h"
#include "rolesanywhere/named.h"
#include "rolesanywhere/paging.h"

// What the operations of all kinds have in common.
namespace signet::rolesanywhere {

// `old` with `added` put in; a tag with a key that is there replaces it. ValidationException for a
// reserved key, TooManyTagsException beyond the limit.
[[nodiscard]] Result<std::vector<model::Tag>> put_tags(const std::vector<model::Tag>& old,
                                                       const std::vector<Tag>& added);

// One that begins here and now: with id, times, name and tags.
template <class Entity, class Request>
[[nodiscard]] Result<Entity> begin(const Request& request, const api::HandlerContext& context) {
  if (!is_region(context.request.region)) {
    return region_invalid(context.request.region);
  }
  Entity entity;
  entity.account = context.caller.account;
  entity.id = crypto::uuid_v4(context.deps.random);
  entity.region = context.request.region;
  entity.name = request.name;
  entity.is_enabled = request.enabled.value_or(false);
  entity.created = entity.updated = context.request.now;
  entity.tags = TRY(put_tags({}, request.tags.value_or(std::vector<Tag>())));
  return entity;
}

// ValidationException if one more of a kind would be too many.
template <class Entity>
[[nodiscard]] Status require_room(const api::HandlerContext& context,
                                  std::size_t limit,
                                  std::string_view noun) {
  return count_of<Entity>(context.snapshot, place_of(context)) < limit
             ? Status()
             : Status(too_many(limit, noun));
}

// Gives an entity the alias that a request asks for (absent: as it is; empty: none), and answers
// the one that it lost by that. ValidationException for one that is reserved or taken.
template <class Entity>
[[nodiscard]] Result<std::optional<std::string>> set_alias(Entity& entity,
                                                           const std::optional<std::string>& wanted,
                                                           const api::HandlerContext& context) {
  std::optional<std::string> lost;
  if (!wanted || *wanted == entity.alias) {
    return lost;
  }
  constexpr std::string_view kReserved = "aws/";
  if (equals_ignore_case(std::string_view(*wanted).substr(0, kReserved.size()), kReserved)) {
    return alias_reserved();
  }
  if (!wanted->empty() &&
      find_by_alias<Entity>(context.snapshot, place_of(context), *wanted) != nullptr) {
    return alias_taken(*wanted, Named<Entity>::kType);
  }
  if (!entity.alias.empty()) {
    lost = entity.alias;
  }
  entity.alias = *wanted;
  return lost;
}

// The entity that a request names, for changing: it is updated now.
template <class Entity>
[[nodiscard]] Result<Entity> copy_of(std::string_view identifier,
                                     const api::HandlerContext& context) {
  Entity entity = *TRY(require<Entity>(context.snapshot, place_of(context), identifier));
  entity.updated = context.request.now;
  return entity;
}

// Enable... and Disable...
template <class Entity>
[[nodiscard]] Result<Entity> switched(std::string_view identifier,
                                      bool is_enabled,
                                      const api::HandlerContext& context) {
  Entity entity = TRY(copy_of<Entity>(identifier, context));
  entity.is_enabled = is_enabled;
  context.transaction->put(entity);
  return entity;
}

// As answers tell an alias.
template <class Entity, class Detail>
void tell_alias(const Entity& entity, Detail& detail) {
  if (!entity.alias.empty()) {
    detail.alias_name = entity.alias;
    detail.alias_arn = alias_arn_of(entity);
  }
}

}  // namespace signet::rolesanywhere
