#include "api/fair_queue.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace signet::api {
namespace {

constexpr FairQueueLimits kRoomy{
    .places = 100, .account_places = 100, .caller_places = 100, .caller_running = 100};

class FairQueueTest : public ::testing::Test {
 protected:
  explicit FairQueueTest(const FairQueueLimits& limits = kRoomy) : queue_(limits) {}

  Admission push(const std::string& account, const std::string& caller, const std::string& name) {
    return queue_.push({.account = account, .caller = caller},
                       [this, name](authz::Authorizer&) { ran_.push_back(name); });
  }

  // Runs what may run now, one after the other; the names in the order they ran.
  std::vector<std::string> run_all() {
    authz::Authorizer authorizer;
    while (std::optional<FairQueue::Taken> taken = queue_.pop()) {
      taken->job(authorizer);
      queue_.done(taken->share);
    }
    return std::exchange(ran_, {});
  }

  FairQueue queue_;
  std::vector<std::string> ran_;
};

using Names = std::vector<std::string>;

TEST_F(FairQueueTest, OneCallersJobsKeepTheirOrder) {
  EXPECT_EQ(push("1", "a", "a1"), Admission::Queued);
  EXPECT_EQ(push("1", "a", "a2"), Admission::Queued);
  EXPECT_EQ(push("1", "a", "a3"), Admission::Queued);

  EXPECT_EQ(run_all(), (Names{"a1", "a2", "a3"}));
}

TEST_F(FairQueueTest, ACallerWithOneJobWaitsForOneOfTheFlood) {
  for (int i = 1; i <= 4; ++i) {
    static_cast<void>(push("1", "flood", "flood" + std::to_string(i)));
  }
  static_cast<void>(push("1", "quiet", "quiet"));

  EXPECT_EQ(run_all(), (Names{"flood1", "quiet", "flood2", "flood3", "flood4"}));
}

TEST_F(FairQueueTest, ManyCallersOfOneAccountHaveOneShareTogether) {
  for (const char* caller : {"a", "b", "c"}) {
    static_cast<void>(push("crowd", caller, std::string(caller) + "1"));
    static_cast<void>(push("crowd", caller, std::string(caller) + "2"));
  }
  static_cast<void>(push("single", "x", "x1"));
  static_cast<void>(push("single", "x", "x2"));

  EXPECT_EQ(run_all(), (Names{"a1", "x1", "b1", "x2", "c1", "a2", "b2", "c2"}));
}

TEST_F(FairQueueTest, CallersOfTheSameNameInTwoAccountsAreTwo) {
  static_cast<void>(push("1", "a", "1a1"));
  static_cast<void>(push("1", "a", "1a2"));
  static_cast<void>(push("2", "a", "2a1"));

  EXPECT_EQ(run_all(), (Names{"1a1", "2a1", "1a2"}));
}

class NarrowFairQueueTest : public FairQueueTest {
 protected:
  NarrowFairQueueTest()
      : FairQueueTest({.places = 6, .account_places = 4, .caller_places = 2, .caller_running = 1}) {
  }
};

TEST_F(NarrowFairQueueTest, ACallerThatHasItsPlacesIsRefusedAndOthersAreNot) {
  EXPECT_EQ(push("1", "a", "a1"), Admission::Queued);
  EXPECT_EQ(push("1", "a", "a2"), Admission::Queued);

  EXPECT_EQ(push("1", "a", "a3"), Admission::ShareFull);
  EXPECT_EQ(push("1", "b", "b1"), Admission::Queued);
  EXPECT_EQ(queue_.waiting(), 3U);
}

TEST_F(NarrowFairQueueTest, AnAccountThatHasItsPlacesIsRefusedWhoeverAsks) {
  for (const char* caller : {"a", "a", "b", "b"}) {
    EXPECT_EQ(push("1", caller, caller), Admission::Queued);
  }

  EXPECT_EQ(push("1", "c", "c1"), Admission::ShareFull);
  EXPECT_EQ(push("2", "c", "c1"), Admission::Queued);
}

TEST_F(NarrowFairQueueTest, AFullQueueRefusesEverybody) {
  for (const char* account : {"1", "2", "3"}) {
    EXPECT_EQ(push(account, "a", "x"), Admission::Queued);
    EXPECT_EQ(push(account, "a", "y"), Admission::Queued);
  }

  EXPECT_EQ(push("4", "a", "z"), Admission::Full);
}

TEST_F(NarrowFairQueueTest, ACallerWhoseJobRunsIsPassedOverUntilItHasEnded) {
  static_cast<void>(push("1", "a", "a1"));
  static_cast<void>(push("1", "a", "a2"));
  static_cast<void>(push("1", "b", "b1"));

  const std::optional<FairQueue::Taken> first = queue_.pop();
  const std::optional<FairQueue::Taken> second = queue_.pop();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->share.caller, "a");
  EXPECT_EQ(second->share.caller, "b");
  EXPECT_FALSE(queue_.pop().has_value());

  queue_.done(first->share);
  const std::optional<FairQueue::Taken> third = queue_.pop();
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->share.caller, "a");
}

TEST_F(NarrowFairQueueTest, PlacesComeBackWhenJobsAreTaken) {
  static_cast<void>(push("1", "a", "a1"));
  static_cast<void>(push("1", "a", "a2"));
  EXPECT_EQ(push("1", "a", "a3"), Admission::ShareFull);

  EXPECT_EQ(run_all(), (Names{"a1", "a2"}));
  EXPECT_EQ(queue_.waiting(), 0U);
  EXPECT_EQ(push("1", "a", "a3"), Admission::Queued);
}

}  // namespace
}  // namespace signet::api
