#include "api/checks.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "organizations/handlers.h"
#include "organizations/tree.h"

// checks() of the operations that name a part of the organization. One that is not there is asked
// for as "*", so that only a policy for everything allows it and refusals tell nothing.
namespace signet::organizations {
namespace {

using api::one_check;

// An organization is its accounts' own: whoever may speak for it is none of another account, though
// ARNs name the management account.
api::Check check_on(std::string_view action,
                    const std::string& arn,
                    const api::CheckContext& context) {
  return {.action = std::string(action),
          .resource = arn,
          .wording = {.resource = arn},
          .resource_account = context.caller.account};
}

void add_policy_type(api::CheckList& list, const std::string& type) {
  list.front().context.push_back(
      {.key = "organizations:PolicyType", .values = {type}, .is_list = false});
}

// What is said of a policy, besides its ARN: its type where the action knows that key.
enum class Policies : std::uint8_t { ByArn, ByType };

// A root, unit, account or policy by its id.
api::CheckList named_check(std::string_view action,
                           std::string_view id,
                           const api::CheckContext& context,
                           Policies policies = Policies::ByArn) {
  const auto tree = Tree::of(context.snapshot, context.caller.account);
  const Node* node = tree ? tree->find(id) : nullptr;
  const PolicyNode* policy = tree ? tree->find_policy(id) : nullptr;
  const std::string arn = node != nullptr     ? tree->arn_of(*node)
                          : policy != nullptr ? policy->arn
                                              : std::string("*");
  api::CheckList list = one_check(check_on(action, arn, context));
  if (policy != nullptr && policies == Policies::ByType) {
    add_policy_type(list, std::string(policy->type));
  }
  return list;
}

}  // namespace

Result<api::CheckList> checks(const DescribeAccountRequest& request,
                              const api::CheckContext& context) {
  return named_check("organizations:DescribeAccount", request.account_id, context);
}

Result<api::CheckList> checks(const DescribeOrganizationalUnitRequest& request,
                              const api::CheckContext& context) {
  return named_check(
      "organizations:DescribeOrganizationalUnit", request.organizational_unit_id, context);
}

Result<api::CheckList> checks(const DescribePolicyRequest& request,
                              const api::CheckContext& context) {
  return named_check("organizations:DescribePolicy", request.policy_id, context, Policies::ByType);
}

Result<api::CheckList> checks(const ListTargetsForPolicyRequest& request,
                              const api::CheckContext& context) {
  return named_check(
      "organizations:ListTargetsForPolicy", request.policy_id, context, Policies::ByType);
}

Result<api::CheckList> checks(const ListAccountsForParentRequest& request,
                              const api::CheckContext& context) {
  return named_check("organizations:ListAccountsForParent", request.parent_id, context);
}

Result<api::CheckList> checks(const ListChildrenRequest& request,
                              const api::CheckContext& context) {
  return named_check("organizations:ListChildren", request.parent_id, context);
}

Result<api::CheckList> checks(const ListOrganizationalUnitsForParentRequest& request,
                              const api::CheckContext& context) {
  return named_check("organizations:ListOrganizationalUnitsForParent", request.parent_id, context);
}

Result<api::CheckList> checks(const ListParentsRequest& request, const api::CheckContext& context) {
  return named_check("organizations:ListParents", request.child_id, context);
}

Result<api::CheckList> checks(const ListPoliciesForTargetRequest& request,
                              const api::CheckContext& context) {
  api::CheckList list =
      named_check("organizations:ListPoliciesForTarget", request.target_id, context);
  add_policy_type(list, request.filter);
  return list;
}

Result<api::CheckList> checks(const ListTagsForResourceRequest& request,
                              const api::CheckContext& context) {
  return named_check(
      "organizations:ListTagsForResource", request.resource_id, context, Policies::ByType);
}

Result<api::CheckList> checks(const ListDelegatedServicesForAccountRequest& request,
                              const api::CheckContext& context) {
  return named_check("organizations:ListDelegatedServicesForAccount", request.account_id, context);
}

Result<api::CheckList> checks(const ListPoliciesRequest& request,
                              const api::CheckContext& /*context*/) {
  api::CheckList list = one_check(api::account_check("organizations:ListPolicies"));
  add_policy_type(list, request.filter);
  return list;
}

Result<api::CheckList> checks(const ListDelegatedAdministratorsRequest& request,
                              const api::CheckContext& /*context*/) {
  api::CheckList list = one_check(api::account_check("organizations:ListDelegatedAdministrators"));
  if (request.service_principal) {
    list.front().context.push_back({.key = "organizations:ServicePrincipal",
                                    .values = {*request.service_principal},
                                    .is_list = false});
  }
  return list;
}

}  // namespace signet::organizations
