#include <optional>
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
using model::Session;
using model::SessionKind;

constexpr std::string_view kAll =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
constexpr std::string_view kReads =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:Get*","sts:*"],"Resource":"*"}})";

class ScopedCredentialsTest : public testing::Test {
 protected:
  ScopedCredentialsTest() {
    world_.change_role([](identity::Role& role) {
      role.inline_policies = {{.name = "all", .document = authz::document("Allow", "*")}};
    });
    world_.change_user([](identity::User& user) {
      user.inline_policies = {{.name = "all", .document = authz::document("Allow", "*")}};
    });
  }

  static GetScopedCredentialsRequest with(std::string_view policy) {
    return {.policy = std::string(policy)};
  }

  // The caller that new credentials make.
  model::Caller caller_of(const Result<GetScopedCredentialsResponse>& answer) {
    auto caller = authn::caller_of_session(session_behind(answer, world_), *world_.snapshot());
    EXPECT_TRUE(caller);
    return *caller;
  }

  bool allows(const model::Caller& caller, std::string_view action) {
    const auto snapshot = world_.snapshot();
    const auto request = world_.request_now();
    return world_.authorizer.allows(
        {*snapshot, caller, request},
        {.action = std::string(action), .resource = "arn:aws:s3:::bucket/key"});
  }

  api::ApiFixture world_;
};

TEST_F(ScopedCredentialsTest, KeepWhoTheyAreAndWhenTheyWereIssued) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.source_identity = "alice";
  session.tags = {{"team", "blue"}};
  session.principal_id = AuthzFixture::kRoleId;
  const model::Caller before = AuthzFixture::role(session);

  const auto answer = world_.call(before, with(kReads));

  const model::Caller after = caller_of(answer);
  EXPECT_EQ(after.arn, before.arn);
  EXPECT_EQ(after.user_id, before.user_id);
  EXPECT_EQ(after.session->issued, session.issued);
  EXPECT_EQ(after.session->expires, session.expires);
  EXPECT_EQ(after.session->tags, session.tags);
  EXPECT_EQ(after.session->source_identity, "alice");
  EXPECT_NE(after.access_key_id, before.access_key_id);
  EXPECT_EQ(answer->session_info->arn, before.arn);
  EXPECT_EQ(answer->session_info->scoped_session_id, before.user_id);
  EXPECT_EQ(answer->source_identity, "alice");
  EXPECT_EQ(answer->scoped_policies_count, 1);
  EXPECT_EQ(answer->credentials->expiration, session.expires);
  EXPECT_EQ(answer->session_token_size,
            static_cast<std::int64_t>(answer->credentials->session_token.size()));
}

TEST_F(ScopedCredentialsTest, AreAllowedWhatEveryLayerAllows) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.principal_id = AuthzFixture::kRoleId;
  const model::Caller one = caller_of(world_.call(AuthzFixture::role(session), with(kReads)));
  EXPECT_TRUE(allows(one, "s3:GetObject"));
  EXPECT_FALSE(allows(one, "s3:PutObject"));

  const model::Caller two = caller_of(world_.call(
      one,
      with(
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:*Object","sts:*"],"Resource":"*"}})")));
  EXPECT_TRUE(allows(two, "s3:GetObject"));
  EXPECT_FALSE(allows(two, "s3:GetBucketPolicy"));
  EXPECT_FALSE(allows(two, "s3:PutObject"));
}

TEST_F(ScopedCredentialsTest, HaveThreeLayersAtMostAndMayBeMadeShorterStill) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.principal_id = AuthzFixture::kRoleId;
  model::Caller caller = AuthzFixture::role(session);
  for (int i = 0; i < 3; ++i) {
    caller = caller_of(world_.call(caller, with(kAll)));
  }

  EXPECT_EQ(outcome(world_.call(caller, with(kAll))),
            "AccessDenied: The calling session has 3 scope-down policies already, and cannot have "
            "another.");
  const auto shorter = world_.call(caller, GetScopedCredentialsRequest{.duration_seconds = 60});
  EXPECT_EQ(outcome(shorter), "ok");
  EXPECT_EQ(shorter->scoped_policies_count, 3);
}

TEST_F(ScopedCredentialsTest, LayersOfOtherOperationsDoNotCount) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.principal_id = AuthzFixture::kRoleId;
  session.has_session_policy = true;
  session.policy = kAll;
  const auto answer =
      world_.call(AuthzFixture::role(session), GetScopedCredentialsRequest{.duration_seconds = 1});

  EXPECT_EQ(answer->scoped_policies_count, 0);
  const model::Caller caller = caller_of(answer);
  EXPECT_TRUE(caller.session->is_scoped);
  EXPECT_EQ(caller.session->policy, kAll);
}

