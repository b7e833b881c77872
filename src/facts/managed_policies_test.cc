#include "facts/managed_policies.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

TEST(ManagedPolicies, HoldsThePoliciesThatThePublishedProgramsAttach) {
  for (const std::string_view name : {"AmazonS3ReadOnlyAccess",
                                      "AdministratorAccess",
                                      "AmazonS3FullAccess",
                                      "PowerUserAccess",
                                      "IAMFullAccess",
                                      "IAMReadOnlyAccess",
                                      "IAMUserChangePassword",
                                      "AWSDenyAll",
                                      "job-function/ViewOnlyAccess",
                                      "SignInLocalDevelopmentAccess"}) {
    SCOPED_TRACE(name);
    const std::string arn = "arn:aws:iam::aws:policy/" + std::string(name);

    const ManagedPolicy* policy = find_managed_policy(arn);

    ASSERT_NE(policy, nullptr);
    EXPECT_EQ(policy->arn, arn);
  }
}

TEST(ManagedPolicies, TellsWhatIsRecordedOfAmazonS3ReadOnlyAccess) {
  const ManagedPolicy* policy =
      find_managed_policy("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");

  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->name, "AmazonS3ReadOnlyAccess");
  EXPECT_EQ(policy->path, "/");
  EXPECT_EQ(policy->policy_id, "ANPAIZTJ4DXE7G6AGAE6M");
  EXPECT_EQ(policy->default_version_id, "v3");
  EXPECT_EQ(policy->create_date.unix_ms, 1'423'248'059'000);  // 2015-02-06T18:40:59Z
  EXPECT_EQ(
      policy->document,
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*",)"
      R"("s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]})");
}

TEST(ManagedPolicies, FindsNothingForOtherArns) {
  for (const std::string_view arn : {"",
                                     "AdministratorAccess",
                                     "arn:aws:iam::aws:policy/",
                                     "arn:aws:iam::aws:policy/NoSuchPolicy",
                                     "arn:aws:iam::aws:policy/administratoraccess",
                                     "arn:aws:iam::aws:policy/ViewOnlyAccess",
                                     "arn:aws:iam::123456789012:policy/AdministratorAccess",
                                     "arn:aws:iam::aws:policy/AdministratorAccess "}) {
    EXPECT_EQ(find_managed_policy(arn), nullptr) << arn;
  }
}

TEST(ManagedPolicies, FindsEveryOneByItsArn) {
  ASSERT_GE(managed_policies().size(), 1594U);
  ASSERT_TRUE(std::ranges::is_sorted(managed_policies(), {}, &ManagedPolicy::arn));
  for (const ManagedPolicy& policy : managed_policies()) {
    EXPECT_EQ(find_managed_policy(policy.arn), &policy);
  }
}

TEST(ManagedPolicies, HaveUniqueIdsInTheFormOfAws) {
  std::set<std::string_view> ids;
  for (const ManagedPolicy& policy : managed_policies()) {
    SCOPED_TRACE(policy.arn);
    EXPECT_TRUE(ids.insert(policy.policy_id).second);
    EXPECT_EQ(policy.policy_id.size(), 21U);
    EXPECT_TRUE(policy.policy_id.starts_with("ANPA"));
    EXPECT_LE(policy.create_date.unix_ms, policy.update_date.unix_ms);
    EXPECT_TRUE(policy.document.starts_with("{"));
    EXPECT_NE(policy.document.find(R"("Version":"20)"), std::string_view::npos);
    EXPECT_TRUE(policy.document.ends_with("}"));
  }
}

}  // namespace
}  // namespace signet::facts
