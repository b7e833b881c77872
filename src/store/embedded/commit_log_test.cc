#include "store/embedded/commit_log.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "store/embedded/file_size_limit_for_test.h"
#include "store/test_folder_for_test.h"

namespace signet::store {
namespace {

constexpr LogId kId = {
    'c', 'o', 'm', 'm', 'i', 't', ' ', 'l', 'o', 'g', ' ', 't', 'e', 's', 't', 's'};

// Two files of three blocks each.
class CommitLogTest : public testing::Test {
 protected:
  CommitLogTest() {
    log_ = open(0);
    EXPECT_TRUE(log_.make_files().has_value());
  }

  [[nodiscard]] CommitLog open(Revision in_database) const {
    CommitLog log;
    const Status status = log.open(options_, in_database);
    EXPECT_TRUE(status.has_value()) << (status ? "" : status.error().cause);
    return log;
  }

  // A record of `blocks` blocks.
  static Status append(CommitLog& log, std::size_t blocks = 1) {
    const Transaction transaction{.puts = {Put{"k", std::string(blocks * kLogBlock - 100, 'v')}},
                                  .deletes = {}};
    const Batch batch(&transaction, 1);
    return log.append(make_log_record(kId, log.last() + 1, std::span(&batch, 1)));
  }

  // Revision 1, and somebody else's revision 2, complete in the place where ours is about to fail:
  // as after a flush that went wrong.
  void write_second_elsewhere() {
    write_zeros();
    log_ = open(0);
    ASSERT_TRUE(append(log_).has_value());
    CommitLog other = open(0);
    ASSERT_TRUE(append(other).has_value());
  }

  // Over all that the first file holds.
  void write_zeros() const {
    std::fstream file(options_.paths[0], std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(kLogBlock) << std::string(options_.file_bytes, '\0');
  }

  static std::vector<Revision> pending_of(const CommitLog& log) {
    std::vector<Revision> revisions;
    for (const SharedLogRecord& record : log.pending()) {
      revisions.push_back(record->first);
    }
    return revisions;
  }

  using Revisions = std::vector<Revision>;

  TestFolder folder_;
  const CommitLogOptions options_{.paths = {folder_.path() + "/0", folder_.path() + "/1"},
                                  .id = kId,
                                  .file_bytes = 3 * kLogBlock};
  CommitLog log_;
};

TEST_F(CommitLogTest, FillsOneFileThenTheOtherThenWaitsForTheDatabase) {
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(log_.has_room(kLogBlock)) << i;
    EXPECT_EQ(log_.wants_move(), i > 3) << i;
    ASSERT_TRUE(append(log_).has_value());
  }

  EXPECT_FALSE(log_.has_room(kLogBlock));
  EXPECT_TRUE(log_.wants_move());
  log_.moved(2);
  EXPECT_FALSE(log_.has_room(kLogBlock)) << "revision 3 is still only in the first file";
  log_.moved(3);
  EXPECT_TRUE(log_.has_room(kLogBlock));
  EXPECT_EQ(pending_of(log_), (Revisions{4, 5, 6}));
}

TEST_F(CommitLogTest, FindsWhatTheDatabaseLacksWhereverItLies) {
  // Whatever was moved and whatever came after: the next start finds the rest.
  for (Revision next = 1; next <= 20; ++next) {
    ASSERT_TRUE(append(log_).has_value());
    for (Revision moved = next < 3 ? 0 : next - 3; moved <= next; ++moved) {
      const CommitLog found = open(moved);
      EXPECT_EQ(found.last(), next);
      EXPECT_EQ(found.pending().size(), next - moved);
    }
    log_.moved(next < 3 ? 0 : next - 3);
  }
}

TEST_F(CommitLogTest, GoesOnBehindWhatIsNotMovedYet) {
  for (Revision next = 1; next <= 20; ++next) {
    const Revision moved = next < 4 ? 0 : next - 4;
    log_ = open(moved);

    ASSERT_TRUE(append(log_).has_value());

    const CommitLog found = open(moved);
    ASSERT_EQ(found.last(), next);
    ASSERT_EQ(found.pending().size(), next - moved);
  }
}

TEST_F(CommitLogTest, StartsAFileAnewWhenNothingInItIsNeeded) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(append(log_).has_value());
  }
  log_.moved(3);

  ASSERT_TRUE(append(log_).has_value());

  EXPECT_EQ(pending_of(open(3)), (Revisions{4}));
  EXPECT_FALSE(log_.wants_move());
}

TEST_F(CommitLogTest, TakesNoRecordLargerThanAFile) {
  EXPECT_TRUE(log_.takes(3 * kLogBlock));
  EXPECT_FALSE(log_.takes(3 * kLogBlock + 1));
}

