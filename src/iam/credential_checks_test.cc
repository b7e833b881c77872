// The decisions behind the operations on devices, profiles, passwords and the account as a whole
// (checks_test.cc holds the others to the same).
#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

constexpr const char* kSerial = "arn:aws:iam::111122223333:mfa/phone";
constexpr std::string_view kDenyAll = R"({"Version":"2012-10-17","Statement":[)"
                                      R"({"Effect":"Allow","Action":"*","Resource":"*"},)"
                                      R"({"Effect":"Deny","Action":"iam:*","Resource":"*"}]})";

template <class Visit>
void visit_devices(const Visit& visit) {
  visit(CreateVirtualMFADeviceRequest{.virtual_mfa_device_name = "new"});
  visit(EnableMFADeviceRequest{.user_name = "bob", .serial_number = kSerial});
  visit(ResyncMFADeviceRequest{.user_name = "bob", .serial_number = kSerial});
  visit(DeactivateMFADeviceRequest{.user_name = "bob", .serial_number = kSerial});
  visit(DeleteVirtualMFADeviceRequest{.serial_number = kSerial});
  visit(ListMFADevicesRequest{.user_name = "bob"});
  visit(ListVirtualMFADevicesRequest{});
  visit(GetMFADeviceRequest{.serial_number = kSerial, .user_name = "bob"});
  visit(TagMFADeviceRequest{.serial_number = kSerial, .tags = {{"a", "b"}}});
  visit(UntagMFADeviceRequest{.serial_number = kSerial, .tag_keys = {"a"}});
  visit(ListMFADeviceTagsRequest{.serial_number = kSerial});
}

template <class Visit>
void visit_profiles(const Visit& visit) {
  const std::string name = "p";
  visit(CreateInstanceProfileRequest{.instance_profile_name = "new"});
  visit(GetInstanceProfileRequest{.instance_profile_name = name});
  visit(ListInstanceProfilesRequest{});
  visit(ListInstanceProfilesForRoleRequest{.role_name = "r"});
  visit(AddRoleToInstanceProfileRequest{.instance_profile_name = name, .role_name = "r"});
  visit(RemoveRoleFromInstanceProfileRequest{.instance_profile_name = name, .role_name = "r"});
  visit(DeleteInstanceProfileRequest{.instance_profile_name = name});
  visit(TagInstanceProfileRequest{.instance_profile_name = name, .tags = {{"a", "b"}}});
  visit(UntagInstanceProfileRequest{.instance_profile_name = name, .tag_keys = {"a"}});
  visit(ListInstanceProfileTagsRequest{.instance_profile_name = name});
}

template <class Visit>
void visit_account(const Visit& visit) {
  CreateLoginProfileRequest creation{.user_name = "bob"};
  creation.password.emplace("Correct-horse-1");
  visit(creation);
  visit(GetLoginProfileRequest{.user_name = "bob"});
  visit(UpdateLoginProfileRequest{.user_name = "bob"});
  visit(DeleteLoginProfileRequest{.user_name = "bob"});
  visit(CreateAccountAliasRequest{.account_alias = "new"});
  visit(ListAccountAliasesRequest{});
  visit(DeleteAccountAliasRequest{.account_alias = "new"});
  visit(GetAccountSummaryRequest{});
  visit(GetAccountAuthorizationDetailsRequest{});
  visit(UpdateAccountPasswordPolicyRequest{});
  visit(GetAccountPasswordPolicyRequest{});
  visit(DeleteAccountPasswordPolicyRequest{});
  visit(SetSecurityTokenServicePreferencesRequest{.global_endpoint_token_version = "v2Token"});
}

template <class Visit>
void visit_operations(const Visit& visit) {
  visit_devices(visit);
  visit_profiles(visit);
  visit_account(visit);
}

template <class Request>
std::string name_of(const Request&) {
  return std::string(facts::operation_row(kOperationOf<Request>).name);
}

class CredentialChecks : public ::testing::Test {
 protected:
  CredentialChecks() {
    world_.make_user("bob");
    world_.make_role("r");
    (void)world_.call(CreateVirtualMFADeviceRequest{.virtual_mfa_device_name = "phone"});
    (void)world_.call(CreateInstanceProfileRequest{.instance_profile_name = "p", .path = "/x/"});
  }

  template <class Request>
  api::CheckList of(const Request& request) {
    auto list = world_.checks_of(IamFixture::root(), request);
    EXPECT_EQ(outcome(list), "ok");
    return list.value_or(api::CheckList{});
  }

  IamFixture world_;
};

}  // namespace

TEST_F(CredentialChecks, AskForTheActionOfTheirName) {
  std::size_t visited = 0;
  visit_operations([&](const auto& request) {
    const api::CheckList list = of(request);
    ASSERT_FALSE(list.empty()) << name_of(request);
    EXPECT_EQ(list.front().action, concat("iam:", name_of(request)));
    EXPECT_EQ(list.front().wildcard_only, list.front().resource == "*") << name_of(request);
    for (const api::Check& check : list) {
      EXPECT_EQ(check.grant, authz::Grant::ByPolicies) << check.action;
      EXPECT_FALSE(check.wording.resource.empty()) << check.action;
    }
    visited += 1;
  });
  EXPECT_EQ(visited, 34U);
}

