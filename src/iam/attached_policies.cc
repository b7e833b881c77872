#include <algorithm>

#include "base/strings.h"
#include "iam/checks.h"
#include "iam/listing.h"

namespace signet::iam {

namespace {

// Path of the policies of service-linked roles: nothing else may have them.
constexpr std::string_view kServiceRolePath = "/aws-service-role/";

template <Principal Entity>
Status attach(api::HandlerContext& context, std::string_view name, const std::string& arn) {
  using Traits = PrincipalTraits<Entity>;
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const Entity* entity = TRY(require_modifiable<Entity>(snapshot, account, name));
  const identity::ManagedPolicy* policy = find_usable_policy(snapshot, account, arn);
  if (policy == nullptr) {
    return policy_not_attachable(arn);
  }
  if (!policy->is_attachable || policy->path.starts_with(kServiceRolePath)) {
    return service_role_policy();
  }
  const auto at = std::ranges::lower_bound(entity->attached_policies, arn);
  if (at != entity->attached_policies.end() && *at == arn) {
    return {};
  }
  TRY_STATUS(
      require_room(snapshot, account, Traits::kAttachedQuota, entity->attached_policies.size()));
  Entity changed = *entity;
  changed.attached_policies.edit([&arn](std::vector<std::string>& arns) {
    arns.insert(std::ranges::lower_bound(arns, arn), arn);
  });
  context.transaction->put(std::move(changed));
  return {};
}

template <Principal Entity>
Status detach(api::HandlerContext& context, std::string_view name, const std::string& arn) {
  const Entity* entity =
      TRY(require_modifiable<Entity>(context.snapshot, context.caller.account, name));
  Entity changed = *entity;
  const auto erased = changed.attached_policies.edit(
      [&arn](std::vector<std::string>& arns) { return std::erase(arns, arn); });
  if (erased == 0) {
    return policy_not_found(arn);
  }
  context.transaction->put(std::move(changed));
  return {};
}

template <Principal Entity, class Response, class Request>
Result<Response> list_attached(const Request& request,
                               const api::HandlerContext& context,
                               std::string_view name) {
  const Entity* entity = TRY(require<Entity>(context.snapshot, context.caller.account, name));
  const PageQuery query = TRY(page_query(request, context, entity->id));
  const std::string prefix = request.path_prefix.value_or("/");
  std::vector<AttachedPolicy> shown;
  for (const std::string& arn : entity->attached_policies) {
    PolicyLabel label = label_of(context.snapshot, arn);
    if (label.path.starts_with(prefix)) {
      shown.push_back({.policy_name = std::move(label.name), .policy_arn = arn});
    }
  }
  Page<AttachedPolicy> page = page_of(std::move(shown), query, [](const AttachedPolicy& policy) {
    // Names are unique in an account; an ARN could be too long for a marker.
    return concat(
        identity::fold_name(*policy.policy_name), "/", account_of_arn(*policy.policy_arn));
  });
  Response response;
  set_position(response, page);
  response.attached_policies = std::move(page.items);
  return response;
}

}  // namespace

// Users

Result<AttachUserPolicyResponse> handle(const api::Authorized&,
                                        const AttachUserPolicyRequest& request,
                                        api::HandlerContext& context) {
  TRY_STATUS(attach<identity::User>(context, request.user_name, request.policy_arn));
  return AttachUserPolicyResponse{};
}

Result<DetachUserPolicyResponse> handle(const api::Authorized&,
                                        const DetachUserPolicyRequest& request,
                                        api::HandlerContext& context) {
  TRY_STATUS(detach<identity::User>(context, request.user_name, request.policy_arn));
  return DetachUserPolicyResponse{};
}

Result<ListAttachedUserPoliciesResponse> handle(const api::Authorized&,
                                                const ListAttachedUserPoliciesRequest& request,
                                                api::HandlerContext& context) {
  return list_attached<identity::User, ListAttachedUserPoliciesResponse>(
      request, context, request.user_name);
}

// Groups

Result<AttachGroupPolicyResponse> handle(const api::Authorized&,
                                         const AttachGroupPolicyRequest& request,
                                         api::HandlerContext& context) {
  TRY_STATUS(attach<identity::Group>(context, request.group_name, request.policy_arn));
  return AttachGroupPolicyResponse{};
}

Result<DetachGroupPolicyResponse> handle(const api::Authorized&,
                                         const DetachGroupPolicyRequest& request,
                                         api::HandlerContext& context) {
  TRY_STATUS(detach<identity::Group>(context, request.group_name, request.policy_arn));
  return DetachGroupPolicyResponse{};
}

Result<ListAttachedGroupPoliciesResponse> handle(const api::Authorized&,
                                                 const ListAttachedGroupPoliciesRequest& request,
                                                 api::HandlerContext& context) {
  return list_attached<identity::Group, ListAttachedGroupPoliciesResponse>(
      request, context, request.group_name);
}

// Roles

Result<AttachRolePolicyResponse> handle(const api::Authorized&,
                                        const AttachRolePolicyRequest& request,
                                        api::HandlerContext& context) {
  TRY_STATUS(attach<identity::Role>(context, request.role_name, request.policy_arn));
  return AttachRolePolicyResponse{};
}

Result<DetachRolePolicyResponse> handle(const api::Authorized&,
                                        const DetachRolePolicyRequest& request,
                                        api::HandlerContext& context) {
  TRY_STATUS(detach<identity::Role>(context, request.role_name, request.policy_arn));
  return DetachRolePolicyResponse{};
}

Result<ListAttachedRolePoliciesResponse> handle(const api::Authorized&,
                                                const ListAttachedRolePoliciesRequest& request,
                                                api::HandlerContext& context) {
  return list_attached<identity::Role, ListAttachedRolePoliciesResponse>(
      request, context, request.role_name);
}

}  // namespace signet::iam
