#include "signin/access_token.h"

#include <string>
#include <string_view>

#include "base/secret_access.h"
#include "facts/outcome_for_test.h"
#include "signin/handlers.h"
#include "signin/sign_in_fixture_for_test.h"

namespace signet::signin {
namespace {

using authz::AuthzFixture;

constexpr std::string_view kGlue = "glue.amazonaws.com";

class AccessTokens : public SignInTest {
 protected:
  AccessTokens() { allow("signin:*"); }

  static std::string text_of(const Secret& token) {
    return std::string(token.reveal(secret_access()));
  }

  auto ask(const model::Caller& caller = AuthzFixture::user(), std::string_view service = kGlue) {
    return world_.call(caller,
                       CreateOAuth2TokenWithIAMRequest{.grant_type = "client_credentials",
                                                       .resource = std::string(service)});
  }

  std::string make(const model::Caller& caller = AuthzFixture::user(),
                   std::string_view service = kGlue) {
    const auto made = ask(caller, service);
    EXPECT_EQ(outcome(made), "ok");
    return made ? text_of(made->access_token) : "";
  }

  auto bearer(std::optional<std::int64_t> seconds,
              const model::Caller& caller = AuthzFixture::user()) {
    return world_.call(caller,
                       CreateBearerTokenRequest{.grant_type = "client_credentials",
                                                .resource = std::string(kGlue),
                                                .duration_seconds = seconds});
  }

  auto introspect(const std::string& token, const model::Caller& caller = AuthzFixture::user()) {
    IntrospectOAuth2TokenWithIAMRequest request;
    request.token = Secret(std::string(token));
    auto answer = world_.call(caller, request);
    EXPECT_EQ(outcome(answer), "ok");
    return answer ? *std::move(answer) : IntrospectOAuth2TokenWithIAMResponse();
  }

  bool is_good(const std::string& token) { return introspect(token).active; }

  // A session of the role reader with so many seconds left.
  model::Caller role_for(std::int64_t seconds) {
    model::Session session = AuthzFixture::session(model::SessionKind::AssumedRole);
    session.principal_id = AuthzFixture::kRoleId;
    session.expires = world_.clock.now().plus_seconds(seconds);
    return AuthzFixture::role(std::move(session));
  }

