#include "signin/attempts.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::signin {
namespace {

constexpr Instant kNow = Instant::from_seconds(1'790'000'000);

TEST(Attempts, TheFirstFewAreFreeThenEachWaitsTwiceAsLong) {
  Attempts attempts;
  Instant now = kNow;
  for (std::uint32_t i = 0; i < Attempts::kFreePerName; ++i) {
    EXPECT_EQ(attempts.enter("a/alice", "10.0.0.1", now), 0) << i;
  }
  for (const std::int64_t pause : {1, 2, 4, 8}) {
    EXPECT_EQ(attempts.enter("a/alice", "10.0.0.1", now), pause);
    EXPECT_EQ(attempts.enter("a/alice", "10.0.0.2", now), pause) << "from elsewhere too";
    now = now.plus_seconds(pause);
    EXPECT_EQ(attempts.enter("a/alice", "10.0.0.1", now), 0);
  }
}

TEST(Attempts, AskingWhileOneHasToWaitMakesTheWaitNoLonger) {
  Attempts attempts;
  for (int i = 0; i < 6; ++i) {
    static_cast<void>(attempts.enter("a/alice", "10.0.0.1", kNow.plus_seconds(i * 10)));
  }
  const Instant now = kNow.plus_seconds(50);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(attempts.enter("a/alice", "10.0.0.1", now), 2);
  }
}

TEST(Attempts, NobodyWaitsForMoreThanFiveMinutes) {
  Attempts attempts;
  Instant now = kNow;
  std::int64_t longest = 0;
  for (int i = 0; i < 60; ++i) {
    const std::int64_t wait = attempts.enter("a/alice", std::to_string(i), now);
    longest = std::max(longest, wait);
    now = now.plus_seconds(wait);
  }
  EXPECT_EQ(longest, Attempts::kLongestWaitSeconds);
}

TEST(Attempts, OthersGoOnUnlessTheyComeFromThereToo) {
  Attempts attempts;
  for (std::uint32_t i = 0; i < Attempts::kFreePerAddress; ++i) {
    EXPECT_EQ(attempts.enter("a/user" + std::to_string(i), "10.0.0.1", kNow), 0);
  }
  EXPECT_GT(attempts.enter("a/bob", "10.0.0.1", kNow), 0) << "many names, one address";
  EXPECT_EQ(attempts.enter("a/bob", "10.0.0.2", kNow), 0);
}

TEST(Attempts, ASuccessAndAnHourForget) {
  Attempts attempts;
  for (std::uint32_t i = 0; i < Attempts::kFreePerName; ++i) {
    static_cast<void>(attempts.enter("a/alice", "10.0.0.1", kNow));
    static_cast<void>(attempts.enter("a/bob", "10.0.0.2", kNow));
  }
  attempts.succeeded("a/alice", "10.0.0.1");
  EXPECT_EQ(attempts.enter("a/alice", "10.0.0.1", kNow), 0);
  EXPECT_GT(attempts.enter("a/bob", "10.0.0.2", kNow), 0);
  const Instant later = kNow.plus_seconds(Attempts::kForgottenAfterSeconds);
  for (std::uint32_t i = 0; i < Attempts::kFreePerName; ++i) {
    EXPECT_EQ(attempts.enter("a/bob", "10.0.0.2", later), 0);
  }
}

TEST(Attempts, ANetworkOfIpv6IsOneAddress) {
  Attempts attempts;
  for (std::uint32_t i = 0; i < Attempts::kFreePerAddress; ++i) {
    const std::string address = "2001:db8:0:1::" + std::to_string(i);
    EXPECT_EQ(attempts.enter("a/" + std::to_string(i), address, kNow), 0);
  }
  EXPECT_GT(attempts.wait("a/next", "2001:db8:0:1:ffff::1", kNow), 0);
  EXPECT_EQ(attempts.wait("a/next", "2001:db8:0:2::1", kNow), 0);
  EXPECT_EQ(attempts.wait("a/next", "10.0.0.1", kNow), 0);
}

TEST(Attempts, LookingCountsNothingAndRemembersNothing) {
  Attempts attempts;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(attempts.wait("a/alice", "10.0.0.1", kNow), 0);
  }
  for (std::uint32_t i = 0; i < Attempts::kFreePerName; ++i) {
    EXPECT_EQ(attempts.enter("a/alice", "10.0.0.1", kNow), 0);
  }
  EXPECT_EQ(attempts.wait("a/alice", "10.0.0.2", kNow), 1);
}

TEST(Attempts, AClockThatIsSetBackMakesNobodyWaitLonger) {
  Attempts attempts;
  for (std::uint32_t i = 0; i < Attempts::kFreePerName; ++i) {
    static_cast<void>(attempts.enter("a/alice", "10.0.0.1", kNow.plus_seconds(86'400)));
  }
  EXPECT_EQ(attempts.enter("a/alice", "10.0.0.1", kNow), 1);
}

TEST(Attempts, AFullTableForgetsThoseWhoFailedLeast) {
  Attempts attempts;
  for (int i = 0; i < 12; ++i) {
    static_cast<void>(attempts.enter("a/victim", "10.0.0.1", kNow.plus_seconds(600LL * i)));
  }
  const Instant now = kNow.plus_seconds(600 * 11);
  for (std::size_t i = 0; i <= Attempts::kMaxRemembered; ++i) {
    static_cast<void>(attempts.enter(std::to_string(i), std::to_string(i), now));
  }
  EXPECT_GT(attempts.wait("a/victim", "10.0.0.1", now), 0);
}

TEST(Attempts, AResetForgetsAll) {
  Attempts attempts;
  for (std::uint32_t i = 0; i < Attempts::kFreePerName; ++i) {
    static_cast<void>(attempts.enter("a/alice", "10.0.0.1", kNow));
  }
  attempts.reset();
  EXPECT_EQ(attempts.enter("a/alice", "10.0.0.1", kNow), 0);
}

TEST(Attempts, ASuccessDoesNotMakeGuessesAtOthersFree) {
  Attempts attempts;
  for (std::uint32_t i = 0; i + 1 < Attempts::kFreePerAddress; ++i) {
    static_cast<void>(attempts.enter("a/user" + std::to_string(i), "10.0.0.1", kNow));
    EXPECT_EQ(attempts.enter("a/mallory", "10.0.0.9", kNow.plus_seconds(i * 600)), 0);
  }
  EXPECT_EQ(attempts.enter("a/own", "10.0.0.1", kNow), 0);
  attempts.succeeded("a/own", "10.0.0.1");
  EXPECT_EQ(attempts.enter("a/own", "10.0.0.1", kNow), 0);
  EXPECT_GT(attempts.enter("a/victim", "10.0.0.1", kNow), 0);
}

}  // namespace
}  // namespace signet::signin
