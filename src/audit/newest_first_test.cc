#include "audit/newest_first.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "audit/chain.h"
#include "audit/folder_for_test.h"
#include "audit/trail_file.h"

namespace signet::audit {
namespace {

class NewestFirst : public FolderTest {
 protected:
  // Lines as a trail has them, numbered from `first`.
  void write_lines(const std::string& path, std::uint64_t first, int count, std::size_t pad = 0) {
    std::string text;
    ChainPoint point{.sequence = first - 1, .digest = std::string(64, '0')};
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(first + static_cast<std::uint64_t>(i));
      append_chained(
          text, "{\"n\":" + number + ",\"p\":\"" + std::string(pad, 'x') + "\"}\n", point, i == 0);
    }
    write(path, text);
  }

  struct Read {
    std::vector<std::string> numbers;
    std::optional<TrailPlace> place;
  };

  // Up to `limit` lines.
  Read read_some(const std::optional<TrailPlace>& from,
                 std::size_t limit,
                 std::uint64_t max_bytes = 1 << 30) {
    Read found;
    auto place = read_newest_first(path_, from, max_bytes, [&](std::string_view line) {
      if (found.numbers.size() == limit) {
        return false;
      }
      found.numbers.emplace_back(line.substr(5, line.find(',') - 5));
      return true;
    });
    EXPECT_TRUE(place);
    found.place = *place;
    return found;
  }
};

TEST_F(NewestFirst, ReadsFilledFilesAfterThePresentOne) {
  write_lines(rotated_name(path_, 1), 1, 2);
  write_lines(rotated_name(path_, 3), 3, 1);
  write_lines(path_, 4, 2);

  const Read all = read_some(std::nullopt, 100);

  EXPECT_EQ(all.numbers, (std::vector<std::string>{"5", "4", "3", "2", "1"}));
  EXPECT_EQ(all.place, std::nullopt);
}

TEST_F(NewestFirst, GoesOnFromAPlaceOverAllFiles) {
  write_lines(rotated_name(path_, 1), 1, 3);
  write_lines(path_, 4, 3);

  std::vector<std::string> seen;
  std::optional<TrailPlace> place;
  do {
    const Read page = read_some(place, 2);
    seen.insert(seen.end(), page.numbers.begin(), page.numbers.end());
    place = page.place;
  } while (place);

  EXPECT_EQ(seen, (std::vector<std::string>{"6", "5", "4", "3", "2", "1"}));
}

TEST_F(NewestFirst, APlaceHoldsWhenTheFileIsFilledMeanwhile) {
  write_lines(path_, 1, 3);
  const Read page = read_some(std::nullopt, 1);
  std::filesystem::rename(path_, rotated_name(path_, 1));
  write_lines(path_, 4, 2);

  EXPECT_EQ(read_some(page.place, 100).numbers, (std::vector<std::string>{"2", "1"}));
}

TEST_F(NewestFirst, GoesOnWithOlderFilesWhenThePlacesFileIsGone) {
  write_lines(rotated_name(path_, 1), 1, 1);
  write_lines(rotated_name(path_, 2), 2, 2);
  write_lines(path_, 4, 1);
  const Read page = read_some(std::nullopt, 2);
  ASSERT_EQ(page.numbers, (std::vector<std::string>{"4", "3"}));
  std::filesystem::remove(rotated_name(path_, 2));

  EXPECT_EQ(read_some(page.place, 100).numbers, std::vector<std::string>{"1"});
}

TEST_F(NewestFirst, LinesLongerThanABlockAreWhole) {
  write_lines(path_, 1, 5, 400'000);

  EXPECT_EQ(read_some(std::nullopt, 100).numbers,
            (std::vector<std::string>{"5", "4", "3", "2", "1"}));
}

TEST_F(NewestFirst, ReadsNoMoreThanItIsAllowedTo) {
  write_lines(path_, 1, 10, 1000);

  const Read page = read_some(std::nullopt, 100, 2500);

  EXPECT_EQ(page.numbers, (std::vector<std::string>{"10", "9", "8"}));
  EXPECT_EQ(read_some(page.place, 1).numbers, std::vector<std::string>{"7"});
}

TEST_F(NewestFirst, PassesOverWhatIsBeingWritten) {
  write_lines(path_, 1, 2);
  write(path_, read(path_) + "{\"n\":3,\"half");

  EXPECT_EQ(read_some(std::nullopt, 100).numbers, (std::vector<std::string>{"2", "1"}));
}

TEST_F(NewestFirst, APlaceThatIsNoneIsHarmless) {
  write_lines(path_, 1, 3);

  EXPECT_EQ(read_some(TrailPlace{.file = 1, .end = 1'000'000}, 9).numbers.size(), 3U);
  EXPECT_EQ(read_some(TrailPlace{.file = 1, .end = 7}, 9).numbers.size(), 0U);
  EXPECT_EQ(read_some(TrailPlace{.file = 0, .end = 7}, 9).numbers.size(), 0U);
  EXPECT_EQ(read_some(TrailPlace{.file = 999, .end = 0}, 9).numbers.size(), 3U);
}

TEST_F(NewestFirst, AnEmptyTrailHasNothingAndOneThatIsNotThereFails) {
  const auto nothing = [](std::string_view) {
    return true;
  };
  EXPECT_FALSE(read_newest_first(path_, std::nullopt, 1000, nothing));
  write(path_, "");

  EXPECT_EQ(read_some(std::nullopt, 9).numbers.size(), 0U);
}

}  // namespace
}  // namespace signet::audit
