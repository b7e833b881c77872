#include "store/embedded/embedded_store.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/embedded/file_size_limit_for_test.h"
#include "store/test_folder_for_test.h"

namespace signet::store {
namespace {

class EmbeddedStoreTest : public testing::Test {
 protected:
  [[nodiscard]] std::string data() const { return folder_.path() + "/data"; }

  [[nodiscard]] std::unique_ptr<Store> open() const {
    Result<std::unique_ptr<Store>> store = open_embedded_store({.folder = data()});
    EXPECT_TRUE(store.has_value()) << (store ? "" : store.error().cause);
    return std::move(store).value_or(nullptr);
  }

  [[nodiscard]] std::string refusal() const {
    const Result<std::unique_ptr<Store>> store = open_embedded_store({.folder = data()});
    return store ? "" : store.error().cause;
  }

  static Result<Revision> put(Store& store, std::string key, std::string value) {
    const Transaction transaction{.puts = {Put{std::move(key), std::move(value)}}, .deletes = {}};
    return store.commit(std::span(&transaction, 1));
  }

  static std::size_t count(Store& store) {
    std::size_t records = 0;
    const Result<Revision> loaded = store.load({}, [&records](const RecordView&) -> Status {
      records += 1;
      return {};
    });
    EXPECT_TRUE(loaded.has_value());
    return records;
  }