TEST_F(CommitLogTest, ContinuesAfterACommitThatOnlyTheDatabaseHas) {
  ASSERT_TRUE(append(log_).has_value());
  ASSERT_TRUE(append(log_).has_value());
  log_.moved(2);
  log_.skip_to(3);
  EXPECT_EQ(log_.last(), 3u);

  ASSERT_TRUE(append(log_).has_value());

  EXPECT_EQ(pending_of(open(3)), (Revisions{4}));
}

TEST_F(CommitLogTest, AFailedAppendChangesNothing) {
  ASSERT_TRUE(append(log_).has_value());
  {
    const FileSizeLimit limit(3 * kLogBlock);
    ASSERT_FALSE(append(log_, 2).has_value());
  }
  EXPECT_EQ(log_.last(), 1u);
  EXPECT_EQ(pending_of(open(0)), (Revisions{1}));

  ASSERT_TRUE(append(log_, 3).has_value()) << "in the other file";

  EXPECT_EQ(pending_of(open(0)), (Revisions{1, 2}));
}

TEST_F(CommitLogTest, ARecordThatFailedAfterItWasWrittenDoesNotComeBack) {
  ASSERT_NO_FATAL_FAILURE(write_second_elsewhere());
  {
    const FileSizeLimit limit(2 * kLogBlock);
    ASSERT_FALSE(append(log_, 2).has_value());
    ASSERT_FALSE(log_.forget_failed().has_value()) << "it is still there";
  }
  ASSERT_EQ(pending_of(open(0)), (Revisions{1, 2}));

  ASSERT_TRUE(log_.forget_failed().has_value());

  EXPECT_EQ(pending_of(open(0)), (Revisions{1}));
}

TEST_F(CommitLogTest, TurnsOnlyAfterARecordThatFailedIsForgotten) {
  ASSERT_NO_FATAL_FAILURE(write_second_elsewhere());
  {
    const FileSizeLimit limit(2 * kLogBlock);
    ASSERT_FALSE(append(log_, 2).has_value());
  }

  ASSERT_TRUE(append(log_, 3).has_value()) << "in the other file";

  EXPECT_EQ(pending_of(open(0)), (Revisions{1, 2}));
}

TEST_F(CommitLogTest, RefusesARevisionThatIsMissing) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(append(log_).has_value());
  }
  write_zeros();
  CommitLog log;

  const Status status = log.open(options_, 2);

  ASSERT_FALSE(status.has_value());
  EXPECT_NE(status.error().cause.find("revision 3 is missing"), std::string::npos)
      << status.error().cause;
  EXPECT_TRUE(open(3).pending().size() == 2) << "the database has what was lost";
}

TEST_F(CommitLogTest, IsWrittenInFullOnlyOnceItIsInUse) {
  CommitLogOptions large = options_;
  large.file_bytes = 64 * kLogBlock;
  CommitLog log;
  ASSERT_TRUE(log.open(large, 0).has_value());
  ASSERT_TRUE(log.make_files().has_value());
  for (int i = 0; i < 15; ++i) {
    ASSERT_TRUE(append(log).has_value());
    EXPECT_FALSE(log.wants_fill()) << i;
  }
  ASSERT_TRUE(append(log).has_value());
  int steps = 0;
  while (log.wants_fill() && steps < 100) {
    log.fill_some();
    steps += 1;
  }

  EXPECT_FALSE(log.wants_fill());
  for (const std::string& path : large.paths) {
    EXPECT_EQ(LogFile::open(path).value_or(LogFile()).written(), large.file_bytes);
  }
  CommitLog found;
  ASSERT_TRUE(found.open(large, 0).has_value());
  EXPECT_EQ(found.pending().size(), 16u);
}

TEST_F(CommitLogTest, AFullDiskEndsTheFillingAndNothingElse) {
  CommitLogOptions large = options_;
  large.file_bytes = 64 * kLogBlock;
  CommitLog log;
  ASSERT_TRUE(log.open(large, 0).has_value());
  ASSERT_TRUE(log.make_files().has_value());
  for (int i = 0; i < 16; ++i) {
    ASSERT_TRUE(append(log).has_value());
  }
  {
    const FileSizeLimit limit(21 * kLogBlock);
    log.fill_some();
  }

  EXPECT_FALSE(log.wants_fill());
  ASSERT_TRUE(append(log).has_value());
  CommitLog found;
  ASSERT_TRUE(found.open(large, 0).has_value());
  EXPECT_EQ(found.pending().size(), 17u);
}

}  // namespace
}  // namespace signet::store
