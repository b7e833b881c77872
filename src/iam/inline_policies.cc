#include <algorithm>
#include <numeric>

#include "iam/checks.h"
#include "iam/documents.h"
#include "iam/listing.h"
#include "policy_language/size.h"

namespace signet::iam {

namespace {

using InlinePolicies = std::vector<identity::InlinePolicy>;

// Where a policy of that name is, or where it would go: the list is sorted by name.
template <class List>
auto position_of(List& policies, std::string_view name) {
  return std::lower_bound(
      policies.begin(),
      policies.end(),
      name,
      [](const identity::InlinePolicy& policy, std::string_view key) { return policy.name < key; });
}

const identity::InlinePolicy* find_policy(const InlinePolicies& policies, std::string_view name) {
  const auto at = position_of(policies, name);
  return at != policies.end() && at->name == name ? &*at : nullptr;
}

void put_policy(InlinePolicies& policies, identity::InlinePolicy policy) {
  const auto at = position_of(policies, policy.name);
  if (at != policies.end() && at->name == policy.name) {
    *at = std::move(policy);
  } else {
    policies.insert(at, std::move(policy));
  }
}

// What the quota on the sum of all inline policies counts (aws-wire 4.26).
std::size_t counted_size(const InlinePolicies& policies) {
  return std::accumulate(policies.begin(),
                         policies.end(),
                         std::size_t{0},
                         [](std::size_t sum, const identity::InlinePolicy& policy) {
                           return sum + policy::counted_characters(policy.document->text());
                         });
}

template <Principal Entity>
Status put_inline(api::HandlerContext& context,
                  std::string_view name,
                  const std::string& policy_name,
                  std::string_view text) {
  using Traits = PrincipalTraits<Entity>;
  const Entity* entity =
      TRY(require_modifiable<Entity>(context.snapshot, context.caller.account, name));
  identity::DocumentRef document = TRY(accept_identity_policy(text));
  Entity changed = *entity;
  changed.inline_policies.edit([&](InlinePolicies& policies) {
    put_policy(policies, {.name = policy_name, .document = std::move(document)});
  });
  if (counted_size(changed.inline_policies) > Traits::kInlineMax) {
    return inline_policies_too_large(Traits::kInlineMax, identity::Kind<Entity>::kNoun, name);
  }
  context.transaction->put(std::move(changed));
  return {};
}

template <Principal Entity>
Result<std::string> get_inline(const api::HandlerContext& context,
                               std::string_view name,
                               std::string_view policy_name) {
  const Entity* entity = TRY(require<Entity>(context.snapshot, context.caller.account, name));
  const identity::InlinePolicy* policy = find_policy(entity->inline_policies, policy_name);
  if (policy == nullptr) {
    return inline_policy_not_found(identity::Kind<Entity>::kNoun, policy_name);
  }
  return policy->document->text();
}

template <Principal Entity>
Status delete_inline(api::HandlerContext& context,
                     std::string_view name,
                     std::string_view policy_name) {
  const Entity* entity =
      TRY(require_modifiable<Entity>(context.snapshot, context.caller.account, name));
  if (find_policy(entity->inline_policies, policy_name) == nullptr) {
    return inline_policy_not_found(identity::Kind<Entity>::kNoun, policy_name);
  }
  Entity changed = *entity;
  changed.inline_policies.edit([&policy_name](InlinePolicies& policies) {
    policies.erase(position_of(policies, policy_name));
  });
  context.transaction->put(std::move(changed));
  return {};
}

template <Principal Entity, class Response, class Request>
Result<Response> list_inline(const Request& request,
                             const api::HandlerContext& context,
                             std::string_view name) {
  const Entity* entity = TRY(require<Entity>(context.snapshot, context.caller.account, name));
  const PageQuery query = TRY(page_query(request, context, entity->id));
  PageBuilder<std::string> builder(query);
  for (const identity::InlinePolicy& policy : entity->inline_policies) {
    if (!builder.add(policy.name, policy.name)) {
      break;
    }
  }
  Page<std::string> page = builder.take();
  Response response;
  set_position(response, page);
  response.policy_names = std::move(page.items);
  return response;
}

}  // namespace

// Users

Result<PutUserPolicyResponse> handle(const api::Authorized&,
                                     const PutUserPolicyRequest& request,
                                     api::HandlerContext& context) {
  TRY_STATUS(put_inline<identity::User>(
      context, request.user_name, request.policy_name, request.policy_document));
  return PutUserPolicyResponse{};
}

Result<GetUserPolicyResponse> handle(const api::Authorized&,
                                     const GetUserPolicyRequest& request,
                                     api::HandlerContext& context) {
  std::string document =
      TRY(get_inline<identity::User>(context, request.user_name, request.policy_name));
  return GetUserPolicyResponse{.user_name = request.user_name,
                               .policy_name = request.policy_name,
                               .policy_document = std::move(document)};
}

Result<DeleteUserPolicyResponse> handle(const api::Authorized&,
                                        const DeleteUserPolicyRequest& request,
                                        api::HandlerContext& context) {
  TRY_STATUS(delete_inline<identity::User>(context, request.user_name, request.policy_name));
  return DeleteUserPolicyResponse{};
}

Result<ListUserPoliciesResponse> handle(const api::Authorized&,
                                        const ListUserPoliciesRequest& request,
                                        api::HandlerContext& context) {
  return list_inline<identity::User, ListUserPoliciesResponse>(request, context, request.user_name);
}

// Groups

Result<PutGroupPolicyResponse> handle(const api::Authorized&,
                                      const PutGroupPolicyRequest& request,
                                      api::HandlerContext& context) {
  TRY_STATUS(put_inline<identity::Group>(
      context, request.group_name, request.policy_name, request.policy_document));
  return PutGroupPolicyResponse{};
}

Result<GetGroupPolicyResponse> handle(const api::Authorized&,
                                      const GetGroupPolicyRequest& request,
                                      api::HandlerContext& context) {
  std::string document =
      TRY(get_inline<identity::Group>(context, request.group_name, request.policy_name));
  return GetGroupPolicyResponse{.group_name = request.group_name,
                                .policy_name = request.policy_name,
                                .policy_document = std::move(document)};
}

Result<DeleteGroupPolicyResponse> handle(const api::Authorized&,
                                         const DeleteGroupPolicyRequest& request,
                                         api::HandlerContext& context) {
  TRY_STATUS(delete_inline<identity::Group>(context, request.group_name, request.policy_name));
  return DeleteGroupPolicyResponse{};
}

Result<ListGroupPoliciesResponse> handle(const api::Authorized&,
                                         const ListGroupPoliciesRequest& request,
                                         api::HandlerContext& context) {
  return list_inline<identity::Group, ListGroupPoliciesResponse>(
      request, context, request.group_name);
}

// Roles

Result<PutRolePolicyResponse> handle(const api::Authorized&,
                                     const PutRolePolicyRequest& request,
                                     api::HandlerContext& context) {
  TRY_STATUS(put_inline<identity::Role>(
      context, request.role_name, request.policy_name, request.policy_document));
  return PutRolePolicyResponse{};
}

Result<GetRolePolicyResponse> handle(const api::Authorized&,
                                     const GetRolePolicyRequest& request,
                                     api::HandlerContext& context) {
  std::string document =
      TRY(get_inline<identity::Role>(context, request.role_name, request.policy_name));
  return GetRolePolicyResponse{.role_name = request.role_name,
                               .policy_name = request.policy_name,
                               .policy_document = std::move(document)};
}

Result<DeleteRolePolicyResponse> handle(const api::Authorized&,
                                        const DeleteRolePolicyRequest& request,
                                        api::HandlerContext& context) {
  TRY_STATUS(delete_inline<identity::Role>(context, request.role_name, request.policy_name));
  return DeleteRolePolicyResponse{};
}

Result<ListRolePoliciesResponse> handle(const api::Authorized&,
                                        const ListRolePoliciesRequest& request,
                                        api::HandlerContext& context) {
  return list_inline<identity::Role, ListRolePoliciesResponse>(request, context, request.role_name);
}

}  // namespace signet::iam
