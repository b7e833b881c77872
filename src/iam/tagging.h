#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "api/operation.h"
#include "base/result.h"
#include "iam/listing.h"
#include "iam/named.h"
#include "iam/quotas.h"
#include "iam/tags.h"
#include "identity/transaction.h"

namespace signet::iam {

// Tag, Untag and List tags mean the same for every kind that has tags (aws-wire 4.2); the
// operations differ in how they name the entity, which Named<Entity> knows.

// The tags that a new entity gets.
template <class Entity>
[[nodiscard]] Result<TagList> first_tags(const std::vector<Tag>& tags,
                                         const identity::Snapshot& snapshot,
                                         std::string_view account) {
  return put_tags(
      {}, tags, Named<Entity>::kTagKeys, limit_of(snapshot, account, Quota::TagsPerEntity));
}

template <class Response, class Entity, class Request>
[[nodiscard]] Result<Response> tag(const Request& request, api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const Entity* entity =
      TRY(require_taggable<Entity>(context.snapshot, account, Named<Entity>::name_in(request)));
  const std::size_t limit = limit_of(context.snapshot, account, Quota::TagsPerEntity);
  Entity changed = *entity;
  changed.tags = TRY(put_tags(entity->tags, request.tags, Named<Entity>::kTagKeys, limit));
  context.transaction->put(std::move(changed));
  return Response{};
}

template <class Response, class Entity, class Request>
[[nodiscard]] Result<Response> untag(const Request& request, api::HandlerContext& context) {
  const Entity* entity = TRY(require_taggable<Entity>(
      context.snapshot, context.caller.account, Named<Entity>::name_in(request)));
  Entity changed = *entity;
  changed.tags = remove_tags(entity->tags, request.tag_keys, Named<Entity>::kTagKeys);
  context.transaction->put(std::move(changed));
  return Response{};
}

template <class Response, class Entity, class Request>
[[nodiscard]] Result<Response> list_tags(const Request& request, api::HandlerContext& context) {
  const Entity* entity = TRY(
      require<Entity>(context.snapshot, context.caller.account, Named<Entity>::name_in(request)));
  std::string of;
  if constexpr (requires { entity->id; }) {
    of = entity->id;
  } else {
    of = identity::arn_of(*entity);
  }
  const PageQuery query = TRY(page_query(request, context, of));
  Page<Tag> page = page_of_tags(entity->tags, query);
  Response response;
  set_position(response, page);
  response.tags = std::move(page.items);
  return response;
}

}  // namespace signet::iam
