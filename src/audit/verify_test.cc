#include "audit/verify.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "audit/folder_for_test.h"
#include "audit/trail_file.h"

namespace signet::audit {
namespace {

class VerifyTest : public FolderTest {
 protected:
  VerifyTest() {
    const auto file = TrailFile::open({.path = path_});
    for (int i = 1; i <= 4; ++i) {
      EXPECT_EQ((*file)->append(record(i)), 0);
    }
  }

  void rewrite(const std::vector<std::string>& lines) const {
    std::string text;
    for (const std::string& line : lines) {
      text += line + "\n";
    }
    write(path_, text);
  }

  [[nodiscard]] std::string problem() const {
    const auto verdict = verify_trail(path_);
    return verdict ? verdict->problem : verdict.error().cause;
  }
};

TEST_F(VerifyTest, AnUntouchedTrailIsWhole) {
  const auto verdict = verify_trail(path_);

  ASSERT_TRUE(verdict.has_value());
  EXPECT_EQ(verdict->problem, "");
  EXPECT_EQ(verdict->records, 4U);
  EXPECT_EQ(verdict->first_sequence, 1U);
  EXPECT_TRUE(verdict->notes.empty());
}

TEST_F(VerifyTest, NamesTheRecordThatWasChanged) {
  auto lines = lines_of(path_);
  lines[1].replace(lines[1].find("\"n\":2"), 5, "\"n\":9");
  rewrite(lines);

  EXPECT_EQ(problem(), path_ + ":2: record 2 was changed, or the one before it was");
}

TEST_F(VerifyTest, NamesTheGapOfARemovedRecord) {
  auto lines = lines_of(path_);
  lines.erase(lines.begin() + 2);
  rewrite(lines);

  EXPECT_EQ(problem(), path_ + ":3: record 4 follows record 2: records between them were removed");
}

TEST_F(VerifyTest, NamesRecordsInAnotherOrder) {
  auto lines = lines_of(path_);
  std::swap(lines[1], lines[2]);
  rewrite(lines);

  EXPECT_NE(problem().find(":2: record 3 follows record 1"), std::string::npos) << problem();
}

TEST_F(VerifyTest, NamesARepeatedRecord) {
  auto lines = lines_of(path_);
  lines.insert(lines.begin() + 2, lines[1]);
  rewrite(lines);

  EXPECT_NE(problem().find(":3: record 2 follows record 2"), std::string::npos) << problem();
}

TEST_F(VerifyTest, NamesARemovedFirstRecord) {
  auto lines = lines_of(path_);
  lines.erase(lines.begin());
  rewrite(lines);

  EXPECT_NE(problem().find(":1: the first record of the file was removed"), std::string::npos);
}

TEST_F(VerifyTest, NamesAnEndThatWasCutOff) {
  auto lines = lines_of(path_);
  lines.pop_back();
  rewrite(lines);

  EXPECT_NE(problem().find("records were removed from its end"), std::string::npos) << problem();
}

TEST_F(VerifyTest, NamesALastRecordThatWasChangedWithItsDigest) {
  auto lines = lines_of(path_);
  lines.pop_back();
  const auto tail = read_chain_tail(lines.back());
  ASSERT_TRUE(tail);
  ChainPoint point = tail->point;
  std::string forged;
  append_chained(forged, "{\"n\":\"forged\"}", point, false);
  lines.push_back(forged.substr(0, forged.size() - 1));
  rewrite(lines);

  EXPECT_NE(problem().find("record 4 is not the one the head file names"), std::string::npos)
      << problem();
}

TEST_F(VerifyTest, NamesALineThatIsNoRecord) {
  auto lines = lines_of(path_);
  lines.insert(lines.begin() + 1, "{\"eventName\":\"forged\"}");
  rewrite(lines);

  EXPECT_EQ(problem(), path_ + ":2: not a chained record");
}

TEST_F(VerifyTest, NamesAFileThatIsMissingBetweenTwo) {
  const auto file = TrailFile::open({.path = path_, .rotate_bytes = 1});
  for (int i = 5; i <= 7; ++i) {
    ASSERT_EQ((*file)->append(record(i)), 0);
  }
  EXPECT_EQ(problem(), "");

  std::filesystem::remove(rotated_name(path_, 6));

  EXPECT_NE(problem().find("record 7 follows record 5"), std::string::npos) << problem();
}

TEST_F(VerifyTest, FindsTheTrailsOfAFolder) {
  write(folder_ + "/other.txt", "x");
  write(folder_ + "/gone.jsonl.000000000001", "");

  const auto trails = find_trails(folder_);

  ASSERT_TRUE(trails.has_value());
  EXPECT_EQ(*trails, (std::vector<std::string>{path_, folder_ + "/gone.jsonl"}));
}

TEST_F(VerifyTest, ATrailWithoutRecordsIsWhole) {
  const std::string empty = folder_ + "/empty.jsonl";
  write(empty, "");

  EXPECT_EQ(verify_trail(empty)->problem, "");
  EXPECT_EQ(verify_trail(empty)->records, 0U);
}

TEST_F(VerifyTest, SaysThatAFolderHasNoTrail) {
  std::filesystem::remove(path_);

  EXPECT_FALSE(find_trails(folder_).has_value());
  EXPECT_FALSE(find_trails(folder_ + "/absent").has_value());
}

}  // namespace
}  // namespace signet::audit
