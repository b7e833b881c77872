#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "policy/bind.h"

namespace signet::policy {
namespace {

bool names(std::string_view rest) {
  const std::string text =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*",)" + std::string(rest) +
      "}}";
  return names_session_keys(
      *PolicySet::make(SetKind::Identity, {{.policy = compile_text(text), .id = "p", .pins = {}}}));
}

TEST(SessionKeys, AreNamedByVariablesAndConditions) {
  EXPECT_TRUE(names(R"("Resource":"arn:aws:s3:::b/${aws:username}")"));
  EXPECT_TRUE(names(R"("Resource":"arn:aws:s3:::b/${aws:PrincipalTag/a, 'b'}")"));
  EXPECT_TRUE(names(R"("Resource":"*","Condition":{"Null":{"AWS:TokenIssueTime":"true"}})"));
  EXPECT_TRUE(
      names(R"("Resource":"*","Condition":{"StringLike":{"s3:prefix":"${aws:userid}/*"}})"));
  EXPECT_FALSE(names(R"("Resource":"arn:aws:s3:::b/${aws:CurrentTime}")"));
  EXPECT_FALSE(names(R"("Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/a":"b"}})"));
  EXPECT_FALSE(names(R"("Resource":"*","Condition":{"StringEquals":{"idp.example.com:sub":"b"}})"));
}

// The constants of one session after a change.
struct Session {
  std::vector<model::Tag> over{{.key = "team", .value = "red"}};
  std::vector<model::Tag> under{{.key = "team", .value = "blue"}};
  std::vector<std::string_view> path{"o-1/r-1/"};
  RequestContext context;

  Session() { fill(); }

  void fill() {
    context.set(KeyId::AwsUsername, "alice");
    context.set_instant(KeyId::AwsTokenIssueTime, Instant::from_seconds(1));
    context.set_list(KeyId::AwsPrincipalOrgPaths, path);
    context.set_tags(TagFamily::AwsPrincipalTag, over, under);
    context.set(KeyId::AwsSourceIp, "192.0.2.1");
  }

  [[nodiscard]] bool is_as_ever() const {
    return is_same(*session_constants(Session().context), *session_constants(context));
  }
};

TEST(SessionKeys, ConstantsAreTheSameUntilOneDiffers) {
  Session other;
  EXPECT_TRUE(other.is_as_ever());
  other.context.set(KeyId::AwsSourceIp, "192.0.2.2");
  other.context.add("idp.example.com:sub", "x");
  EXPECT_TRUE(other.is_as_ever()) << "these belong to the request";

  const auto differs = [](auto change) {
    Session session;
    change(session);
    return !session.is_as_ever();
  };
  EXPECT_TRUE(differs([](Session& one) { one.context.set(KeyId::AwsUsername, "bob"); }));
  EXPECT_TRUE(differs([](Session& one) { one.context.unset(KeyId::AwsUsername); }));
  EXPECT_TRUE(differs([](Session& one) { one.context.set(KeyId::AwsSourceIdentity, ""); }));
  EXPECT_TRUE(differs([](Session& one) {
    one.context.set_instant(KeyId::AwsTokenIssueTime, Instant::from_seconds(2));
  }));
  EXPECT_TRUE(differs([](Session& one) {
    one.path.front() = "o-1/r-2/";
    one.fill();
  }));
  EXPECT_TRUE(differs([](Session& one) { one.over.front().value = "blue"; }));
  EXPECT_TRUE(differs([](Session& one) { one.under.front().value = "red"; }));
  EXPECT_TRUE(differs([](Session& one) { one.context.add("aws:PrincipalTag/more", "x"); }));
}

}  // namespace
}  // namespace signet::policy
