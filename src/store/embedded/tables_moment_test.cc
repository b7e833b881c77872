#include "store/embedded/tables_moment.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/embedded/embedded_store.h"
#include "store/embedded/folder_marker.h"
#include "store/test_folder_for_test.h"

namespace signet::store {
namespace {

using Records = std::map<std::string, std::string>;

class TablesMomentTest : public testing::Test {
 protected:
  TablesMomentTest() { std::filesystem::create_directory(folder()); }

  [[nodiscard]] std::string folder() const { return root_.path() + "/data"; }

  [[nodiscard]] std::string copy() const { return root_.path() + "/copy"; }

  void open(std::size_t log_file_bytes = std::size_t{2} << 20) {
    store_ = open_embedded_store({.folder = folder(), .log_file_bytes = log_file_bytes}).value();
  }

  void put(const std::string& key, const std::string& value) {
    const Transaction change{.puts = {{key, value}}, .deletes = {}};
    ASSERT_TRUE(store_->commit(std::span(&change, 1)).has_value());
  }

  static Records all(Store& store, Revision* revision = nullptr) {
    Records records;
    const Result<Revision> seen = store.load({}, [&records](const RecordView& record) -> Status {
      records.emplace(record.key, record.value);
      return {};
    });
    EXPECT_TRUE(seen) << seen.error().cause;
    if (revision != nullptr) {
      *revision = seen.value_or(0);
    }
    return records;
  }

  // A folder of the copied database and the original's marker.
  Result<std::unique_ptr<Store>> open_copy() {
    const auto marker = read_folder_marker(folder());
    EXPECT_TRUE(write_folder_marker(copy(), **marker).has_value());
    return open_embedded_store({.folder = copy()});
  }

  TestFolder root_;
  std::unique_ptr<Store> store_;
};

TEST_F(TablesMomentTest, HoldsWhatWasCommittedBeforeAndNothingAfter) {
  open();
  put("before", "1");
  put("changed", "old");
  Revision revision = 0;
  const Records expected = all(*store_, &revision);
  const auto moment = store_->hold_moment();
  ASSERT_TRUE(moment) << moment.error().cause;
  put("after", "2");
  put("changed", "new");
  std::filesystem::create_directory(copy());

  const Status written = (*moment)->write_to(copy() + "/signet.db");

  ASSERT_TRUE(written) << written.error().cause;
  struct stat info{};
  ASSERT_EQ(stat((copy() + "/signet.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(copy() + "/signet.db-wal")) << "one file is all of it";
  const auto opened = open_copy();
  ASSERT_TRUE(opened) << opened.error().cause;
  Revision copied = 0;
  EXPECT_EQ(all(**opened, &copied), expected);
  EXPECT_EQ(copied, revision);
}

// With a log of two commits a file the mover is at it all the time.
TEST_F(TablesMomentTest, EveryMomentIsWholeWhileTheLogIsMoved) {
  open(8192);
  std::filesystem::create_directory(copy());
  for (int i = 0; i < 30; ++i) {
    put("key", std::to_string(i));
    put("same", std::to_string(i));
    const auto moment = store_->hold_moment();
    ASSERT_TRUE(moment) << moment.error().cause;
    put("key", "later");
    std::filesystem::remove_all(copy());
    std::filesystem::create_directory(copy());
    const Status written = (*moment)->write_to(copy() + "/signet.db");
    ASSERT_TRUE(written) << written.error().cause;
    const auto opened = open_copy();
    ASSERT_TRUE(opened) << opened.error().cause;
    EXPECT_EQ(all(**opened), (Records{{"key", std::to_string(i)}, {"same", std::to_string(i)}}));
  }
}

TEST_F(TablesMomentTest, OverwritesNothing) {
  open();
  put("key", "1");
  std::filesystem::create_directory(copy());
  ASSERT_TRUE((*store_->hold_moment())->write_to(copy() + "/signet.db"));

  EXPECT_FALSE((*store_->hold_moment())->write_to(copy() + "/signet.db"));
}

}  // namespace
}  // namespace signet::store
