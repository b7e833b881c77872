#include <type_traits>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "base/secret_access.h"
#include "mfa/totp.h"
#include "sts/handlers.h"
#include "token/session_token.h"

// GetSessionToken, GetFederationToken, GetCallerIdentity, GetAccessKeyInfo.
namespace signet::sts {
namespace {

using authz::AuthzFixture;
using model::Session;
using model::SessionKind;

// A handler cannot be called without the proof that authorize() gives: not without it, and not with
// anything in its place.
template <class... Arguments>
concept Handles =
    requires(Arguments&&... arguments) { handle(std::forward<Arguments>(arguments)...); };

template <class Request>
concept HandlesBraces = requires(const Request& request, api::HandlerContext& context) {
  handle({}, request, context);
};

static_assert(Handles<const api::Authorized&, const AssumeRoleRequest&, api::HandlerContext&>);
static_assert(!Handles<const AssumeRoleRequest&, api::HandlerContext&>);
static_assert(!Handles<bool, const AssumeRoleRequest&, api::HandlerContext&>);
static_assert(!Handles<std::nullptr_t, const AssumeRoleRequest&, api::HandlerContext&>);
static_assert(!Handles<policy::Decision, const AssumeRoleRequest&, api::HandlerContext&>);
static_assert(!HandlesBraces<AssumeRoleRequest>);
static_assert(!HandlesBraces<GetCallerIdentityRequest>);

class TokensTest : public testing::Test {
 protected:
  Session open(const Credentials& credentials) {
    auto opened =
        token::open_session(world_.rings.current(), credentials.session_token, world_.clock.now());
    EXPECT_TRUE(opened);
    return opened ? *opened->session : Session{};
  }

  void allow_user(std::string_view action, std::string_view more = R"("Resource":"*")") {
    world_.change_user([&](identity::User& user) {
      user.inline_policies = {{.name = "p", .document = authz::document("Allow", action, more)}};
    });
  }

  std::int64_t seconds_of(const Result<GetSessionTokenResponse>& answer) {
    EXPECT_EQ(outcome(answer), "ok");
    return answer ? answer->credentials->expiration.seconds() - AuthzFixture::kNow.seconds() : 0;
  }

  std::int64_t seconds_of(const Result<GetFederationTokenResponse>& answer) {
    EXPECT_EQ(outcome(answer), "ok");
    return answer ? answer->credentials->expiration.seconds() - AuthzFixture::kNow.seconds() : 0;
  }

