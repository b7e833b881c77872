#include "facts/s3_condition_keys.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

TEST(S3ConditionKeys, SayWhichActionsTheyFit) {
  const auto prefix = find_s3_condition_key("S3:Prefix");
  ASSERT_TRUE(prefix);
  EXPECT_FALSE(prefix->fits_every_action);
  EXPECT_EQ(std::vector(prefix->actions.begin(), prefix->actions.end()),
            (std::vector<std::string_view>{"ListBucket", "ListBucketVersions"}));
  EXPECT_TRUE(find_s3_condition_key("s3:TlsVersion")->fits_every_action);
  const auto tag = find_s3_condition_key("s3:ExistingObjectTag/team/x");
  ASSERT_TRUE(tag);
  EXPECT_NE(std::ranges::find(tag->actions, "GetObject"), tag->actions.end());
}

TEST(S3ConditionKeys, KnowNoOthers) {
  for (const std::string_view name : {"s3:prefixes",
                                      "prefix",
                                      "s3:ExistingObjectTag",
                                      "s3:ExistingObjectTag/",
                                      "s3:prefix/x",
                                      "aws:SourceIp",
                                      "",
                                      "/"}) {
    EXPECT_FALSE(find_s3_condition_key(name)) << name;
  }
}

}  // namespace
}  // namespace signet::facts
