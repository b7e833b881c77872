#include "telemetry/trail_reader.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "audit/folder_for_test.h"
#include "audit/trail_file.h"

namespace signet::telemetry {
namespace {

class TrailReaderTest : public audit::FolderTest {
 protected:
  TrailReaderTest() { open(); }

  void open() {
    trail_.reset();
    trail_ = *audit::TrailFile::open({.path = path_, .rotate_bytes = 600, .keep = 0});
  }

  void append(int number) {
    ASSERT_EQ(trail_->append("{\"n\":" + std::to_string(number) + "}\n"), 0);
  }

  // Numbers of all that is new, from `place` on.
  std::string read_all(TrailPosition& place) {
    TrailReader reader(path_, place);
    std::string numbers;
    while (true) {
      const auto lines = reader.next();
      if (!lines) {
        return "error";
      }
      if (lines->text.empty()) {
        return numbers;
      }
      numbers += lines->has_gap ? "GAP " : "";
      std::size_t at = 0;
      while ((at = lines->text.find("\"n\":", at)) != std::string::npos) {
        at += 4;
        numbers += lines->text.substr(at, lines->text.find(',', at) - at) + " ";
      }
      place = lines->end;
      reader.go_to(place);
    }
  }

  std::unique_ptr<audit::TrailFile> trail_;
};

TEST_F(TrailReaderTest, ReadsEachRecordOnceOverFilledFiles) {
  TrailPosition place;
  EXPECT_EQ(read_all(place), "");
  std::string expected;
  for (int i = 1; i <= 20; ++i) {
    append(i);
    expected += std::to_string(i) + " ";
  }
  ASSERT_FALSE(audit::rotated_files(path_).empty());

  EXPECT_EQ(read_all(place), expected);
  EXPECT_EQ(place.last, 20U);
  EXPECT_EQ(TrailReader(path_, place).behind(), 0U);
  EXPECT_EQ(read_all(place), "");
}

TEST_F(TrailReaderTest, GoesOnInAFileThatWasRenamedMeanwhile) {
  TrailPosition place;
  append(1);
  EXPECT_EQ(read_all(place), "1 ");
  for (int i = 2; i <= 9; ++i) {
    append(i);
  }
  EXPECT_GT(TrailReader(path_, place).behind(), 0U);

  EXPECT_EQ(read_all(place), "2 3 4 5 6 7 8 9 ");
}

TEST_F(TrailReaderTest, LeavesALineThatIsNotWhole) {
  TrailPosition place;
  append(1);
  trail_.reset();
  std::ofstream(path_, std::ios::app) << "{\"n\":2";

  EXPECT_EQ(read_all(place), "1 ");
}

TEST_F(TrailReaderTest, TellsThatFilesWereTakenAwayBeforeTheyWereRead) {
  TrailPosition place;
  append(1);
  EXPECT_EQ(read_all(place), "1 ");
  for (int i = 2; i <= 20; ++i) {
    append(i);
  }
  const auto filled = audit::rotated_files(path_);
  ASSERT_GE(filled.size(), 2U);
  std::filesystem::remove(filled[0]);
  std::filesystem::remove(filled[1]);

  const std::string numbers = read_all(place);
  EXPECT_TRUE(numbers.starts_with("GAP ")) << numbers;
  EXPECT_TRUE(numbers.ends_with(" 20 ")) << numbers;
}

TEST_F(TrailReaderTest, AFileThatWasReadAndThenTakenAwayIsNoGap) {
  TrailPosition place;
  for (int i = 1; audit::rotated_files(path_).empty(); ++i) {
    append(i);
  }
  static_cast<void>(read_all(place));
  std::filesystem::remove(audit::rotated_files(path_)[0]);
  append(100);

  EXPECT_EQ(read_all(place), "100 ");
}

TEST_F(TrailReaderTest, BeginsAgainWithATrailThatBeganAgain) {
  TrailPosition place{.file = 500, .offset = 10, .last = 510};
  append(1);

  EXPECT_EQ(read_all(place), "GAP 1 ");
}

TEST(TrailPosition, IsReadAsItWasWritten) {
  const TrailPosition position{.file = 1, .offset = 22, .last = 333};

  EXPECT_EQ(format_position(position), "1 22 333\n");
  EXPECT_EQ(read_position("1 22 333\n"), position);
  for (const char* text :
       {"", "1 22\n", "1 22 333", "1 22 333\n\n", "1 22 333 4\n", "-1 2 3\n", "a b c\n"}) {
    EXPECT_FALSE(read_position(text)) << text;
  }
}

}  // namespace
}  // namespace signet::telemetry
