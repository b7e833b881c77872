#include "iam/quotas.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

using Attempt = std::function<std::string(IamFixture&)>;

// What one more of each kind is asked for with.
template <class Request>
Attempt asking(Request request) {
  return [request](IamFixture& world) {
    return outcome(world.call(request));
  };
}

std::string arn(std::string_view policy) {
  return concat("arn:aws:iam::", IamFixture::kAccount, ":policy/", policy);
}

std::map<std::string_view, Attempt> attempts() {
  const std::string trust(kTrustEc2);
  const std::string all(kAllowAll);
  const std::string url = "https://idp.example.com";
  CreateOpenIDConnectProviderRequest provider{.url = url};
  provider.client_id_list = {"client"};
  return {
      {"ACLSizePerRole",
       asking(UpdateAssumeRolePolicyRequest{.role_name = "r", .policy_document = trust})},
      {"AccessKeysPerUser", asking(CreateAccessKeyRequest{.user_name = "u"})},
      {"ClientIdsPerOpenIdConnectProvider", asking(provider)},
      {"GroupsPerAccount", asking(CreateGroupRequest{.group_name = "more"})},
      {"GroupsPerUser", asking(AddUserToGroupRequest{.group_name = "g", .user_name = "u"})},
      {"InstanceProfilesPerAccount",
       asking(CreateInstanceProfileRequest{.instance_profile_name = "more"})},
      {"OpenIDConnectProvidersPerAccount", asking(CreateOpenIDConnectProviderRequest{.url = url})},
      {"PoliciesPerAccount",
       asking(CreatePolicyRequest{.policy_name = "more", .policy_document = all})},
      {"PoliciesPerGroup",
       asking(AttachGroupPolicyRequest{.group_name = "g", .policy_arn = arn("p")})},
      {"PoliciesPerRole",
       asking(AttachRolePolicyRequest{.role_name = "r", .policy_arn = arn("p")})},
      {"PoliciesPerUser",
       asking(AttachUserPolicyRequest{.user_name = "u", .policy_arn = arn("p")})},
      {"PolicyVersionsInUse",
       asking(CreatePolicyVersionRequest{.policy_arn = arn("p"), .policy_document = all})},
      {"RolesPerAccount",
       asking(CreateRoleRequest{.role_name = "more", .assume_role_policy_document = trust})},
      {"TagsPerEntity", asking(TagUserRequest{.user_name = "u", .tags = {{"k", "v"}}})},
      {"UsersPerAccount", asking(CreateUserRequest{.user_name = "more"})},
      {"VersionsPerPolicy",
       asking(CreatePolicyVersionRequest{.policy_arn = arn("p"), .policy_document = all})},
      {"VirtualMFADevicesPerAccount",
       asking(CreateVirtualMFADeviceRequest{.virtual_mfa_device_name = "more"})},
  };
}

void prepare(IamFixture& world) {
  world.make_user("u");
  world.make_group("g");
  world.make_role("r");
  (void)world.make_policy("p");
}

void set_quota(IamFixture& world, std::string_view name, std::string_view number) {
  world.write([&](identity::Transaction& transaction) {
    identity::Account account = *transaction.view().find<identity::Account>(IamFixture::kAccount);
    account.settings = {{concat("quota.", name), std::string(number)}};
    transaction.put(std::move(account));
  });
}

// Each is looked at by the operation that makes one more.
TEST(Quotas, AreWhatTheAccountsSettingSays) {
  for (const auto& [name, attempt] : attempts()) {
    IamFixture world;
    prepare(world);

    set_quota(world, name, "0");
    EXPECT_TRUE(attempt(world).starts_with("LimitExceeded: ")) << name << ": " << attempt(world);
    set_quota(world, name, "100000");
    EXPECT_EQ(attempt(world), "ok") << name;
  }
}

// Some are looked at with codes, keys and metadata, in the tests of their own operations.
TEST(Quotas, AreAllLookedAt) {
  const std::set<std::string_view> elsewhere = {"CertificatesPerUser",
                                                "ContextSpecificCredentialsPerUserPerContext",
                                                "DelegationRequestsPerAccount",
                                                "MFADevicesPerUser",
                                                "SAMLProvidersPerAccount",
                                                "SSHPublicKeysPerUser",
                                                "ServerCertificatesPerAccount"};
  const auto known = attempts();
  for (const facts::QuotaRow& row : facts::kQuotas) {
    EXPECT_NE(known.contains(row.name), elsewhere.contains(row.name)) << row.name;
  }
}

}  // namespace
}  // namespace signet::iam
