#include "api/shares.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace signet::api {
namespace {

Share share(std::string account, std::string caller) {
  return {.account = std::move(account), .caller = std::move(caller)};
}

TEST(Shares, WhoHasItsShareIsRefusedAndNobodyElse) {
  Shares shares({.account_places = 3, .caller_places = 2});
  std::vector<Shares::Place> held;
  for (int i = 0; i < 2; ++i) {
    auto place = shares.enter(share("1", "flooder"));
    ASSERT_TRUE(place);
    held.push_back(*std::move(place));
  }
  EXPECT_FALSE(shares.enter(share("1", "flooder")));
  EXPECT_TRUE(shares.enter(share("1", "neighbour")));
  EXPECT_TRUE(shares.enter(share("2", "stranger")));
}

TEST(Shares, AnAccountHasItsShareHoweverManyCallersItMakes) {
  Shares shares({.account_places = 3, .caller_places = 2});
  std::vector<Shares::Place> held;
  for (const char* caller : {"a", "b", "c"}) {
    auto place = shares.enter(share("1", caller));
    ASSERT_TRUE(place);
    held.push_back(*std::move(place));
  }
  EXPECT_FALSE(shares.enter(share("1", "d")));
  EXPECT_TRUE(shares.enter(share("2", "e")));
}

TEST(Shares, APlaceIsGivenBackOnce) {
  Shares shares({.account_places = 1, .caller_places = 1});
  {
    auto first = shares.enter(share("1", "a"));
    ASSERT_TRUE(first);
    const Shares::Place moved = *std::move(first);
    EXPECT_FALSE(shares.enter(share("1", "a")));
  }
  auto again = shares.enter(share("1", "a"));
  ASSERT_TRUE(again);
  EXPECT_FALSE(shares.enter(share("1", "a"))) << "a moved place gave nothing back";
}

}  // namespace
}  // namespace signet::api
