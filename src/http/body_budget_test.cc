#include "http/body_budget.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace signet::http {
namespace {

TEST(BodyBudget, RefusesWhatWouldPassItAndTakesAgainWhatCameBack) {
  BodyBudget budget(100);

  EXPECT_TRUE(budget.take(nullptr, 60));
  EXPECT_FALSE(budget.take(nullptr, 41));
  EXPECT_EQ(budget.in_use(), 60U);
  EXPECT_EQ(budget.refused(), 1U);

  budget.give_back(nullptr, 60);
  EXPECT_TRUE(budget.take(nullptr, 100));
}

TEST(BodyBudget, OneAddressGetsHalfOfItAndAnotherTheRest) {
  BodyBudget budget(100);
  AddressUse greedy;
  AddressUse other;

  EXPECT_TRUE(budget.take(&greedy, 50));
  EXPECT_FALSE(budget.take(&greedy, 1));
  EXPECT_TRUE(budget.take(&other, 50));
  EXPECT_FALSE(budget.take(&other, 1));

  budget.give_back(&greedy, 50);
  EXPECT_EQ(greedy.buffered, 0U);
  EXPECT_EQ(budget.in_use(), 50U);
}

TEST(BodyBudget, AnswersAreCountedWhateverIsInUse) {
  BodyBudget budget(10);

  budget.take_always(nullptr, 50);

  EXPECT_EQ(budget.in_use(), 50U);
  EXPECT_FALSE(budget.take(nullptr, 1));
}

TEST(AddressBook, AnAddressHasSoManyConnectionsAndOthersTheirOwn) {
  AddressBook book(2);

  std::optional<AddressLease> first = book.admit("192.0.2.1");
  const std::optional<AddressLease> second = book.admit("192.0.2.1");
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(book.admit("192.0.2.1").has_value());
  EXPECT_TRUE(book.admit("192.0.2.2").has_value());

  first.reset();
  EXPECT_TRUE(book.admit("192.0.2.1").has_value());
}

TEST(AddressBook, AMovedLeaseIsGivenBackOnce) {
  AddressBook book(1);
  {
    AddressLease kept;
    kept = *book.admit("192.0.2.1");
    EXPECT_FALSE(book.admit("192.0.2.1").has_value());
  }
  EXPECT_TRUE(book.admit("192.0.2.1").has_value());
}

TEST(AddressBook, AnIpv6NetworkCountsAsOne) {
  AddressBook book(1);

  const std::optional<AddressLease> lease = book.admit("2001:db8:0:1::1");

  EXPECT_TRUE(lease.has_value());
  EXPECT_FALSE(book.admit("2001:db8:0:1:ffff::2").has_value());
  EXPECT_TRUE(book.admit("2001:db8:0:2::1").has_value());
}

TEST(AddressBook, ForgetsWhoHasGone) {
  AddressBook book(1);
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(book.admit("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)));
  }
  EXPECT_LE(book.size(), 128U);
}

}  // namespace
}  // namespace signet::http
