#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "facts/errors.h"
#include "organizations/handlers.h"
#include "organizations/listing.h"
#include "organizations/tree.h"
#include "organizations/views.h"

namespace signet::organizations {
namespace {

// What IAM is called where services have access to an organization.
constexpr std::string_view kIam = "iam.amazonaws.com";

std::string list_of(std::string_view operation, const Tree& tree, std::string_view of = {}) {
  return concat(operation, "/", tree.id(), "/", of);
}

// What `show` makes of the nodes of a kind under a parent; no parent: of all.
template <class Item, class Show>
std::vector<Item> nodes_of(const Tree& tree,
                           NodeKind kind,
                           std::string_view parent,
                           const Show& show) {
  std::vector<Item> items;
  for (const auto& [id, node] : tree.nodes()) {
    if (node.kind == kind && (parent.empty() || node.parent == parent)) {
      items.push_back(show(node));
    }
  }
  return items;
}

std::string_view type_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::Root:
      return "ROOT";
    case NodeKind::Unit:
      return "ORGANIZATIONAL_UNIT";
    case NodeKind::Account:
      break;
  }
  return "ACCOUNT";
}

std::string name_of(const Node& node) {
  return node.kind == NodeKind::Root      ? "Root"
         : node.kind == NodeKind::Account ? node.account->name
                                          : node.id;
}

}  // namespace

Result<ListAccountsResponse> handle(const api::Authorized&,
                                    const ListAccountsRequest& request,
                                    api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  auto accounts = nodes_of<Account>(
      tree, NodeKind::Account, {}, [&](const Node& node) { return account_view(tree, node); });
  return page_of(
      std::move(accounts), &ListAccountsResponse::accounts, list_of("ListAccounts", tree), request);
}

Result<ListAccountsForParentResponse> handle(const api::Authorized&,
                                             const ListAccountsForParentRequest& request,
                                             api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const Node* parent = TRY(require(tree, request.parent_id, ErrorCode::ParentNotFound));
  auto accounts = nodes_of<Account>(tree, NodeKind::Account, parent->id, [&](const Node& node) {
    return account_view(tree, node);
  });
  return page_of(std::move(accounts),
                 &ListAccountsForParentResponse::accounts,
                 list_of("ListAccountsForParent", tree, parent->id),
                 request);
}

Result<ListOrganizationalUnitsForParentResponse> handle(
    const api::Authorized&,
    const ListOrganizationalUnitsForParentRequest& request,
    api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const Node* parent = TRY(require(tree, request.parent_id, ErrorCode::ParentNotFound));
  auto units = nodes_of<OrganizationalUnit>(
      tree, NodeKind::Unit, parent->id, [&](const Node& node) { return unit_view(tree, node); });
  return page_of(std::move(units),
                 &ListOrganizationalUnitsForParentResponse::organizational_units,
                 list_of("ListOrganizationalUnitsForParent", tree, parent->id),
                 request);
}

Result<ListChildrenResponse> handle(const api::Authorized&,
                                    const ListChildrenRequest& request,
                                    api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const Node* parent = TRY(require(tree, request.parent_id, ErrorCode::ParentNotFound));
  const NodeKind kind = request.child_type == "ACCOUNT" ? NodeKind::Account : NodeKind::Unit;
  auto children = nodes_of<Child>(tree, kind, parent->id, [](const Node& node) {
    return Child{.id = node.id, .type = std::string(type_of(node.kind))};
  });
  return page_of(std::move(children),
                 &ListChildrenResponse::children,
                 list_of("ListChildren", tree, concat(parent->id, "/", request.child_type)),
                 request);
}

Result<ListParentsResponse> handle(const api::Authorized&,
                                   const ListParentsRequest& request,
                                   api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const Node* child = TRY(require(tree, request.child_id, ErrorCode::ChildNotFound));
  std::vector<Parent> parents;
  if (const Node* parent = tree.find(child->parent)) {
    parents.push_back({.id = parent->id, .type = std::string(type_of(parent->kind))});
  }
  return page_of(std::move(parents),
                 &ListParentsResponse::parents,
                 list_of("ListParents", tree, child->id),
                 request);
}

Result<ListRootsResponse> handle(const api::Authorized&,
                                 const ListRootsRequest& request,
                                 api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  auto roots = nodes_of<Root>(tree, NodeKind::Root, {}, [&](const Node& node) {
    return Root{.id = node.id,
                .arn = tree.arn_of(node),
                .name = "Root",
                .policy_types = policy_types(tree)};
  });
  return page_of(std::move(roots), &ListRootsResponse::roots, list_of("ListRoots", tree), request);
}

