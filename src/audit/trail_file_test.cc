#include "audit/trail_file.h"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "audit/folder_for_test.h"
#include "audit/verify.h"

namespace signet::audit {
namespace {

class TrailFileTest : public FolderTest {
 protected:
  std::unique_ptr<TrailFile> open(std::uint64_t rotate_bytes = 1 << 20, int keep = 0) {
    auto file = TrailFile::open({.path = path_, .rotate_bytes = rotate_bytes, .keep = keep});
    EXPECT_TRUE(file.has_value());
    return std::move(*file);
  }

  // Opens, appends records first..last and closes.
  void fill(int first, int last, std::uint64_t rotate_bytes = 1 << 20, int keep = 0) {
    const auto file = open(rotate_bytes, keep);
    for (int i = first; i <= last; ++i) {
      EXPECT_EQ(file->append(record(i)), 0);
    }
  }

  Verdict verdict() {
    const auto result = verify_trail(path_);
    EXPECT_TRUE(result.has_value());
    return *result;
  }
};

TEST_F(TrailFileTest, SeveralStartsMakeOneChain) {
  fill(1, 3);
  fill(4, 5);

  EXPECT_EQ(verdict().problem, "");
  EXPECT_EQ(verdict().records, 5U);
  EXPECT_EQ(verdict().end.sequence, 5U);
  EXPECT_TRUE(verdict().notes.empty());
}

TEST_F(TrailFileTest, KeepsEveryFileItFills) {
  fill(1, 40, 1000);

  EXPECT_GT(rotated_files(path_).size(), 3U);
  EXPECT_EQ(rotated_files(path_).front(), path_ + ".000000000001");
  EXPECT_EQ(verdict().problem, "");
  EXPECT_EQ(verdict().records, 40U);
}

TEST_F(TrailFileTest, KeepsAsManyFilledFilesAsItIsTold) {
  fill(1, 40, 1000, 2);

  EXPECT_EQ(rotated_files(path_).size(), 2U);
  EXPECT_EQ(verdict().problem, "");
  ASSERT_EQ(verdict().notes.size(), 1U);
  EXPECT_NE(verdict().notes[0].find("older files were taken away"), std::string::npos);
}

TEST_F(TrailFileTest, ContinuesTheChainWhenTheNewFileIsStillEmpty) {
  fill(1, 2);
  std::filesystem::rename(path_, rotated_name(path_, 1));

  fill(3, 3);

  EXPECT_EQ(verdict().problem, "");
  EXPECT_EQ(verdict().records, 3U);
}

TEST_F(TrailFileTest, CutsOffATornRecordAndSaysSo) {
  fill(1, 2);
  write(path_, read(path_) + "{\"eventID\":\"id-3\",\"ha");

  EXPECT_EQ(verdict().problem, "");
  ASSERT_EQ(verdict().notes.size(), 1U);
  EXPECT_NE(verdict().notes[0].find("its last 21 bytes"), std::string::npos);
  const auto file = open();

  ASSERT_EQ(file->findings().size(), 1U);
  EXPECT_NE(file->findings()[0].find("21 bytes"), std::string::npos);
  EXPECT_EQ(file->append(record(3)), 0);
  EXPECT_EQ(verdict().records, 3U);
  EXPECT_EQ(verdict().problem, "");
  EXPECT_TRUE(verdict().notes.empty());
}

TEST_F(TrailFileTest, MovesAFileWithoutAChainAside) {
  write(path_, "{\"eventName\":\"Old\"}\n");

  const auto file = open();

  EXPECT_EQ(file->findings().size(), 1U);
  EXPECT_EQ(read(path_ + ".unchained"), "{\"eventName\":\"Old\"}\n");
  EXPECT_EQ(file->append(record(1)), 0);
  EXPECT_EQ(verdict().problem, "");
}

TEST_F(TrailFileTest, JumpsOverRecordsThatWereRemovedFromTheEnd) {
  fill(1, 4);
  const std::string all = read(path_);
  write(path_, all.substr(0, all.find("{\"eventID\":\"id-3\"")));
  EXPECT_NE(verdict().problem.find("records were removed from its end"), std::string::npos);

  const auto file = open();

  ASSERT_EQ(file->findings().size(), 1U);
  EXPECT_NE(file->findings()[0].find("once ended with record 4 and now ends with 2"),
            std::string::npos)
      << file->findings()[0];
  EXPECT_EQ(file->append(record(5)), 0);
  EXPECT_EQ(file->end().sequence, 5U);
  EXPECT_NE(verdict().problem.find(":3: record 5 follows record 2"), std::string::npos)
      << verdict().problem;
}

TEST_F(TrailFileTest, AFailedAppendLeavesNothingBehind) {
  const auto file = open();
  ASSERT_EQ(file->append(record(1)), 0);
  const std::string before = read(path_);
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small{.rlim_cur = before.size() + 20, .rlim_max = old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  signal(SIGXFSZ, SIG_IGN);

  const int error = file->append(record(2));
  setrlimit(RLIMIT_FSIZE, &old);

  EXPECT_EQ(error, EFBIG);
  EXPECT_EQ(read(path_), before);
  EXPECT_EQ(file->append(record(2)), 0);
  EXPECT_EQ(verdict().problem, "");
  EXPECT_EQ(verdict().records, 2U);
}

TEST_F(TrailFileTest, FollowsAFileThatWasMovedAwayOrDeleted) {
  const auto file = open();
  ASSERT_EQ(file->append(record(1)), 0);
  std::filesystem::rename(path_, path_ + ".000000000001");
  ASSERT_EQ(file->reopen(), 0);
  ASSERT_EQ(file->append(record(2)), 0);
  EXPECT_EQ(verdict().problem, "");

  std::filesystem::remove(path_);
  ASSERT_EQ(file->append(record(3)), 0);

  EXPECT_NE(read(path_).find("\"n\":3"), std::string::npos);
  EXPECT_NE(verdict().problem.find("record 3 follows record 1"), std::string::npos);
}

TEST_F(TrailFileTest, SaysWhyAFileCannotBeOpened) {
  const auto file = TrailFile::open({.path = "/nonexistent/folder/audit.jsonl"});

  ASSERT_FALSE(file.has_value());
  EXPECT_NE(file.error().cause.find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace signet::audit
