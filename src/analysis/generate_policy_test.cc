#include "analysis/generate_policy.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "policy_engine/decide.h"

namespace signet::analysis {
namespace {

std::map<Access, Uses> uses_of(const std::vector<Access>& accesses) {
  std::map<Access, Uses> out;
  for (const Access& access : accesses) {
    out[access].count = 1;
  }
  return out;
}

bool allows(const std::string& document, std::string_view action, std::string_view resource) {
  const auto set =
      policy::PolicySet::make(policy::SetKind::Identity,
                              {{.policy = policy::compile_text(document), .id = "p", .pins = {}}});
  constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/u";
  const policy::RequestContext context;
  return policy::decide({.action = action, .resource = resource},
                        {.kind = policy::PrincipalKind::User,
                         .account = "111122223333",
                         .arn = kUser,
                         .entity_arn = kUser},
                        context,
                        {.identity = set.get()})
      .is_allowed();
}

TEST(GeneratePolicy, PutsActionsOnTheSameResourcesIntoOneStatement) {
  const auto made = generate_policy(uses_of({{"s3:GetObject", "arn:aws:s3:::b/k"},
                                             {"s3:PutObject", "arn:aws:s3:::b/k"},
                                             {"s3:ListBucket", "arn:aws:s3:::b"},
                                             {"iam:ListUsers", "*"}}),
                                    {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->statements, 3U);
  EXPECT_EQ(made->document, R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "iam:ListUsers",
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": [
        "s3:GetObject",
        "s3:PutObject"
      ],
      "Resource": "arn:aws:s3:::b/k"
    },
    {
      "Effect": "Allow",
      "Action": "s3:ListBucket",
      "Resource": "arn:aws:s3:::b"
    }
  ]
}
)");
}

TEST(GeneratePolicy, AllowsNothingElse) {
  const auto made = generate_policy(
      uses_of({{"s3:GetObject", "arn:aws:s3:::b/a"}, {"s3:PutObject", "arn:aws:s3:::b/z"}}), {});
  ASSERT_TRUE(made);
  EXPECT_TRUE(allows(made->document, "s3:GetObject", "arn:aws:s3:::b/a"));
  EXPECT_FALSE(allows(made->document, "s3:GetObject", "arn:aws:s3:::b/z"));
  EXPECT_FALSE(allows(made->document, "s3:PutObject", "arn:aws:s3:::b/a"));
  EXPECT_FALSE(allows(made->document, "s3:DeleteObject", "arn:aws:s3:::b/a"));
}

TEST(GeneratePolicy, TakesKeysWithWildcardsAndVariablesAsTheyAre) {
  const std::string key = "arn:aws:s3:::b/what?*${aws:username}$";
  const auto made = generate_policy(uses_of({{"s3:GetObject", key}}), {});
  ASSERT_TRUE(made);
  EXPECT_TRUE(allows(made->document, "s3:GetObject", key));
  EXPECT_FALSE(allows(made->document, "s3:GetObject", "arn:aws:s3:::b/whatX*${aws:username}$"));
  EXPECT_FALSE(allows(made->document, "s3:GetObject", "arn:aws:s3:::b/what?anything"));
}

TEST(GeneratePolicy, PutsActionsWithoutResourceTypesOnEverything) {
  const auto made = generate_policy(uses_of({{"s3:ListAllMyBuckets", "arn:aws:s3:::*"}}), {});
  ASSERT_TRUE(made);
  EXPECT_NE(made->document.find("\"Resource\": \"*\""), std::string::npos);
}

TEST(GeneratePolicy, TakesResourcesOfAnyAccount) {
  EXPECT_TRUE(generate_policy(uses_of({{"iam:GetRole", "arn:aws:iam::999988887777:role/r"},
                                       {"iam:GetRole", "arn:aws:iam::111122223333:role/r"}}),
                              {}));
}

TEST(GeneratePolicy, GeneralizesOnlyWhereItIsTold) {
  const auto uses = uses_of({{"s3:GetObject", "arn:aws:s3:::photos/a"},
                             {"s3:GetObject", "arn:aws:s3:::photos/b"},
                             {"s3:GetObject", "arn:aws:s3:::papers/c"}});
  const auto made = generate_policy(uses, {"arn:aws:s3:::photos/*", "arn:aws:s3:::films/*"});
  ASSERT_TRUE(made);
  EXPECT_TRUE(allows(made->document, "s3:GetObject", "arn:aws:s3:::photos/new"));
  EXPECT_FALSE(allows(made->document, "s3:GetObject", "arn:aws:s3:::papers/d"));
  EXPECT_EQ(made->unused_patterns, std::vector<std::string>{"arn:aws:s3:::films/*"});
}

TEST(GeneratePolicy, ASingleUseOfEverythingMakesTheRestNeedless) {
  const auto made = generate_policy(
      uses_of({{"iam:GetUser", "*"}, {"iam:GetUser", "arn:aws:iam::1:user/x"}}), {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->statements, 1U);
  EXPECT_EQ(made->document.find("user/x"), std::string::npos);
}

}  // namespace
}  // namespace signet::analysis
