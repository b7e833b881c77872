#include <algorithm>
#include <string>
#include <utility>

#include "iam/checks.h"
#include "identity/organizations.h"

// What an organization may do with the root users of its member accounts (new-in-2026 4). Its state
// is the management account's.
namespace signet::iam {

namespace {

using identity::OrgPolicies;

// The management account's side of the caller's organization, if the caller speaks for it.
Result<const OrgPolicies*> require_administered(const api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const OrgPolicies* management = identity::management_of(context.snapshot, account);
  if (management == nullptr) {
    return organization_not_found(account);
  }
  if (management->is_billing_only) {
    return organization_without_all_features(account);
  }
  if (!management->has_iam_access) {
    return organization_without_iam_access(account);
  }
  if (!identity::administers(*management, account)) {
    return account_administers_no_organization(account);
  }
  return management;
}

template <class Response>
Response show(const OrgPolicies& management) {
  return Response{.organization_id = management.organization_id,
                  .enabled_features = management.root_features};
}

// Only the management account turns a feature on: what an organization lends of its members' root
// users is not for a delegate to widen.
template <class Response>
Result<Response> enable(std::string_view feature, api::HandlerContext& context) {
  const OrgPolicies* management = TRY(require_administered(context));
  if (management->account != context.caller.account) {
    return caller_is_not_management_account(context.caller.account);
  }
  OrgPolicies changed = *management;
  if (!identity::has_root_feature(changed, feature)) {
    changed.root_features.emplace_back(feature);
    std::ranges::sort(changed.root_features);
  }
  Response response = show<Response>(changed);
  context.transaction->put(std::move(changed));
  return response;
}

template <class Response>
Result<Response> disable(std::string_view feature, api::HandlerContext& context) {
  const OrgPolicies* management = TRY(require_administered(context));
  OrgPolicies changed = *management;
  std::erase(changed.root_features, feature);
  Response response = show<Response>(changed);
  context.transaction->put(std::move(changed));
  return response;
}

}  // namespace

Result<EnableOrganizationsRootSessionsResponse> handle(
    const api::Authorized&,
    const EnableOrganizationsRootSessionsRequest&,
    api::HandlerContext& context) {
  return enable<EnableOrganizationsRootSessionsResponse>(identity::kRootSessions, context);
}

Result<DisableOrganizationsRootSessionsResponse> handle(
    const api::Authorized&,
    const DisableOrganizationsRootSessionsRequest&,
    api::HandlerContext& context) {
  return disable<DisableOrganizationsRootSessionsResponse>(identity::kRootSessions, context);
}

Result<EnableOrganizationsRootCredentialsManagementResponse> handle(
    const api::Authorized&,
    const EnableOrganizationsRootCredentialsManagementRequest&,
    api::HandlerContext& context) {
  return enable<EnableOrganizationsRootCredentialsManagementResponse>(
      identity::kRootCredentialsManagement, context);
}

Result<DisableOrganizationsRootCredentialsManagementResponse> handle(
    const api::Authorized&,
    const DisableOrganizationsRootCredentialsManagementRequest&,
    api::HandlerContext& context) {
  return disable<DisableOrganizationsRootCredentialsManagementResponse>(
      identity::kRootCredentialsManagement, context);
}

Result<ListOrganizationsFeaturesResponse> handle(const api::Authorized&,
                                                 const ListOrganizationsFeaturesRequest&,
                                                 api::HandlerContext& context) {
  return show<ListOrganizationsFeaturesResponse>(*TRY(require_administered(context)));
}

}  // namespace signet::iam
