#include "iam/paging.h"

#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

const std::string kScope = list_scope("ListUsers", IamFixture::kAccount);

std::vector<std::string> letters(std::size_t count) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < count; ++i) {
    items.emplace_back(1, static_cast<char>('a' + i));
  }
  return items;
}

const auto kItself = [](const std::string& item) {
  return item;
};

}  // namespace

TEST(Paging, DefaultsToAHundredItems) {
  const auto query = read_page(kScope, std::nullopt, std::nullopt);

  ASSERT_TRUE(query);
  EXPECT_EQ(query->limit, 100U);
  EXPECT_EQ(query->after, "");
}

TEST(Paging, NeverMakesAPageWithoutItems) {
  EXPECT_EQ(read_page(kScope, std::nullopt, 0)->limit, 1U);
  EXPECT_EQ(read_page(kScope, std::nullopt, -5)->limit, 1U);
  EXPECT_EQ(read_page(kScope, std::nullopt, 5000)->limit, 1000U);
}

TEST(Paging, WalksAListThroughItsMarkers) {
  std::vector<std::string> seen;
  std::optional<std::string> marker;
  int pages = 0;
  do {
    const PageQuery query = *read_page(kScope, marker, 3);
    Page<std::string> page = page_of(letters(7), query, kItself);
    seen.insert(seen.end(), page.items.begin(), page.items.end());
    marker = page.marker;
    pages += 1;
  } while (marker && pages < 10);

  EXPECT_EQ(seen, letters(7));
  EXPECT_EQ(pages, 3);
}

TEST(Paging, GivesNoMarkerWhenTheLastPageIsExactlyFull) {
  const PageQuery query = *read_page(kScope, std::nullopt, 3);

  EXPECT_FALSE(page_of(letters(3), query, kItself).marker);
  EXPECT_TRUE(page_of(letters(4), query, kItself).marker);
}

TEST(Paging, GoesOnBehindAnItemThatIsGone) {
  const PageQuery query = *read_page(kScope, make_marker(kScope, "b"), 3);

  const Page<std::string> page = page_of(std::vector<std::string>{"a", "c", "d"}, query, kItself);

  EXPECT_EQ(page.items, (std::vector<std::string>{"c", "d"}));
}

TEST(Paging, RefusesMarkersThatItDidNotIssue) {
  const std::string good = make_marker(kScope, "bob");
  std::string flipped = good;
  flipped.back() = flipped.back() == 'A' ? 'B' : 'A';

  struct Case {
    const char* name;
    std::string marker;
  };

  const Case cases[] = {
      {"word", "1"},
      {"not base64", "***"},
      {"one letter changed", flipped},
      {"cut short", good.substr(0, good.size() - 2)},
      {"of another list", make_marker(list_scope("ListRoles", IamFixture::kAccount), "bob")},
      {"of another account", make_marker(list_scope("ListUsers", IamFixture::kOther), "bob")},
      {"without a key", make_marker(kScope, "")},
      {"empty", ""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(outcome(read_page(kScope, c.marker, std::nullopt)),
              "ValidationError: Invalid Marker.")
        << c.name;
  }
  EXPECT_EQ(outcome(read_page(kScope, good, std::nullopt)), "ok");
}

TEST(Paging, KeepsMarkersWithinTheModelsLength) {
  EXPECT_LE(make_marker(kScope, std::string(128 + 64, 'x')).size(), 320U);
}

}  // namespace signet::iam
