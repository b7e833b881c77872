#include <algorithm>

#include "base/strings.h"
#include "facts/quotas.h"
#include "rolesanywhere/checks.h"
#include "rolesanywhere/common.h"

namespace signet::rolesanywhere {
namespace {

template <class Request>
api::Check resource_check(std::string_view action,
                          const Request& request,
                          const api::CheckContext& context) {
  const std::string& arn = request.resource_arn;
  const Place place = place_of(context);
  api::Check check{.action = std::string(action), .resource = arn, .wording = {.resource = arn}};
  const auto look = [&]<class Entity>() {
    if (const Entity* entity = find_by_arn<Entity>(context.snapshot, place, arn)) {
      check.resource_tags = &entity->tags;
    }
  };
  look.template operator()<identity::TrustAnchor>();
  look.template operator()<identity::AnywhereProfile>();
  look.template operator()<identity::RevocationList>();
  look.template operator()<identity::AnywhereSubject>();
  return check;
}

// Calls `use` with the entity of that ARN; ResourceNotFoundException if there is none.
template <class Use>
Status with_resource(std::string_view arn, const api::HandlerContext& context, const Use& use) {
  const Place place = place_of(context);
  const identity::Snapshot& snapshot = context.snapshot;
  if (const auto* anchor = find_by_arn<identity::TrustAnchor>(snapshot, place, arn)) {
    return use(*anchor);
  }
  if (const auto* profile = find_by_arn<identity::AnywhereProfile>(snapshot, place, arn)) {
    return use(*profile);
  }
  if (const auto* list = find_by_arn<identity::RevocationList>(snapshot, place, arn)) {
    return use(*list);
  }
  if (const auto* subject = find_by_arn<identity::AnywhereSubject>(snapshot, place, arn)) {
    return use(*subject);
  }
  return entity_not_found("Resource");
}

}  // namespace

Result<std::vector<model::Tag>> put_tags(const std::vector<model::Tag>& old,
                                         const std::vector<Tag>& added) {
  std::vector<model::Tag> tags = old;
  for (const Tag& tag : added) {
    constexpr std::string_view kReserved = "aws:";
    if (equals_ignore_case(std::string_view(tag.key).substr(0, kReserved.size()), kReserved)) {
      return tag_reserved();
    }
    const auto found = std::ranges::find(tags, tag.key, &model::Tag::key);
    if (found != tags.end()) {
      found->value = tag.value;
    } else {
      tags.push_back({.key = tag.key, .value = tag.value});
    }
  }
  if (tags.size() > facts::kTagsPerAnywhereResource) {
    return tag_limit(facts::kTagsPerAnywhereResource);
  }
  return tags;
}

Result<api::CheckList> checks(const TagResourceRequest& request, const api::CheckContext& context) {
  api::Check check = resource_check("rolesanywhere:TagResource", request, context);
  pass_tags(check, request.tags);
  return one_check(std::move(check));
}

Result<api::CheckList> checks(const UntagResourceRequest& request,
                              const api::CheckContext& context) {
  api::Check check = resource_check("rolesanywhere:UntagResource", request, context);
  check.context.push_back({.key = "aws:TagKeys", .values = request.tag_keys, .is_list = true});
  return one_check(std::move(check));
}

Result<TagResourceResponse> handle(const api::Authorized&,
                                   const TagResourceRequest& request,
                                   api::HandlerContext& context) {
  const auto tag = [&](const auto& entity) -> Status {
    auto changed = entity;
    changed.tags = TRY(put_tags(entity.tags, request.tags));
    context.transaction->put(std::move(changed));
    return {};
  };
  TRY_STATUS(with_resource(request.resource_arn, context, tag));
  return TagResourceResponse{};
}

Result<UntagResourceResponse> handle(const api::Authorized&,
                                     const UntagResourceRequest& request,
                                     api::HandlerContext& context) {
  TRY_STATUS(with_resource(request.resource_arn, context, [&](const auto& entity) -> Status {
    auto changed = entity;
    std::erase_if(changed.tags, [&request](const model::Tag& tag) {
      return std::ranges::find(request.tag_keys, tag.key) != request.tag_keys.end();
    });
    context.transaction->put(std::move(changed));
    return {};
  }));
  return UntagResourceResponse{};
}

Result<ListTagsForResourceResponse> handle(const api::Authorized&,
                                           const ListTagsForResourceRequest& request,
                                           api::HandlerContext& context) {
  ListTagsForResourceResponse response;
  TRY_STATUS(with_resource(request.resource_arn, context, [&](const auto& entity) -> Status {
    response.tags.emplace();
    for (const model::Tag& tag : entity.tags) {
      response.tags->push_back({.key = tag.key, .value = tag.value});
    }
    return {};
  }));
  return response;
}

}  // namespace signet::rolesanywhere
