#include "store/etcd/local_copy.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "store/test_folder_for_test.h"

namespace signet::store {
namespace {

using Records = std::map<std::string, std::string>;

const CopyPoint kPoint{.cluster = 7, .etcd_revision = 70, .revision = 5, .counter = "5 aa"};

Change change_of(Revision revision,
                 const std::string& key,
                 const std::optional<std::string>& value) {
  return {.revision = revision, .items = {{.key = key, .before = {}, .after = value}}};
}

class LocalCopyTest : public testing::Test {
 protected:
  // A copy of kPoint with the records a and b.
  void make() {
    LocalCopy copy(folder_.path());
    copy.begin();
    copy.put({.key = "a", .value = "1", .revision = 4});
    copy.put({.key = "b", .value = "2", .revision = 5});
    copy.finish(kPoint);
  }

  static Records shown(LocalCopy& copy) {
    Records records;
    const Status status = copy.show([&records](const RecordView& record) -> Status {
      EXPECT_TRUE(records.emplace(record.key, record.value).second) << record.key;
      return {};
    });
    EXPECT_TRUE(status);
    return records;
  }

  [[nodiscard]] std::string file(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

  [[nodiscard]] std::string bytes(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary | std::ios::trunc) << text;
  }

  TestFolder folder_;
};

TEST_F(LocalCopyTest, ShowsWhatWasPut) {
  EXPECT_FALSE(LocalCopy(folder_.path()).open());
  make();

  LocalCopy copy(folder_.path());
  EXPECT_EQ(copy.open(), kPoint);
  EXPECT_EQ(shown(copy), (Records{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(std::filesystem::status(file("state.copy")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(LocalCopyTest, CommitsThatFollowAreThereAndOthersAreNot) {
  make();
  {
    LocalCopy copy(folder_.path());
    ASSERT_TRUE(copy.open());
    copy.append(change_of(6, "a", "new"), "6 bb", 71);
    copy.append(change_of(8, "c", "skipped"), "8 dd", 73);
    static_cast<void>(shown(copy));
    copy.append(change_of(7, "b", std::nullopt), "7 cc", 75);
    copy.append(change_of(7, "d", "again"), "7 cc", 75);
  }

  LocalCopy copy(folder_.path());
  EXPECT_EQ(copy.open(),
            (CopyPoint{.cluster = 7, .etcd_revision = 75, .revision = 7, .counter = "7 cc"}));
  EXPECT_EQ(shown(copy), (Records{{"a", "new"}}));
}

TEST_F(LocalCopyTest, ATornCommitIsCutOffAndWhatFollowsGoesOnFromThere) {
  make();
  {
    LocalCopy copy(folder_.path());
    ASSERT_TRUE(copy.open());
    copy.append(change_of(6, "c", "3"), "6 bb", 71);
    copy.append(change_of(7, "d", "4"), "7 cc", 72);
  }
  const std::string whole = bytes("state.changes");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write("state.changes", whole.substr(0, size));
    LocalCopy copy(folder_.path());
    const auto point = copy.open();
    ASSERT_TRUE(point);
    EXPECT_EQ(point->revision, size * 2 < whole.size() ? 5U : 6U) << size;
    copy.append(change_of(point->revision + 1, "e", "5"), "x", 80);
    LocalCopy again(folder_.path());
    ASSERT_TRUE(again.open());
    EXPECT_EQ(shown(again).contains("e"), true) << size;
  }
}

TEST_F(LocalCopyTest, OneBitThatIsDifferentMakesTheRecordsOfNoUse) {
  make();
  const std::string whole = bytes("state.copy");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    write("state.copy", changed);
    EXPECT_FALSE(LocalCopy(folder_.path()).open()) << at;
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write("state.copy", whole.substr(0, size));
    EXPECT_FALSE(LocalCopy(folder_.path()).open()) << size;
  }
}

TEST_F(LocalCopyTest, CommitsOfBeforeNewRecordsAreNotTakenForThoseAfter) {
  make();
  {
    LocalCopy copy(folder_.path());
    ASSERT_TRUE(copy.open());
    copy.append(change_of(6, "old", "1"), "6 bb", 71);
  }
  const std::string old = bytes("state.changes");
  make();
  EXPECT_TRUE(bytes("state.changes").empty());
  LocalCopy copy(folder_.path());
  copy.begin();
  copy.finish({.cluster = 7, .etcd_revision = 90, .revision = 9, .counter = "9 ff"});
  write("state.changes", old);  // as a crash may leave it

  LocalCopy again(folder_.path());
  EXPECT_EQ(again.open()->revision, 9U);
  EXPECT_TRUE(shown(again).empty());
}

TEST_F(LocalCopyTest, BecomesOneFileWhenTheCommitsHaveGrown) {
  make();
  const std::string large(512 * 1024, 'x');
  CopyPoint end;
  {
    LocalCopy copy(folder_.path());
    ASSERT_TRUE(copy.open());
    for (Revision revision = 6; revision < 10; ++revision) {
      copy.append(change_of(revision, "k" + std::to_string(revision), large), "x", 71);
    }
  }
  LocalCopy copy(folder_.path());
  end = *copy.open();
  EXPECT_EQ(shown(copy).size(), 6U);
  EXPECT_EQ(std::filesystem::file_size(file("state.changes")), 0U);

  copy.append(change_of(10, "last", "1"), "10 z", 99);
  LocalCopy again(folder_.path());
  EXPECT_EQ(again.open()->revision, 10U);
  EXPECT_EQ(shown(again).size(), 7U);
  EXPECT_EQ(end.revision, 9U);
}

TEST_F(LocalCopyTest, TakesNoMoreCommitsThanThereIsRoomFor) {
  make();
  const std::string large(std::size_t{4} << 20, 'x');
  {
    LocalCopy copy(folder_.path());
    ASSERT_TRUE(copy.open());
    for (Revision revision = 6; revision < 16; ++revision) {
      copy.append(change_of(revision, "k", large), "x", 71);
    }
  }
  EXPECT_LE(std::filesystem::file_size(file("state.changes")), LocalCopy::kChangesMin);
  LocalCopy copy(folder_.path());
  const auto point = copy.open();
  EXPECT_TRUE(point && point->revision < 15);
}

TEST_F(LocalCopyTest, WithoutAFolderThereIsNone) {
  LocalCopy copy(folder_.path() + "/nowhere");
  EXPECT_FALSE(copy.open());
  copy.begin();
  copy.put({.key = "a", .value = "1", .revision = 1});
  copy.finish(kPoint);
  EXPECT_FALSE(copy.open());
}

}  // namespace
}  // namespace signet::store