TEST_F(CredentialChecks, RefuseAUserWithoutPolicyAndAnExplicitDeny) {
  world_.make_user("eve");
  const model::Caller denied = world_.make_caller("denied", kDenyAll);
  visit_operations([&](const auto& request) {
    EXPECT_EQ(outcome(world_.call(world_.user("eve"), request)).substr(0, 13), "AccessDenied:")
        << name_of(request);
    EXPECT_EQ(outcome(world_.call(denied, request)).substr(0, 13), "AccessDenied:")
        << name_of(request);
  });
}

TEST_F(CredentialChecks, RefuseARoleWithoutPolicyAndTheAnonymous) {
  const model::Caller session = world_.session("r");
  visit_operations([&](const auto& request) {
    EXPECT_EQ(outcome(world_.call(session, request)).substr(0, 13), "AccessDenied:")
        << name_of(request);
    EXPECT_NE(outcome(world_.call(model::Caller{}, request)), "ok") << name_of(request);
  });
}

TEST_F(CredentialChecks, NameWhatTheyAreAbout) {
  EXPECT_EQ(
      of(EnableMFADeviceRequest{.user_name = "bob", .serial_number = kSerial})[0].wording.resource,
      "user bob");
  EXPECT_EQ(of(DeleteVirtualMFADeviceRequest{.serial_number = kSerial})[0].wording.resource,
            kSerial);
  EXPECT_EQ(of(DeleteVirtualMFADeviceRequest{.serial_number = "GAHT12345678"})[0].resource,
            "arn:aws:iam::111122223333:mfa/GAHT12345678");
  EXPECT_EQ(of(CreateVirtualMFADeviceRequest{.path = "/a/", .virtual_mfa_device_name = "n"})[0]
                .wording.resource,
            "arn:aws:iam::111122223333:mfa/a/n");
  EXPECT_EQ(of(ListVirtualMFADevicesRequest{})[0].wording.resource,
            "arn:aws:iam::111122223333:mfa/");
  EXPECT_EQ(of(ListVirtualMFADevicesRequest{})[0].resource, "*");
  EXPECT_EQ(of(GetInstanceProfileRequest{.instance_profile_name = "P"})[0].wording.resource,
            "instance profile P");
  EXPECT_EQ(of(GetInstanceProfileRequest{.instance_profile_name = "P"})[0].resource,
            "arn:aws:iam::111122223333:instance-profile/x/p");
  EXPECT_EQ(of(CreateInstanceProfileRequest{.instance_profile_name = "n"})[0].wording.resource,
            "arn:aws:iam::111122223333:instance-profile/n");
  EXPECT_EQ(of(GetAccountSummaryRequest{})[0].wording.resource, "*");
}

TEST_F(CredentialChecks, CreatingWithTagsNeedsThePermissionToTag) {
  EXPECT_EQ(
      of(CreateVirtualMFADeviceRequest{.virtual_mfa_device_name = "n", .tags = {{"k", "v"}}})[1]
          .action,
      "iam:TagMFADevice");
  EXPECT_EQ(of(CreateInstanceProfileRequest{.instance_profile_name = "n", .tags = {{"k", "v"}}})[1]
                .action,
            "iam:TagInstanceProfile");
}

TEST_F(CredentialChecks, HoldUsersToTheirOwnDevices) {
  // The self-service policy of AWS's user guide.
  const model::Caller own = world_.make_caller(
      "own",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":)"
      R"(["iam:CreateVirtualMFADevice","iam:DeleteVirtualMFADevice"],)"
      R"("Resource":"arn:aws:iam::*:mfa/${aws:username}"},{"Effect":"Allow","Action":)"
      R"(["iam:EnableMFADevice","iam:ListMFADevices","iam:DeactivateMFADevice"],)"
      R"("Resource":"arn:aws:iam::*:user/${aws:username}"}]})");

  EXPECT_EQ(
      outcome(world_.call(own, CreateVirtualMFADeviceRequest{.virtual_mfa_device_name = "own"})),
      "ok");
  EXPECT_EQ(outcome(world_.call(own, ListMFADevicesRequest{})), "ok");
  EXPECT_EQ(outcome(world_.call(own, ListMFADevicesRequest{.user_name = "bob"})).substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(
      outcome(world_.call(own, CreateVirtualMFADeviceRequest{.virtual_mfa_device_name = "other"}))
          .substr(0, 13),
      "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(own, DeleteVirtualMFADeviceRequest{.serial_number = kSerial}))
                .substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(
      outcome(world_.call(own,
                          DeactivateMFADeviceRequest{.user_name = "bob", .serial_number = kSerial}))
          .substr(0, 13),
      "AccessDenied:");
}

}  // namespace signet::iam
