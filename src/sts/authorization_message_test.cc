#include <string>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "sts/handlers.h"
#include "token/auth_message.h"

namespace signet::sts {
namespace {

using authz::AuthzFixture;

constexpr std::string_view kDetails = R"({"allowed":false,"explicitDeny":true})";
constexpr std::string_view kInvalid =
    "InvalidAuthorizationMessageException: Invalid Authorization Message";

class AuthorizationMessage : public testing::Test {
 protected:
  std::string seal(std::string_view account = identity::kAccount, std::int64_t seconds = 600) {
    return token::seal_authorization_message(world_.rings.current(),
                                             account,
                                             kDetails,
                                             world_.clock.now(),
                                             seconds,
                                             world_.random)
        .value_or("");
  }

  auto decode(const std::string& text, const model::Caller& caller = AuthzFixture::root()) {
    return world_.call(caller, DecodeAuthorizationMessageRequest{.encoded_message = text});
  }

  api::ApiFixture world_;
};

TEST_F(AuthorizationMessage, IsToldToTheAccountThatWasRefused) {
  const auto told = decode(seal());
  ASSERT_EQ(outcome(told), "ok");
  EXPECT_EQ(told->decoded_message, kDetails);
}

// It says which policies there are.
TEST_F(AuthorizationMessage, NeedsPermission) {
  const std::string refused = outcome(decode(seal(), AuthzFixture::user()));
  EXPECT_TRUE(refused.starts_with("AccessDenied")) << refused;
  EXPECT_NE(refused.find("sts:DecodeAuthorizationMessage"), std::string::npos) << refused;
  world_.change_user([](identity::User& user) {
    user.inline_policies = {
        {.name = "p", .document = authz::document("Allow", "sts:DecodeAuthorizationMessage")}};
  });
  EXPECT_EQ(outcome(decode(seal(), AuthzFixture::user())), "ok");
}

TEST_F(AuthorizationMessage, AnyOtherIsAnsweredAlike) {
  const std::string good = seal();
  EXPECT_EQ(outcome(decode(seal(identity::kOtherAccount))), kInvalid);
  EXPECT_EQ(outcome(decode(good, AuthzFixture::root(identity::kOtherAccount))), kInvalid);
  for (const std::string& text : {std::string(),
                                  std::string("x"),
                                  std::string(200, 'A'),
                                  good + "A",
                                  good + "=",
                                  " " + good}) {
    EXPECT_EQ(outcome(decode(text)), kInvalid) << text;
  }
  for (std::size_t i = 0; i < good.size(); i += 5) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(outcome(decode(changed)), kInvalid) << i;
    EXPECT_EQ(outcome(decode(good.substr(0, i))), kInvalid) << i;
  }
}

TEST_F(AuthorizationMessage, LastsAsLongAsItWasMadeFor) {
  const std::string message = seal();
  world_.clock.advance_seconds(599);
  EXPECT_EQ(outcome(decode(message)), "ok");
  world_.clock.advance_seconds(1);
  EXPECT_EQ(outcome(decode(message)), kInvalid);
}

}  // namespace
}  // namespace signet::sts
