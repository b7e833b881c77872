#include <algorithm>
#include <utility>

#include "iam/checks.h"
#include "iam/listing.h"
#include "iam/names.h"
#include "model/arn.h"
#include "policy_language/size.h"

namespace signet::iam {

// Alias

Result<CreateAccountAliasResponse> handle(const api::Authorized&,
                                          const CreateAccountAliasRequest& request,
                                          api::HandlerContext& context) {
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  // A sign-in address names an account by id or by alias: the two must not be confused.
  if (model::is_account_id(request.account_alias)) {
    return alias_is_account_id();
  }
  const identity::Account* holder = context.snapshot.find_account_by_alias(request.account_alias);
  if (holder != nullptr && holder->id != account->id) {
    return alias_exists(request.account_alias);
  }
  identity::Account changed = *account;
  changed.alias = request.account_alias;
  context.transaction->put(std::move(changed));
  return CreateAccountAliasResponse{};
}

Result<ListAccountAliasesResponse> handle(const api::Authorized&,
                                          const ListAccountAliasesRequest& request,
                                          api::HandlerContext& context) {
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  const PageQuery query = TRY(page_query(request, context));
  PageBuilder<std::string> builder(query);
  if (!account->alias.empty()) {
    builder.add(account->alias, account->alias);
  }
  Page<std::string> page = builder.take();
  ListAccountAliasesResponse response;
  set_position(response, page);
  response.account_aliases = std::move(page.items);
  return response;
}

Result<DeleteAccountAliasResponse> handle(const api::Authorized&,
                                          const DeleteAccountAliasRequest& request,
                                          api::HandlerContext& context) {
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  if (account->alias != request.account_alias) {
    return alias_not_found(request.account_alias);
  }
  identity::Account changed = *account;
  changed.alias.clear();
  context.transaction->put(std::move(changed));
  return DeleteAccountAliasResponse{};
}

// GetAccountSummary

namespace {

using Summary = std::vector<std::pair<std::string, std::int64_t>>;

// What the account has.
void add_counts(Summary& summary,
                const identity::Account& account,
                const identity::Snapshot& snapshot) {
  const auto add = [&](std::string_view key, std::size_t value) {
    summary.emplace_back(key, static_cast<std::int64_t>(value));
  };
  add("AccountAccessKeysPresent", snapshot.access_keys_of(account.id, account.id).empty() ? 0 : 1);
  add("AccountMFAEnabled", snapshot.mfa_devices_of(account.id, account.id).empty() ? 0 : 1);
  add("AccountPasswordPresent", account.root_login ? 1 : 0);
  add("GlobalEndpointTokenVersion", account.global_endpoint_token_version);
  add("Groups", snapshot.table<identity::Group>(account.id).size());
  add("InstanceProfiles", snapshot.table<identity::InstanceProfile>(account.id).size());
  add("MFADevices", snapshot.table<identity::MfaDevice>(account.id).size());
  add("MFADevicesInUse", snapshot.index<identity::DevicesOfOwner>(account.id).size());
  add("Policies", snapshot.table<identity::ManagedPolicy>(account.id).size());
  add("PolicyVersionsInUse", snapshot.parts<identity::ManagedPolicy>(account.id));
  add("Providers",
      snapshot.table<identity::OidcProvider>(account.id).size() +
          snapshot.table<identity::SamlProvider>(account.id).size());
  add("Roles", snapshot.table<identity::Role>(account.id).size());
  add("ServerCertificates", snapshot.table<identity::ServerCertificate>(account.id).size());
  add("Users", snapshot.table<identity::User>(account.id).size());
  add("AccountSigningCertificatesPresent",
      snapshot.signing_certificates_of(account.id, account.id).empty() ? 0 : 1);
}

// What it may have. The numbers without a Quota are AWS's defaults (aws-wire 4.20).
void add_quotas(Summary& summary, std::string_view account, const identity::Snapshot& snapshot) {
  const auto add = [&](std::string_view key, Quota quota) {
    summary.emplace_back(key, static_cast<std::int64_t>(limit_of(snapshot, account, quota)));
  };
  const auto add_fixed = [&](std::string_view key, std::size_t value) {
    summary.emplace_back(key, static_cast<std::int64_t>(value));
  };
  add("AccessKeysPerUserQuota", Quota::AccessKeysPerUser);
  add("AttachedPoliciesPerGroupQuota", Quota::PoliciesPerGroup);
  add("AttachedPoliciesPerRoleQuota", Quota::PoliciesPerRole);
  add("AttachedPoliciesPerUserQuota", Quota::PoliciesPerUser);
  add("GroupsPerUserQuota", Quota::GroupsPerUser);
  add("GroupsQuota", Quota::GroupsPerAccount);
  add("InstanceProfilesQuota", Quota::InstanceProfilesPerAccount);
  add("PoliciesQuota", Quota::PoliciesPerAccount);
  add("RolesQuota", Quota::RolesPerAccount);
  add("ServerCertificatesQuota", Quota::ServerCertificatesPerAccount);
  add("SigningCertificatesPerUserQuota", Quota::CertificatesPerUser);
  add("UsersQuota", Quota::UsersPerAccount);
  add("VersionsPerPolicyQuota", Quota::VersionsPerPolicy);
  add("AssumeRolePolicySizeQuota", Quota::ACLSizePerRole);
  add("PolicyVersionsInUseQuota", Quota::PolicyVersionsInUse);
  add_fixed("GroupPolicySizeQuota", policy::kGroupInlineMax);
  add_fixed("PolicySizeQuota", policy::kManagedPolicyMax);
  add_fixed("RolePolicySizeQuota", policy::kRoleInlineMax);
  add_fixed("UserPolicySizeQuota", policy::kUserInlineMax);
}

}  // namespace

Result<GetAccountSummaryResponse> handle(const api::Authorized&,
                                         const GetAccountSummaryRequest&,
                                         api::HandlerContext& context) {
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  Summary summary;
  add_counts(summary, *account, context.snapshot);
  add_quotas(summary, account->id, context.snapshot);
  std::ranges::sort(summary);
  return GetAccountSummaryResponse{.summary_map = std::move(summary)};
}

// SetSecurityTokenServicePreferences

Result<SetSecurityTokenServicePreferencesResponse> handle(
    const api::Authorized&,
    const SetSecurityTokenServicePreferencesRequest& request,
    api::HandlerContext& context) {
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  identity::Account changed = *account;
  changed.global_endpoint_token_version =
      request.global_endpoint_token_version == "v2Token" ? 2 : 1;
  context.transaction->put(std::move(changed));
  return SetSecurityTokenServicePreferencesResponse{};
}

}  // namespace signet::iam