  api::ApiFixture world_;
};

TEST_F(TokensTest, SessionTokenNeedsNoPermissionAndCannotBeDenied) {
  world_.change_user([](identity::User& user) {
    user.inline_policies = {{.name = "no", .document = authz::document("Deny", "*")}};
  });
  const auto answer = world_.call(AuthzFixture::user(), GetSessionTokenRequest{});
  ASSERT_EQ(outcome(answer), "ok");
  const Session session = open(*answer->credentials);
  EXPECT_EQ(session.kind, SessionKind::SessionToken);
  EXPECT_EQ(session.principal_id, AuthzFixture::kUserId);
  EXPECT_FALSE(session.mfa_time);
  EXPECT_FALSE(session.has_session_policy);
}

TEST_F(TokensTest, SessionTokenLastsTwelveHoursUnlessAskedOtherwise) {
  EXPECT_EQ(seconds_of(world_.call(AuthzFixture::user(), GetSessionTokenRequest{})), 43'200);
  EXPECT_EQ(seconds_of(world_.call(AuthzFixture::user(),
                                   GetSessionTokenRequest{.duration_seconds = 129'600})),
            129'600);
}

TEST_F(TokensTest, NoKeyToSealWithIsOurFaultAndNotTheCallersPolicy) {
  world_.clock.set(AuthzFixture::kNow.plus_seconds(-authn::kClockSlackSeconds - 1));

  const auto answer = world_.call(AuthzFixture::user(), GetSessionTokenRequest{});

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::ServiceFailure);
  EXPECT_NE(answer.error().cause.find("no sealing key is valid now"), std::string::npos);
  world_.clock.set(AuthzFixture::kNow.plus_seconds(-3600));
  EXPECT_EQ(outcome(world_.call(AuthzFixture::user(), GetSessionTokenRequest{})), "ok");
}

TEST_F(TokensTest, RootsTokensAreSilentlyCutToAnHour) {
  EXPECT_EQ(seconds_of(world_.call(AuthzFixture::root(), GetSessionTokenRequest{})), 3600);
  EXPECT_EQ(seconds_of(world_.call(AuthzFixture::root(),
                                   GetSessionTokenRequest{.duration_seconds = 129'600})),
            3600);
  EXPECT_EQ(seconds_of(
                world_.call(AuthzFixture::root(), GetSessionTokenRequest{.duration_seconds = 900})),
            900);
  EXPECT_EQ(
      seconds_of(world_.call(AuthzFixture::root(),
                             GetFederationTokenRequest{.name = "guest", .duration_seconds = 7200})),
      3600);
}

TEST_F(TokensTest, SessionTokenWithMfaRemembersWhenAndSpendsTheCode) {
  identity::MfaDevice device = identity::make_device("phone");
  device.is_assigned = true;
  device.user_id = AuthzFixture::kUserId;
  world_.write([&](identity::Transaction& transaction) { transaction.put(device); });
  const GetSessionTokenRequest request{
      .serial_number = device.serial(),
      .token_code =
          mfa::totp_code(device.seed->reveal(secret_access()), mfa::step_of(AuthzFixture::kNow))};

  const auto answer = world_.call(AuthzFixture::user(), request, true);

  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(open(*answer->credentials).mfa_time, AuthzFixture::kNow);
  EXPECT_EQ(world_.snapshot()->find<identity::MfaDevice>(device.serial())->state.last_step,
            mfa::step_of(AuthzFixture::kNow));
  EXPECT_TRUE(outcome(world_.call(AuthzFixture::user(), request, true))
                  .starts_with("AccessDenied: MultiFactorAuthentication failed"));
}

TEST_F(TokensTest, SessionTokenWithHalfAnMfaIsRefused) {
  EXPECT_TRUE(
      outcome(
          world_.call(AuthzFixture::user(), GetSessionTokenRequest{.token_code = "123456"}, true))
          .starts_with("AccessDenied: MultiFactorAuthentication failed, must provide both"));
  EXPECT_TRUE(
      outcome(world_.call(AuthzFixture::user(), GetSessionTokenRequest{.serial_number = "serial"}))
          .starts_with("AccessDenied: MultiFactorAuthentication failed, must provide both"));
}

TEST_F(TokensTest, ADeviceOfRootIsRootsOwn) {
  identity::MfaDevice device = identity::make_device("root-account-mfa-device");
  device.is_assigned = true;
  world_.write([&](identity::Transaction& transaction) { transaction.put(device); });
  const GetSessionTokenRequest request{
      .serial_number = device.serial(),
      .token_code =
          mfa::totp_code(device.seed->reveal(secret_access()), mfa::step_of(AuthzFixture::kNow))};
  EXPECT_TRUE(
      outcome(world_.call(AuthzFixture::user(), request, true)).starts_with("AccessDenied: "));
  EXPECT_EQ(outcome(world_.call(AuthzFixture::root(), request, true)), "ok");
}

TEST_F(TokensTest, FederationTokenNeedsItsPermissionOnTheName) {
  const GetFederationTokenRequest request{.name = "guest"};
  EXPECT_EQ(
      outcome(world_.call(AuthzFixture::user(), request)),
      "AccessDenied: User: arn:aws:iam::111122223333:user/team/alice is not authorized to "
      "perform: sts:GetFederationToken on resource: "
      "arn:aws:sts::111122223333:federated-user/guest because no identity-based policy allows "
      "the sts:GetFederationToken action");
  allow_user("sts:GetFederationToken",
             R"("Resource":"arn:aws:sts::111122223333:federated-user/guest")");
  EXPECT_EQ(outcome(world_.call(AuthzFixture::user(), request)), "ok");
  EXPECT_TRUE(outcome(world_.call(AuthzFixture::user(), GetFederationTokenRequest{.name = "other"}))
                  .starts_with("AccessDenied: "));
}

TEST_F(TokensTest, FederationTokenIsForTheNameWithTheIssuersPolicies) {
  allow_user("sts:GetFederationToken");
  const auto answer = world_.call(AuthzFixture::user(), GetFederationTokenRequest{.name = "guest"});
  EXPECT_EQ(seconds_of(answer), 43'200);
  EXPECT_EQ(answer->federated_user->arn, "arn:aws:sts::111122223333:federated-user/guest");
  EXPECT_EQ(answer->federated_user->federated_user_id, "111122223333:guest");
  EXPECT_EQ(answer->packed_policy_size, 0);
  const Session session = open(*answer->credentials);
  EXPECT_EQ(session.kind, SessionKind::FederatedUser);
  EXPECT_EQ(session.principal_id, AuthzFixture::kUserId);
  EXPECT_FALSE(session.has_session_policy);
}

TEST_F(TokensTest, FederationTokenWithTagsNeedsTagSession) {
  const GetFederationTokenRequest request{.name = "guest", .tags = {{"team", "blue"}}};
  allow_user("sts:GetFederationToken");
  EXPECT_TRUE(
      outcome(world_.call(AuthzFixture::user(), request))
          .starts_with("AccessDenied: User: arn:aws:iam::111122223333:user/team/alice is not "
                       "authorized to perform: sts:TagSession on resource: "));
  allow_user("sts:*");
  const auto answer = world_.call(AuthzFixture::user(), request);
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(open(*answer->credentials).tags, (std::vector<model::Tag>{{"team", "blue"}}));
}

TEST_F(TokensTest, FederationTokenRefusesABadPolicy) {
  allow_user("sts:*");
  EXPECT_TRUE(outcome(world_.call(AuthzFixture::user(),
                                  GetFederationTokenRequest{.name = "guest", .policy = "x"}))
                  .starts_with("MalformedPolicyDocument: "));
}

TEST_F(TokensTest, CallerIdentityIsTheCallers) {
  world_.change_user([](identity::User& user) {
    user.inline_policies = {{.name = "no", .document = authz::document("Deny", "*")}};
  });
  for (const model::Caller& caller :
       {AuthzFixture::user(),
        AuthzFixture::root(),
        AuthzFixture::role(),
        AuthzFixture::federated(AuthzFixture::session(SessionKind::FederatedUser))}) {
    const auto answer = world_.call(caller, GetCallerIdentityRequest{});
    ASSERT_EQ(outcome(answer), "ok");
    EXPECT_EQ(answer->arn, caller.arn);
    EXPECT_EQ(answer->account, caller.account);
    EXPECT_EQ(answer->user_id, caller.user_id);
  }
  EXPECT_TRUE(outcome(world_.call(model::Caller{}, GetCallerIdentityRequest{}))
                  .starts_with("AccessDenied: "));
}

TEST_F(TokensTest, AccessKeyInfoReadsTheAccountFromTheId) {
  allow_user("sts:GetAccessKeyInfo");
  world_.write([](identity::Transaction& transaction) {
    transaction.put(identity::make_key("GIVENATBOOTSTRAP1", ""));
  });
  const auto account_of = [this](std::string id) -> std::string {
    const auto answer =
        world_.call(AuthzFixture::user(), GetAccessKeyInfoRequest{.access_key_id = std::move(id)});
    return answer ? answer->account.value_or("") : outcome(answer);
  };
  EXPECT_EQ(account_of("ASIAQNZGKIQY56JQ7WML"), "029608264753");
  EXPECT_EQ(account_of("GIVENATBOOTSTRAP1"), "111122223333");
  EXPECT_TRUE(account_of("AKIAIOSFODNN7EXAMPLE").starts_with("ValidationError: "));
}

TEST_F(TokensTest, AccessKeyInfoNeedsPermissionAndNamesNoResource) {
  EXPECT_EQ(outcome(world_.call(AuthzFixture::user(),
                                GetAccessKeyInfoRequest{.access_key_id = "ASIAQNZGKIQY56JQ7WML"})),
            "AccessDenied: User: arn:aws:iam::111122223333:user/team/alice is not authorized to "
            "perform: sts:GetAccessKeyInfo because no identity-based policy allows the "
            "sts:GetAccessKeyInfo action");
}

}  // namespace
}  // namespace signet::sts
