#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facts/errors.h"
#include "organizations/handlers.h"
#include "organizations/tree.h"
#include "organizations/views.h"

// What the organization and its parts are.
namespace signet::organizations {

// The only one that any account of the organization may ask for.
Result<DescribeOrganizationResponse> handle(const api::Authorized&,
                                            const DescribeOrganizationRequest&,
                                            api::HandlerContext& context) {
  const Tree tree = TRY(Tree::of(context.snapshot, context.caller.account));
  const identity::OrgPolicies* management = tree.management();
  Organization organization{.id = tree.id(),
                            .arn = {},
                            .feature_set = management != nullptr && management->is_billing_only
                                               ? "CONSOLIDATED_BILLING"
                                               : "ALL",
                            .master_account_arn = {},
                            .master_account_id = {},
                            .master_account_email = {},
                            .available_policy_types = policy_types(tree)};
  if (management != nullptr) {
    organization.arn = tree.arn();
    organization.master_account_id = management->account;
    organization.master_account_arn = tree.arn("account", management->account);
    organization.master_account_email = tree.management_account()->email;
  }
  return DescribeOrganizationResponse{.organization = std::move(organization)};
}

Result<DescribeAccountResponse> handle(const api::Authorized&,
                                       const DescribeAccountRequest& request,
                                       api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const Node* node = TRY(require(tree, request.account_id, ErrorCode::AccountNotFound));
  return DescribeAccountResponse{.account = account_view(tree, *node)};
}

Result<DescribeOrganizationalUnitResponse> handle(const api::Authorized&,
                                                  const DescribeOrganizationalUnitRequest& request,
                                                  api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const Node* node =
      TRY(require(tree, request.organizational_unit_id, ErrorCode::OrganizationalUnitNotFound));
  return DescribeOrganizationalUnitResponse{.organizational_unit = unit_view(tree, *node)};
}

Result<DescribePolicyResponse> handle(const api::Authorized&,
                                      const DescribePolicyRequest& request,
                                      api::HandlerContext& context) {
  const Tree tree = TRY(administered(context.snapshot, context.caller.account));
  const PolicyNode* policy = TRY(require_policy(tree, request.policy_id));
  return DescribePolicyResponse{.policy = Policy{.policy_summary = policy_view(*policy),
                                                 .content = policy->policy->document->text()}};
}

// There is none: nothing here keeps one.
Result<DescribeResourcePolicyResponse> handle(const api::Authorized&,
                                              const DescribeResourcePolicyRequest&,
                                              api::HandlerContext& context) {
  TRY(administered(context.snapshot, context.caller.account));
  return std::unexpected(facts::make_error(ErrorCode::ResourcePolicyNotFound));
}

}  // namespace signet::organizations
