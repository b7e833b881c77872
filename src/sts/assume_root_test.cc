#include <string>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "authn/authenticator.h"
#include "base/strings.h"
#include "sts/handlers.h"
#include "sts/session_for_test.h"

namespace signet::sts {
namespace {

using authz::AuthzFixture;
using identity::kAccount;
using identity::kOtherAccount;
using model::Session;
using model::SessionKind;

constexpr std::string_view kAudit = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
constexpr std::string_view kUnlock = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
constexpr std::string_view kDenied =
    "AccessDenied: User: arn:aws:iam::111122223333:user/team/alice is not authorized to perform: "
    "sts:AssumeRoot on resource: arn:aws:iam::444455556666:root";

// Alice of the management account, who may assume every root.
class AssumeRootTest : public testing::Test {
 protected:
  AssumeRootTest() {
    put({.account = kAccount,
         .is_management = true,
         .organization_id = "o-example",
         .has_iam_access = true,
         .root_features = {"RootCredentialsManagement", "RootSessions"}});
    put({.account = kOtherAccount, .organization_id = "o-example"});
    allow(R"("Resource":"*")");
  }

  void put(identity::OrgPolicies org) {
    world_.write([&](identity::Transaction& transaction) { transaction.put(org); });
  }

  void change(std::string_view account, const std::function<void(identity::OrgPolicies&)>& edit) {
    identity::OrgPolicies org = *world_.snapshot()->find<identity::OrgPolicies>(account);
    edit(org);
    put(std::move(org));
  }

  void allow(std::string_view more) {
    world_.change_user([&](identity::User& user) {
      user.inline_policies = {
          {.name = "p", .document = authz::document("Allow", "sts:AssumeRoot", more)}};
    });
  }

  Result<AssumeRootResponse> assume(const model::Caller& caller,
                                    std::string_view target = kOtherAccount,
                                    std::string_view task = kAudit) {
    return world_.call(caller,
                       AssumeRootRequest{.target_principal = std::string(target),
                                         .task_policy_arn = {.arn = std::string(task)}});
  }

  Result<AssumeRootResponse> assume() { return assume(AuthzFixture::user()); }

  api::ApiFixture world_;
};

TEST_F(AssumeRootTest, MakesASessionOfTheMembersRoot) {
  const auto answer = assume();
  const auto session = session_behind(answer, world_);
  EXPECT_EQ(session->expires.seconds() - AuthzFixture::kNow.seconds(), 900);
  const auto caller = authn::caller_of_session(session, *world_.snapshot());
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->kind, model::CallerKind::Root);
  EXPECT_EQ(caller->account, kOtherAccount);
  EXPECT_EQ(caller->arn, "arn:aws:sts::444455556666:assumed-root");
  EXPECT_EQ(caller->principal_arn, "arn:aws:iam::444455556666:root");
}

TEST_F(AssumeRootTest, TakesTheTargetByIdOrRootArn) {
  EXPECT_EQ(outcome(assume(AuthzFixture::user(), "arn:aws:iam::444455556666:root")), "ok");
  for (const char* target : {"arn:aws:iam::444455556666:user/u",
                             "arn:aws:iam::444455556666:root/",
                             "44445555666",
                             "arn:aws:sts::444455556666:root",
                             "not-a-principal"}) {
    EXPECT_EQ(outcome(assume(AuthzFixture::user(), target)),
              "ValidationError: Request must contain a valid target principal")
        << target;
  }
}

TEST_F(AssumeRootTest, TakesTheFiveTaskPoliciesOnly) {
  for (const char* task : {"arn:aws:iam::aws:policy/AdministratorAccess",
                           "arn:aws:iam::aws:policy/root-task/Other",
                           "arn:aws:iam::111122223333:policy/root-task/S3UnlockBucketPolicy"}) {
    EXPECT_EQ(outcome(assume(AuthzFixture::user(), kOtherAccount, task)),
              "ValidationError: Request must contain valid AWS managed task policy ARN")
        << task;
  }
}

TEST_F(AssumeRootTest, EachFeatureIsForItsTasks) {
  change(kAccount, [](identity::OrgPolicies& org) { org.root_features = {"RootSessions"}; });
  EXPECT_EQ(outcome(assume()), kDenied);
  EXPECT_EQ(outcome(assume(AuthzFixture::user(), kOtherAccount, kUnlock)), "ok");
  change(kAccount,
         [](identity::OrgPolicies& org) { org.root_features = {"RootCredentialsManagement"}; });
  EXPECT_EQ(outcome(assume()), "ok");
  EXPECT_EQ(outcome(assume(AuthzFixture::user(), kOtherAccount, kUnlock)), kDenied);
}

TEST_F(AssumeRootTest, NeedsTrustedAccessAndAMemberOfTheSameOrganization) {
  change(kAccount, [](identity::OrgPolicies& org) { org.has_iam_access = false; });
  EXPECT_EQ(outcome(assume()), kDenied);
  change(kAccount, [](identity::OrgPolicies& org) { org.has_iam_access = true; });
  ASSERT_EQ(outcome(assume()), "ok");
  change(kOtherAccount, [](identity::OrgPolicies& org) { org.organization_id = "o-other"; });
  EXPECT_EQ(outcome(assume()), kDenied);
  world_.write([](identity::Transaction& transaction) {
    transaction.erase<identity::OrgPolicies>(kOtherAccount);
  });
  EXPECT_EQ(outcome(assume()), kDenied);
}

TEST_F(AssumeRootTest, NeverTakesTheManagementAccountOrTheCallersOwn) {
  const auto denied = [&](std::string_view target) {
    return outcome(assume(AuthzFixture::user(), target)).substr(0, 13);
  };
  EXPECT_EQ(denied(kAccount), "AccessDenied:");
  EXPECT_EQ(denied("999999999999"), "AccessDenied:");
  // As a delegated administrator.
  change(kAccount, [](identity::OrgPolicies& org) {
    org.is_management = false;
    org.has_iam_access = false;
    org.root_features.clear();
  });
  change(kOtherAccount, [](identity::OrgPolicies& org) {
    org.is_management = true;
    org.has_iam_access = true;
    org.delegated_administrator = kAccount;
    org.root_features = {"RootCredentialsManagement"};
  });
  EXPECT_EQ(denied(kAccount), "AccessDenied:");
  EXPECT_EQ(denied(kOtherAccount), "AccessDenied:");
}

TEST_F(AssumeRootTest, IsNotForRootNorForWhomNoPolicyAllows) {
  EXPECT_EQ(outcome(assume(AuthzFixture::root())).substr(0, 13), "AccessDenied:");
  world_.change_user([](identity::User& user) { user.inline_policies.clear(); });
  EXPECT_EQ(outcome(assume()), kDenied);
}

TEST_F(AssumeRootTest, TheTaskIsAConditionKey) {
  allow(concat(R"("Resource":"arn:aws:iam::444455556666:root","Condition":{"ArnEquals":)",
               R"({"sts:TaskPolicyArn":")",
               kUnlock,
               R"("}})"));
  EXPECT_EQ(outcome(assume(AuthzFixture::user(), kOtherAccount, kUnlock)), "ok");
  EXPECT_EQ(outcome(assume()), kDenied);
}

TEST_F(AssumeRootTest, IsUnknownAtTheGlobalEndpoint) {
  world_.host = "sts.amazonaws.com";
  EXPECT_EQ(outcome(assume()), "InvalidAction: Unknown Operation");
}

}  // namespace
}  // namespace signet::sts
