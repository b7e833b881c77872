#include "policy/bind.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "policy/decide.h"

namespace signet::policy {
namespace {

constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/u";

PolicySetRef set_of(const std::string& statements) {
  return PolicySet::make(
      SetKind::Identity,
      {{.policy = compile_text(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}"),
        .id = "p",
        .pins = {}}});
}

struct Asked {
  RequestContext context;
  std::vector<model::Tag> tags{{.key = "team", .value = "red"}};

  Asked() {
    context.set(KeyId::AwsUsername, "u");
    context.set_tags(TagFamily::AwsPrincipalTag, tags);
    context.set(KeyId::S3Prefix, "p");
  }

  [[nodiscard]] Decision of(const PolicySet& set, std::string_view resource) const {
    const Principal user{
        .kind = PrincipalKind::User, .account = "111122223333", .arn = kUser, .entity_arn = kUser};
    return decide(
        {.action = "s3:GetObject", .resource = resource}, user, context, {.identity = &set});
  }
};

TEST(Bind, ReplacesVariablesThatNeverChange) {
  const auto set = set_of(
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"},)"
      R"({"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/*-${aws:PrincipalTag/team}"},)"
      R"({"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/*${aws:PrincipalTag/none}*"})");
  const Asked asked;
  const auto bound = bind(*set, session_constants(asked.context));

  EXPECT_TRUE(asked.of(*bound, "arn:aws:s3:::b/u/k").is_allowed());
  EXPECT_EQ(asked.of(*bound, "arn:aws:s3:::b/v/k").verdict, Verdict::ImplicitlyDenied);
  EXPECT_EQ(asked.of(*bound, "arn:aws:s3:::b/${aws:username}/k").verdict,
            Verdict::ImplicitlyDenied);
  const Decision denied = asked.of(*bound, "arn:aws:s3:::b/u/k-red");
  EXPECT_EQ(denied.verdict, Verdict::ExplicitlyDenied);
  EXPECT_EQ(denied.statement.set, bound.get());
  EXPECT_EQ(denied.statement.statement, 1U);
}

TEST(Bind, KeepsWildcardsOfAValueLiteral) {
  const auto set =
      set_of(R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"})");
  Asked asked;
  asked.context.set(KeyId::AwsUsername, "*");
  const auto bound = bind(*set, session_constants(asked.context));

  EXPECT_TRUE(asked.of(*bound, "arn:aws:s3:::b/*/k").is_allowed());
  EXPECT_FALSE(asked.of(*bound, "arn:aws:s3:::b/other/k").is_allowed());
}

TEST(Bind, DecidesOnlyConditionsOfTheSession) {
  const auto set = set_of(
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::tag","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}},)"
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::other","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}},)"
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::absent","Condition":{"Null":{"aws:TokenIssueTime":"true"}}},)"
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::prefix","Condition":{"StringEquals":{"s3:prefix":"p"}}})");
  Asked asked;
  const auto bound = bind(*set, session_constants(asked.context));

  EXPECT_TRUE(asked.of(*bound, "arn:aws:s3:::tag").is_allowed());
  EXPECT_FALSE(asked.of(*bound, "arn:aws:s3:::other").is_allowed());
  EXPECT_TRUE(asked.of(*bound, "arn:aws:s3:::absent").is_allowed());
  EXPECT_TRUE(asked.of(*bound, "arn:aws:s3:::prefix").is_allowed());
  asked.context.set(KeyId::S3Prefix, "q");
  EXPECT_FALSE(asked.of(*bound, "arn:aws:s3:::prefix").is_allowed());
}

TEST(Bind, OutlivesTheContextItWasMadeFrom) {
  const auto set = set_of(
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/${aws:PrincipalTag/team}"})");
  PolicySetRef bound;
  {
    const std::string name = "a user with a name too long to stand within a string";
    std::vector<model::Tag> tags{{.key = "team", .value = "another text that needs an allocation"}};
    RequestContext context;
    context.set(KeyId::AwsUsername, name);
    context.set_tags(TagFamily::AwsPrincipalTag, tags);
    bound = bind(*set, session_constants(context));
  }
  const Asked asked;

  EXPECT_TRUE(asked
                  .of(*bound,
                      "arn:aws:s3:::b/a user with a name too long to stand within a string/"
                      "another text that needs an allocation")
                  .is_allowed());
}

TEST(Bind, OfASetThatCannotBeReadDenies) {
  const auto broken =
      PolicySet::make(SetKind::Identity, {{.policy = nullptr, .id = "p", .pins = {}}});
  const Asked asked;
  const auto bound = bind(*broken, session_constants(asked.context));

  EXPECT_TRUE(bound->is_broken());
  EXPECT_TRUE(asked.of(*bound, "arn:aws:s3:::b/k").is_error);
}

}  // namespace
}  // namespace signet::policy