Result<ListPoliciesResponse> handle(const api::Authorized&,
                                    const ListPoliciesRequest& request,
                                    api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  std::vector<PolicySummary> policies;
  for (const auto& [id, policy] : tree.policies()) {
    if (policy.type == request.filter) {
      policies.push_back(policy_view(policy));
    }
  }
  return page_of(std::move(policies),
                 &ListPoliciesResponse::policies,
                 list_of("ListPolicies", tree, request.filter),
                 request);
}

Result<ListPoliciesForTargetResponse> handle(const api::Authorized&,
                                             const ListPoliciesForTargetRequest& request,
                                             api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const Node* target = TRY(require(tree, request.target_id, ErrorCode::TargetNotFound));
  std::vector<PolicySummary> policies;
  for (const auto& [id, policy] : tree.policies()) {
    if (policy.type == request.filter &&
        std::ranges::find(policy.targets, target->id) != policy.targets.end()) {
      policies.push_back(policy_view(policy));
    }
  }
  return page_of(std::move(policies),
                 &ListPoliciesForTargetResponse::policies,
                 list_of("ListPoliciesForTarget", tree, concat(target->id, "/", request.filter)),
                 request);
}

Result<ListTargetsForPolicyResponse> handle(const api::Authorized&,
                                            const ListTargetsForPolicyRequest& request,
                                            api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const PolicyNode* policy = TRY(require_policy(tree, request.policy_id));
  std::vector<PolicyTargetSummary> targets;
  for (const std::string& id : policy->targets) {
    const Node& node = *tree.find(id);
    targets.push_back({.target_id = id,
                       .arn = tree.arn_of(node),
                       .name = name_of(node),
                       .type = std::string(type_of(node.kind))});
  }
  return page_of(std::move(targets),
                 &ListTargetsForPolicyResponse::targets,
                 list_of("ListTargetsForPolicy", tree, policy->id),
                 request);
}

// Parts of an organization have no tags here.
Result<ListTagsForResourceResponse> handle(const api::Authorized&,
                                           const ListTagsForResourceRequest& request,
                                           api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  if (tree.find_policy(request.resource_id) == nullptr) {
    TRY(require(tree, request.resource_id, ErrorCode::TargetNotFound));
  }
  return page_of(std::vector<Tag>(),
                 &ListTagsForResourceResponse::tags,
                 list_of("ListTagsForResource", tree, request.resource_id),
                 request);
}

Result<ListAWSServiceAccessForOrganizationResponse> handle(
    const api::Authorized&,
    const ListAWSServiceAccessForOrganizationRequest& request,
    api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  std::vector<EnabledServicePrincipal> services;
  if (tree.management()->has_iam_access) {
    services.push_back({.service_principal = std::string(kIam), .date_enabled = {}});
  }
  return page_of(std::move(services),
                 &ListAWSServiceAccessForOrganizationResponse::enabled_service_principals,
                 list_of("ListAWSServiceAccessForOrganization", tree),
                 request);
}

Result<ListDelegatedAdministratorsResponse> handle(
    const api::Authorized&,
    const ListDelegatedAdministratorsRequest& request,
    api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  std::vector<DelegatedAdministrator> administrators;
  const Node* delegate = tree.find(tree.management()->delegated_administrator);
  if (delegate != nullptr && request.service_principal.value_or(std::string(kIam)) == kIam) {
    const Account account = account_view(tree, *delegate);
    administrators.push_back({.id = account.id,
                              .arn = account.arn,
                              .email = account.email,
                              .name = account.name,
                              .status = account.status,
                              .state = account.state,
                              .joined_method = {},
                              .joined_timestamp = {},
                              .delegation_enabled_date = {}});
  }
  return page_of(
      std::move(administrators),
      &ListDelegatedAdministratorsResponse::delegated_administrators,
      list_of("ListDelegatedAdministrators", tree, request.service_principal.value_or("")),
      request);
}

Result<ListDelegatedServicesForAccountResponse> handle(
    const api::Authorized&,
    const ListDelegatedServicesForAccountRequest& request,
    api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const Node* account = TRY(require(tree, request.account_id, ErrorCode::AccountNotFound));
  std::vector<DelegatedService> services;
  if (account->id == tree.management()->delegated_administrator) {
    services.push_back({.service_principal = std::string(kIam), .delegation_enabled_date = {}});
  }
  return page_of(std::move(services),
                 &ListDelegatedServicesForAccountResponse::delegated_services,
                 list_of("ListDelegatedServicesForAccount", tree, account->id),
                 request);
}

}  // namespace signet::organizations