  TestFolder folder_;
};

TEST_F(EmbeddedStoreTest, KeepsRecordsAndRevisionsAcrossReopening) {
  {
    const auto store = open();
    ASSERT_TRUE(put(*store, "a", "1").has_value());
    ASSERT_TRUE(put(*store, "b", "2").has_value());
    const Transaction erase{.puts = {}, .deletes = {"b"}};
    ASSERT_TRUE(store->commit(std::span(&erase, 1)).has_value());
  }

  const auto store = open();

  EXPECT_EQ(count(*store), 1u);
  EXPECT_EQ(put(*store, "c", "3").value_or(0), 4u);
}

TEST_F(EmbeddedStoreTest, FolderAndFilesAreForTheOwnerOnly) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "a", "1").has_value());

  struct stat info{};
  ASSERT_EQ(stat(data().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  for (const char* name :
       {"/lock", "/signet.db", "/signet.db-wal", "/signet.log.0", "/signet.log.1"}) {
    ASSERT_EQ(stat((data() + name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
}

TEST_F(EmbeddedStoreTest, RefusesASecondOpenAndNamesTheProcess) {
  const auto store = open();

  const std::string cause = refusal();

  EXPECT_NE(cause.find("in use by process " + std::to_string(getpid())), std::string::npos)
      << cause;
}

TEST_F(EmbeddedStoreTest, OpensAgainOnceTheFirstIsGone) {
  open().reset();

  EXPECT_NE(open(), nullptr);
}

TEST_F(EmbeddedStoreTest, RefusesAFolderWhoseParentIsMissing) {
  const auto store = open_embedded_store({.folder = folder_.path() + "/no/such"});

  ASSERT_FALSE(store.has_value());
  EXPECT_NE(store.error().cause.find("No such file"), std::string::npos) << store.error().cause;
}

TEST_F(EmbeddedStoreTest, RefusesAFileThatIsNoDatabase) {
  open().reset();
  std::ofstream(data() + "/signet.db", std::ios::trunc) << std::string(8192, 'x');

  EXPECT_NE(refusal().find("damaged database"), std::string::npos) << refusal();
}

TEST_F(EmbeddedStoreTest, RefusesADatabaseOfAnotherProgram) {
  std::filesystem::create_directory(data());
  const std::string command = "sqlite3 " + data() + "/signet.db 'CREATE TABLE t (x)'";
  if (std::system(command.c_str()) != 0) {
    GTEST_SKIP() << "the sqlite3 program is not installed";
  }

  EXPECT_NE(refusal().find("not a Signet database"), std::string::npos) << refusal();
}

TEST_F(EmbeddedStoreTest, RefusesTablesOfANewerLayout) {
  open().reset();
  const std::string command = "sqlite3 " + data() + "/signet.db 'PRAGMA user_version = 99'";
  if (std::system(command.c_str()) != 0) {
    GTEST_SKIP() << "the sqlite3 program is not installed";
  }

  EXPECT_NE(refusal().find("version 99"), std::string::npos) << refusal();
}

TEST_F(EmbeddedStoreTest, RefusesAReadOnlyFolderInClearWords) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
  open().reset();
  std::filesystem::permissions(data(), std::filesystem::perms(0555));
  for (const auto& entry : std::filesystem::directory_iterator(data())) {
    std::filesystem::permissions(entry.path(), std::filesystem::perms(0444));
  }
  // Root is not bound by permissions: look through the eyes of nobody.
  const bool is_root = geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(seteuid(65534), 0);
  }

  const std::string cause = refusal();

  if (is_root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  std::filesystem::permissions(data(), std::filesystem::perms(0755));
  EXPECT_NE(cause.find(data()), std::string::npos) << cause;
  EXPECT_NE(cause.find("ermission denied"), std::string::npos) << cause;
}

TEST_F(EmbeddedStoreTest, OnAFullDiskNothingIsHalfDoneReadsGoOnAndWritesReturn) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "kept", "1").has_value());
  Revision before = 1;
  {
    const FileSizeLimit limit(256 * 1024);
    Result<Revision> result = put(*store, "first", std::string(1000, 'x'));
    int writes = 0;
    while (result && writes < 1000) {
      before = *result;
      const Transaction transaction{
          .puts = {Put{"fill/a/" + std::to_string(writes), std::string(40'000, 'x')},
                   Put{"fill/b/" + std::to_string(writes), std::string(40'000, 'y')}},
          .deletes = {}};
      result = store->commit(std::span(&transaction, 1));
      writes += 1;
    }

    ASSERT_FALSE(result.has_value());
    EXPECT_NE(result.error().cause.find("disk full"), std::string::npos) << result.error().cause;
    const std::size_t records = count(*store);
    EXPECT_EQ(records % 2, 0u) << "kept, first and whole pairs";
    EXPECT_FALSE(put(*store, "again", std::string(100'000, 'z')).has_value());
    EXPECT_EQ(count(*store), records);
  }

  const Result<Revision> after = put(*store, "after", "2");

  ASSERT_TRUE(after.has_value()) << after.error().cause;
  EXPECT_EQ(after.value_or(0), before + 1);
}

TEST_F(EmbeddedStoreTest, ARealFullFileSystemIsCalledDiskFull) {
  const std::string mount = folder_.path() + "/mount";
  std::filesystem::create_directory(mount);
  if (std::system(("mount -t tmpfs -o size=512k tmpfs " + mount + " 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  {
    const auto store = open_embedded_store({.folder = mount + "/data"});
    ASSERT_TRUE(store.has_value());
    ASSERT_TRUE(put(**store, "kept", "1").has_value());

    const Result<Revision> result = put(**store, "big", std::string(900'000, 'x'));

    ASSERT_FALSE(result.has_value());
    EXPECT_NE(result.error().cause.find("disk full"), std::string::npos) << result.error().cause;
    EXPECT_EQ(count(**store), 1u);
    EXPECT_TRUE(put(**store, "small", "2").has_value());
  }
  EXPECT_EQ(std::system(("umount " + mount).c_str()), 0);
}

TEST_F(EmbeddedStoreTest, EveryCallerOfAFailedGroupGetsTheError) {
  const auto store = open();
  ASSERT_TRUE(put(*store, "kept", "1").has_value());
  constexpr std::size_t kThreads = 8;
  std::vector<int> failed(kThreads, 0);
  {
    const FileSizeLimit limit(64 * 1024);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        failed[t] =
            put(*store, "k" + std::to_string(t), std::string(300'000, 'x')).has_value() ? 0 : 1;
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  EXPECT_EQ(failed, std::vector<int>(kThreads, 1));
  EXPECT_EQ(count(*store), 1u);
}

TEST_F(EmbeddedStoreTest, NoFileGrowsWithoutBound) {
  const auto opened = open_embedded_store({.folder = data(), .log_file_bytes = 256 * 1024});
  ASSERT_TRUE(opened.has_value());
  Store& store = **opened;
  std::uintmax_t largest = 0;
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(put(store,
                    "k" + std::to_string(i % 7),
                    std::string(20'000, static_cast<char>('a' + i % 26)))
                    .has_value());
    for (const auto& entry : std::filesystem::directory_iterator(data())) {
      largest = std::max(largest, entry.file_size());
    }
  }

  EXPECT_LT(largest, 5u * 1024 * 1024) << "8 MB were written";
  EXPECT_EQ(count(store), 7u);
}

TEST_F(EmbeddedStoreTest, ALoadSeesOneRevisionWhileWritersGoOn) {
  const auto store = open();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(put(*store, "k" + std::to_string(i), "old").has_value());
  }
  bool wrote = false;
  int news = 0;

  const Result<Revision> loaded = store->load({}, [&](const RecordView& record) -> Status {
    if (!wrote) {
      std::thread([&] { wrote = put(*store, "k99", "new").has_value(); }).join();
    }
    news += record.value == "new" ? 1 : 0;
    return {};
  });

  ASSERT_TRUE(loaded.has_value());
  EXPECT_TRUE(wrote);
  EXPECT_EQ(news, 0);
  EXPECT_EQ(*loaded, 100u);
}

}  // namespace
}  // namespace signet::store