TEST_F(ScopedCredentialsTest, NeverOutliveTheirCaller) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.principal_id = AuthzFixture::kRoleId;
  const model::Caller caller = AuthzFixture::role(session);  // 3600 s are left
  const auto lasting = [&](std::int64_t seconds) {
    return world_.call(caller, GetScopedCredentialsRequest{.duration_seconds = seconds});
  };

  EXPECT_EQ(lasting(1)->credentials->expiration, AuthzFixture::kNow.plus_seconds(1));
  EXPECT_EQ(lasting(3600)->credentials->expiration, session.expires);
  EXPECT_EQ(outcome(lasting(3601)),
            "InsufficientSessionLifetime: The requested DurationSeconds exceeds the remaining "
            "lifetime of the calling session.");
}

TEST_F(ScopedCredentialsTest, OfASessionAtItsEndAreRefused) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.principal_id = AuthzFixture::kRoleId;
  session.expires = Instant{AuthzFixture::kNow.unix_ms + 900};

  EXPECT_EQ(outcome(world_.call(AuthzFixture::role(session), with(kAll))).substr(0, 26),
            "InvalidSubjectCredentials:");
}

TEST_F(ScopedCredentialsTest, AreForUsersRolesAndFederatedUsersWithASession) {
  const auto refused = [&](const model::Caller& caller) {
    return outcome(world_.call(caller, with(kAll))).substr(0, 26) == "InvalidSubjectCredentials:";
  };
  Session of_root = AuthzFixture::session(SessionKind::SessionToken);
  of_root.principal_id = of_root.account;
  Session of_user = AuthzFixture::session(SessionKind::SessionToken);
  of_user.principal_id = AuthzFixture::kUserId;

  EXPECT_TRUE(refused(AuthzFixture::user()));
  EXPECT_TRUE(refused(AuthzFixture::root()));
  EXPECT_TRUE(refused(AuthzFixture::with_session(AuthzFixture::root(), of_root)));
  EXPECT_FALSE(refused(AuthzFixture::with_session(AuthzFixture::user(), of_user)));
  Session guest = AuthzFixture::session(SessionKind::FederatedUser);
  guest.principal_id = AuthzFixture::kUserId;
  guest.has_session_policy = true;
  guest.policy = kAll;
  EXPECT_FALSE(refused(AuthzFixture::federated(guest)));
}

TEST_F(ScopedCredentialsTest, NeedAPermissionThatEveryLayerLeaves) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.principal_id = AuthzFixture::kRoleId;
  const model::Caller scoped = caller_of(world_.call(
      AuthzFixture::role(session),
      with(
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})")));

  EXPECT_EQ(outcome(world_.call(scoped, GetScopedCredentialsRequest{.duration_seconds = 60})),
            "AccessDenied: User: arn:aws:sts::111122223333:assumed-role/reader/work is not "
            "authorized to perform: sts:GetScopedCredentials because no session policy allows the "
            "sts:GetScopedCredentials action");
  world_.change_role([](identity::Role& role) { role.inline_policies.clear(); });
  EXPECT_EQ(outcome(world_.call(AuthzFixture::role(session), with(kAll))).substr(0, 13),
            "AccessDenied:");
}

TEST_F(ScopedCredentialsTest, RefuseWhatIsNoRequest) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.principal_id = AuthzFixture::kRoleId;
  const model::Caller caller = AuthzFixture::role(session);

  EXPECT_EQ(outcome(world_.call(caller, GetScopedCredentialsRequest{})),
            "ValidationError: At least one of Policy and DurationSeconds must be given.");
  EXPECT_EQ(outcome(world_.call(caller, with("{"))).substr(0, 24), "MalformedPolicyDocument:");
  EXPECT_EQ(outcome(world_.call(caller,
                                with(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",)"
                                     R"("Principal":"*","Action":"*","Resource":"*"}})")))
                .substr(0, 24),
            "MalformedPolicyDocument:");
}

TEST_F(ScopedCredentialsTest, AreNotServedAtTheGlobalEndpoint) {
  Session session = AuthzFixture::session(SessionKind::AssumedRole);
  session.principal_id = AuthzFixture::kRoleId;
  world_.host = "STS.amazonaws.com";

  EXPECT_EQ(outcome(world_.call(AuthzFixture::role(session), with(kAll))),
            "InvalidAction: Operation not supported on STS global endpoint");
}

}  // namespace
}  // namespace signet::sts
