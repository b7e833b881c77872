#include "store/embedded/log_file.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "store/embedded/file_size_limit_for_test.h"
#include "store/embedded/log_record.h"
#include "store/test_folder_for_test.h"

namespace signet::store {
namespace {

std::string blocks(std::size_t count, char fill) {
  return std::string(count * kLogBlock, fill);
}

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    Result<LogFile> file = LogFile::create(path_, header_);
    EXPECT_TRUE(file.has_value()) << (file ? "" : file.error().cause);
    file_ = std::move(file).value_or(LogFile());
  }

  [[nodiscard]] LogFile open() const {
    Result<LogFile> file = LogFile::open(path_);
    EXPECT_TRUE(file.has_value()) << (file ? "" : file.error().cause);
    return std::move(file).value_or(LogFile());
  }

  // What lies behind the first block, without the room that was never written.
  [[nodiscard]] std::string content() const {
    return file_.read().value_or(blocks(1, 'u') + "unreadable").substr(kLogBlock, file_.written());
  }

  const LogHeader header_{
      .id = {'l', 'o', 'g', ' ', 'f', 'i', 'l', 'e'}, .number = 1, .size = 120 * kLogBlock};
  TestFolder folder_;
  std::string path_ = folder_.path() + "/log";
  LogFile file_;
};

TEST_F(LogFileTest, AppendsAtItsEndAndIsReadAgain) {
  ASSERT_TRUE(file_.append(blocks(1, 'a')).has_value());
  ASSERT_TRUE(file_.append(blocks(3, 'b')).has_value());

  EXPECT_EQ(file_.end(), 4 * kLogBlock);
  EXPECT_EQ(file_.written(), 4 * kLogBlock);
  EXPECT_TRUE(content() == blocks(1, 'a') + blocks(3, 'b'));
  file_ = open();
  EXPECT_EQ(file_.written(), 4 * kLogBlock);
  EXPECT_TRUE(content() == blocks(1, 'a') + blocks(3, 'b'));
}

TEST_F(LogFileTest, HasItsFullLengthFromTheBeginningAndSaysWhatItIs) {
  EXPECT_EQ(std::filesystem::file_size(path_), kLogBlock + header_.size);
  EXPECT_EQ(file_.length(), header_.size);
  EXPECT_EQ(file_.written(), 0u);
  EXPECT_EQ(open().header().value_or(std::nullopt), header_);
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(LogFileTest, IsMadeLongerWithWhatItHolds) {
  ASSERT_TRUE(file_.append(blocks(1, 'a')).has_value());
  LogHeader longer = header_;
  longer.size *= 2;

  ASSERT_TRUE(file_.lengthen(longer).has_value());

  EXPECT_EQ(file_.length(), longer.size);
  EXPECT_EQ(open().header().value_or(std::nullopt), longer);
  EXPECT_TRUE(content() == blocks(1, 'a'));
}

TEST_F(LogFileTest, IsWrittenAgainFromWhereverTheEndIsSet) {
  ASSERT_TRUE(file_.append(blocks(3, 'a')).has_value());

  file_.set_end(kLogBlock);
  ASSERT_TRUE(file_.append(blocks(1, 'b')).has_value());

  EXPECT_TRUE(content() == blocks(1, 'a') + blocks(1, 'b') + blocks(1, 'a'));
}

TEST_F(LogFileTest, FillsBehindWhatItHasUntilItIsLargeEnough) {
  constexpr std::size_t kSize = 100 * kLogBlock;
  ASSERT_TRUE(file_.append(blocks(2, 'a')).has_value());
  int steps = 0;
  while (file_.written() < kSize && steps < 100) {
    ASSERT_TRUE(file_.fill(kSize).has_value());
    steps += 1;
  }

  EXPECT_GT(steps, 1) << "commits wait for a step";
  EXPECT_EQ(file_.end(), 2 * kLogBlock);
  EXPECT_TRUE(content() == blocks(2, 'a') + blocks(98, '\0'));
  ASSERT_TRUE(file_.fill(kSize).has_value());
  EXPECT_EQ(file_.written(), kSize);
}

TEST_F(LogFileTest, AFailedAppendChangesNothingAndLeavesNoTrace) {
  ASSERT_TRUE(file_.append(blocks(1, 'a')).has_value());
  {
    const FileSizeLimit limit(4 * kLogBlock);

    const Status status = file_.append(blocks(5, 'b'));

    ASSERT_FALSE(status.has_value());
    EXPECT_NE(status.error().cause.find("disk full"), std::string::npos) << status.error().cause;
    EXPECT_NE(status.error().cause.find(path_), std::string::npos) << status.error().cause;
  }
  EXPECT_EQ(file_.end(), kLogBlock);
  EXPECT_EQ(open().written(), kLogBlock) << "the room is given back";

  ASSERT_TRUE(file_.clean_tail().has_value());

  EXPECT_TRUE(content() == blocks(1, 'a') + blocks(1, '\0'));
}

TEST_F(LogFileTest, CleansWhatAFailedAppendWroteOverOlderContent) {
  ASSERT_TRUE(file_.append(blocks(3, 'a')).has_value());
  file_.set_end(kLogBlock);
  {
    const FileSizeLimit limit(4 * kLogBlock);
    ASSERT_FALSE(file_.append(blocks(5, 'b')).has_value());
  }

  ASSERT_TRUE(file_.clean_tail().has_value());

  EXPECT_TRUE(content() == blocks(1, 'a') + blocks(1, '\0') + blocks(1, 'b'));
}

TEST_F(LogFileTest, ACleanTailIsLeftAlone) {
  ASSERT_TRUE(file_.append(blocks(2, 'a')).has_value());
  file_.set_end(kLogBlock);

  ASSERT_TRUE(file_.clean_tail().has_value());

  EXPECT_TRUE(content() == blocks(2, 'a'));
}

TEST_F(LogFileTest, GoesOnAfterAFailedAppend) {
  {
    const FileSizeLimit limit(2 * kLogBlock);
    ASSERT_FALSE(file_.append(blocks(2, 'b')).has_value());
  }

  ASSERT_TRUE(file_.append(blocks(2, 'c')).has_value());

  EXPECT_TRUE(content() == blocks(2, 'c'));
}

TEST_F(LogFileTest, ReadsAFileOfAnySize) {
  std::ofstream(path_) << "cut";

  EXPECT_EQ(open().read().value_or(""), "cut");
  EXPECT_EQ(open().length(), 0u);
  EXPECT_EQ(open().header().value_or(header_), std::nullopt);
}

TEST_F(LogFileTest, RefusesAFileThatIsTooLongToBeALog) {
  std::filesystem::resize_file(path_, std::uintmax_t{300} << 20);

  const Result<std::string> bytes = open().read();

  ASSERT_FALSE(bytes.has_value());
  EXPECT_NE(bytes.error().cause.find("too long"), std::string::npos) << bytes.error().cause;
}

TEST_F(LogFileTest, RefusesAMissingFile) {
  const Result<LogFile> missing = LogFile::open(folder_.path() + "/none");

  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().cause.find("No such file"), std::string::npos) << missing.error().cause;
}

}  // namespace
}  // namespace signet::store
