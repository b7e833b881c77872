#include "model/arn.h"

#include <gtest/gtest.h>

namespace signet::model {
namespace {

TEST(SplitArn, KeepsFurtherColonsInTheResource) {
  const auto parts = split_arn("arn:aws:sqs:us-east-1:123456789012:a:b:c");

  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->service, "sqs");
  EXPECT_EQ(parts->region, "us-east-1");
  EXPECT_EQ(parts->account, "123456789012");
  EXPECT_EQ(parts->resource, "a:b:c");
}

TEST(SplitArn, RefusesWhatIsNotAnArn) {
  for (const char* bad :
       {"", "*", "arn", "arn:aws:s3::bucket", "ARN:aws:s3:::b", "xarn:aws:s3:::b"}) {
    EXPECT_FALSE(split_arn(bad).has_value()) << bad;
  }
}

TEST(AssumedRoleArn, HasNoPath) {
  EXPECT_EQ(assumed_role_arn("123456789012", "R", "s"),
            "arn:aws:sts::123456789012:assumed-role/R/s");
}

TEST(IamArn, KeepsThePath) {
  EXPECT_EQ(iam_arn("123456789012", "user", "/a/b/", "bob"),
            "arn:aws:iam::123456789012:user/a/b/bob");
}

TEST(IsAccountId, WantsTwelveDigits) {
  EXPECT_TRUE(is_account_id("000000000001"));
  for (const char* bad : {"", "12345678901", "1234567890123", "12345678901a", "aws"}) {
    EXPECT_FALSE(is_account_id(bad)) << bad;
  }
}

}  // namespace
}  // namespace signet::model
