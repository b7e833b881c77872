#include "server/limits.h"

#include <string>
#include <unordered_set>

#include <gtest/gtest.h>

namespace signet::server {
namespace {

std::string refusal(std::string_view assignment) {
  Limits limits;
  const Status status = limits.set(assignment);
  return status ? "" : status.error().message;
}

TEST(Limits, EachDefaultIsWithinItsBoundsAndEachNameIsThereOnce) {
  std::unordered_set<std::string_view> names;
  for (const LimitRow& row : limit_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.min <= row.fallback && row.fallback <= row.max) << row.name;
    EXPECT_FALSE(row.text.empty()) << row.name;
  }
}

TEST(Limits, NamesStandForTheLimitsTheyAreCalledAfter) {
  Limits limits;

  ASSERT_TRUE(limits.set("connections.max=77"));
  ASSERT_TRUE(limits.set("pool.passwords.queue.caller=3"));
  ASSERT_TRUE(limits.set("quota.bucket.objects=9"));

  EXPECT_EQ(limits.get(Limit::ConnectionsMax), 77);
  EXPECT_EQ(limits.get(Limit::PasswordsQueueCaller), 3);
  EXPECT_EQ(limits.get(Limit::QuotaBucketObjects), 9);
  EXPECT_EQ(limits.get(Limit::ConnectionsPerAddress), 10'000);
}

TEST(Limits, BytesTakeUnits) {
  Limits limits;

  ASSERT_TRUE(limits.set("memory.bodies=8MiB"));
  EXPECT_EQ(limits.get(Limit::MemoryBodies), 8 << 20);
  ASSERT_TRUE(limits.set("memory.unsigned-body=2048"));
  EXPECT_EQ(limits.get(Limit::MemoryUnsignedBody), 2048);
  EXPECT_EQ(limit_text(LimitUnit::Bytes, 8 << 20), "8MiB");
  EXPECT_EQ(limit_text(LimitUnit::Bytes, 1025), "1025");
  EXPECT_EQ(limit_text(LimitUnit::Number, 1024), "1024");
}

TEST(Limits, RefusesWhatIsNoLimitAndSaysWhatWouldBe) {
  EXPECT_NE(refusal("memory.bodies").find("NAME=VALUE"), std::string::npos);
  EXPECT_NE(refusal("memory.body=1MiB").find("unknown limit memory.body"), std::string::npos);
  EXPECT_EQ(refusal("memory.bodies=1KiB"), "memory.bodies must be from 4MiB to 64GiB, got: 1KiB");
  EXPECT_NE(refusal("memory.bodies=65GiB"), "");
  EXPECT_NE(refusal("memory.bodies=99999999999GiB"), "");
  EXPECT_NE(refusal("memory.bodies=-1"), "");
  EXPECT_NE(refusal("memory.bodies="), "");
  EXPECT_NE(refusal("pool.long.threads=1KiB"), "");
  EXPECT_NE(refusal("pool.long.threads=0"), "");
}

}  // namespace
}  // namespace signet::server