  void allow_role() {
    world_.change_role([](identity::Role& role) {
      role.inline_policies = {{.name = "p", .document = authz::document("Allow", "signin:*")}};
    });
  }
};

TEST_F(AccessTokens, StandForTheirCallerAtAServiceForAnHour) {
  const std::string token = make();
  EXPECT_TRUE(is_access_token(token));
  const auto told = introspect(token);
  EXPECT_TRUE(told.active);
  EXPECT_EQ(told.sub, "arn:aws:iam::111122223333:user/team/alice");
  EXPECT_EQ(told.user_id, AuthzFixture::kUserId);
  EXPECT_EQ(told.aud, kGlue);
  EXPECT_EQ(told.account_id, identity::kAccount);
  EXPECT_EQ(told.token_type, "access_token");
  EXPECT_EQ(told.exp, AuthzFixture::kNow.seconds() + 3600);
  world_.clock.advance_seconds(3599);
  EXPECT_TRUE(is_good(token));
  world_.clock.advance_seconds(1);
  EXPECT_FALSE(is_good(token));
}

TEST_F(AccessTokens, OfAnotherAccountAreNotThere) {
  EXPECT_FALSE(introspect(make(), AuthzFixture::root(identity::kOtherAccount)).active);
}

TEST_F(AccessTokens, AnyChangeMakesThemNone) {
  const std::string token = make();
  for (std::size_t i = 0; i < token.size(); i += 7) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(is_good(changed)) << i;
  }
  for (const std::string& text : {token + "A", token.substr(4), token.substr(0, 20)}) {
    EXPECT_FALSE(is_good(text)) << text;
  }
}

TEST_F(AccessTokens, AreNoStepOfASignInAndNoneIsOne) {
  const std::string token = make();
  EXPECT_FALSE(is_good(concat("ASOA", step_of(form()))));
  EXPECT_EQ(send("POST",
                 "/_console/signin",
                 {{"step", token.substr(4)},
                  {"account", std::string(identity::kAccount)},
                  {"user", "alice"},
                  {"password", std::string(kPassword)}})
                .status,
            400);
}

TEST_F(AccessTokens, EndWithWhomTheyStandFor) {
  const std::string token = make();
  world_.write(
      [](identity::Transaction& transaction) { transaction.erase<identity::User>("AIDAALICE"); });
  EXPECT_FALSE(introspect(token, AuthzFixture::root()).active);
}

TEST_F(AccessTokens, AreForServicesByTheirPermission) {
  for (const std::string_view name : {"",
                                      "amazonaws.com",
                                      ".amazonaws.com",
                                      "glue",
                                      "glue.example.com",
                                      "Glue.amazonaws.com",
                                      "glue.amazonaws.com.",
                                      "glue amazonaws.com",
                                      "*.amazonaws.com",
                                      "a/b.amazonaws.com"}) {
    EXPECT_FALSE(is_service(name)) << name;
    const auto refused = ask(AuthzFixture::root(), name);
    EXPECT_TRUE(outcome(refused).starts_with("AccessDenied")) << name << outcome(refused);
  }
  world_.change_user([](identity::User& user) {
    user.inline_policies = {
        {.name = "p",
         .document = authz::document(
             "Allow",
             "signin:CreateOAuth2Token",
             R"("Resource":"arn:aws:signin:eu-west-1:111122223333:service-principal/glue.*")")}};
  });
  make();
  const auto refused = ask(AuthzFixture::user(), "athena.amazonaws.com");
  EXPECT_NE(outcome(refused).find("signin:CreateOAuth2Token on resource: "
                                  "arn:aws:signin:eu-west-1:111122223333:service-principal/"
                                  "athena.amazonaws.com"),
            std::string::npos)
      << outcome(refused);
  EXPECT_TRUE(outcome(bearer(60)).starts_with("AccessDenied")) << "another permission";
}

TEST_F(AccessTokens, OutliveNoSession) {
  allow_role();
  const auto made = ask(role_for(600));
  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->expires_in, 600);
  EXPECT_EQ(bearer(std::nullopt, role_for(900))->expires_in, 900);
  EXPECT_EQ(bearer(300, role_for(900))->expires_in, 300);
}

TEST_F(AccessTokens, OfBearersLastTwelveHoursAtMost) {
  EXPECT_EQ(bearer(std::nullopt)->expires_in, 43'200);
  EXPECT_EQ(bearer(43'200)->expires_in, 43'200);
  EXPECT_EQ(outcome(bearer(43'201)), "ValidationError: duration must be at most 43200 seconds.");
}

// What a console session's credentials get ends with the session.
TEST_F(AccessTokens, EndWithTheSignInSessionTheyCameFrom) {
  ASSERT_EQ(try_password(kPassword).status, 303);
  const auto snapshot = world_.snapshot();
  const auto tickets = snapshot->tickets_of(identity::kAccount, AuthzFixture::kUserId, 9);
  ASSERT_EQ(tickets.size(), 1U);
  model::Session session = AuthzFixture::session(model::SessionKind::Console);
  session.console_session_id = tickets.front()->id_hash;
  session.expires = world_.clock.now().plus_seconds(900);
  const std::string token = make(AuthzFixture::with_session(AuthzFixture::user(), session));
  ASSERT_TRUE(is_good(token));
  EXPECT_TRUE(introspect(token).signin_session->starts_with("arn:aws:signin:"));

  headers_ = {{"sec-fetch-site", "same-origin"}};
  ASSERT_EQ(send("POST", "/_console/signout").status, 200);
  EXPECT_FALSE(is_good(token));
}

}  // namespace
}  // namespace signet::signin
