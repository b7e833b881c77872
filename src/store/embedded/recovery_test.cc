// What the store finds after its process or its machine stopped at any moment: the folder is copied
// as it lies, the copy is damaged as a crash would, and opened.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/embedded/embedded_store.h"
#include "store/embedded/log_record.h"
#include "store/embedded/recovery_fixture_for_test.h"
#include "store/embedded/sqlite.h"
#include "store/test_folder_for_test.h"

namespace signet::store {
namespace {

namespace fs = std::filesystem;

TEST_F(RecoveryTest, ACommitThatAnsweredIsThereAtEveryPlaceOfTheLog) {
  Contents expected;
  for (int i = 1; i <= 40; ++i) {
    const std::string key = "k" + std::to_string(i % 11);
    expected[key] = std::string(static_cast<std::size_t>(i) * 200, 'v');
    expected["revision"] = std::to_string(i);
    ASSERT_EQ(put(key, expected[key]), static_cast<Revision>(i));

    crash();

    ASSERT_TRUE(recovered() == expected) << "after commit " << i;
  }
}

TEST_F(RecoveryTest, GoesOnAfterACrashAsIfNothingHadHappened) {
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 5; ++i) {
      put("k" + std::to_string(round * 5 + i), "v");
    }
    crash();
    store_.reset();
    fs::remove_all(original());
    fs::rename(copied(), original());
    open_original();
  }

  EXPECT_EQ(contents(*store_).size(), 31u);
  EXPECT_EQ(put("next", "v"), 31u);
}

TEST_F(RecoveryTest, AnUnfinishedLastRecordIsForgottenAndItsPlaceUsedAgain) {
  put("a", "1");
  put("b", "2");
  crash();
  const Contents before = recovered();
  put("c", std::string(10'000, 'v'));
  crash();
  const std::string log = read(log_of(copied(), 0));
  ASSERT_GE(log.size(), 6 * kLogBlock);

  for (std::size_t size = 3 * kLogBlock; size < 3 * kLogBlock + 10'000; size += 512) {
    crash();
    std::string torn = log.substr(0, size);
    torn.resize(log.size());
    write(log_of(copied(), 0), torn);

    EXPECT_TRUE(recovered() == before) << size;
  }
  const auto store = open_at(copied(), kFileBytes);
  const Transaction next{.puts = {Put{"d", "4"}}, .deletes = {}};
  EXPECT_EQ(store->commit(std::span(&next, 1)).value_or(0), 3u);
  EXPECT_EQ(contents(*store).size(), before.size() + 1);
}

TEST_F(RecoveryTest, SectorsOfTheLastRecordMayArriveInAnyOrder) {
  put("a", "1");
  crash();
  const Contents before = recovered();
  put("b", std::string(10'000, 'v'));
  crash();
  const std::string log = read(log_of(copied(), 0));

  for (std::size_t at = 2 * kLogBlock; at < 2 * kLogBlock + 10'048; at += 512) {
    crash();
    std::string torn = log;
    torn.replace(at, 512, 512, '\0');
    write(log_of(copied(), 0), torn);

    EXPECT_TRUE(recovered() == before) << at;
  }
}

TEST_F(RecoveryTest, RefusesALogWithADamagedRecordBeforeLaterOnes) {
  put("a", "1");
  put("b", "2");
  put("c", "3");
  for (std::size_t record = 0; record < 2; ++record) {
    crash();
    std::string log = read(log_of(copied(), 0));
    log[(record + 1) * kLogBlock + 57] ^= 1;  // its value
    write(log_of(copied(), 0), log);

    const std::string cause = refusal();

    EXPECT_NE(cause.find("revision " + std::to_string(record + 1) + " is missing or damaged"),
              std::string::npos)
        << cause;
    EXPECT_NE(cause.find("signet.log.0"), std::string::npos) << cause;
  }
}

TEST_F(RecoveryTest, RefusesALogThatDoesNotContinueTheDatabase) {
  crash();
  const std::string empty_database = read(copied() + "/signet.db");
  const std::string empty_log = read(copied() + "/signet.db-wal");
  for (int i = 0; i < 40; ++i) {
    put("k", std::to_string(i));
  }
  crash();
  write(copied() + "/signet.db", empty_database);
  write(copied() + "/signet.db-wal", empty_log);

  EXPECT_NE(refusal().find("revision 1 is missing"), std::string::npos) << refusal();
}

TEST_F(RecoveryTest, AGroupTooLargeForTheLogKeepsItsPlaceInTheOrder) {
  put("k", "before");
  put("k", std::string(2 * kFileBytes, 'x'));
  crash();
  EXPECT_EQ(recovered()["k"].size(), 2 * kFileBytes);
  EXPECT_EQ(put("k", "after"), 3u);
  crash();

  EXPECT_EQ(recovered(), (Contents{{"k", "after"}, {"revision", "3"}}));
}

TEST_F(RecoveryTest, AnOrderlyEndLeavesTheDatabaseAlone) {
  put("k", "1");
  const Contents before = contents(*store_);

  store_.reset();

  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(original())) {
    names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"lock", "signet.db", "signet.folder"}));
  open_original();
  EXPECT_EQ(contents(*store_), before);
}

TEST_F(RecoveryTest, TablesWithoutALogAreBroughtToTodaysForm) {
  store_.reset();
  fs::remove_all(original());
  fs::create_directory(original());
  write(original() + "/signet.db", "");
  {
    Result<Connection> old = Connection::open(original() + "/signet.db");
    ASSERT_TRUE(old.has_value());
    ASSERT_TRUE(
        old->run("PRAGMA journal_mode = WAL; BEGIN;"
                 "CREATE TABLE record (id INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT "
                 "NULL, revision INTEGER NOT NULL);"
                 "CREATE UNIQUE INDEX record_by_key ON record (key);"
                 "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT "
                 "NULL);"
                 "INSERT INTO meta (id, revision) VALUES (1, 1);"
                 "INSERT INTO record (key, value, revision) VALUES (x'6B', x'76', 1);"
                 "PRAGMA application_id = 1399416686; PRAGMA user_version = 1; COMMIT")
            .has_value());
  }

  open_original();

  EXPECT_EQ(contents(*store_), (Contents{{"k", "v"}, {"revision", "1"}}));
  EXPECT_EQ(put("l", "w"), 2u);
  crash();
  EXPECT_EQ(recovered(), (Contents{{"k", "v"}, {"l", "w"}, {"revision", "2"}}));
}

// The flags that the process's open file of this name has.
int flags_of_open_file(const std::string& name) {
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (fs::read_symlink(entry.path(), ignored).string().ends_with(name)) {
      return fcntl(std::stoi(entry.path().filename()), F_GETFL);
    }
  }
  return 0;
}

TEST_F(RecoveryTest, AWriteToTheLogThatReturnsIsDurable) {
  put("k", "v");
  for (const char* name : {"/signet.log.0", "/signet.log.1"}) {
    EXPECT_EQ(flags_of_open_file(name) & O_DSYNC, O_DSYNC) << name;
  }
}

TEST_F(RecoveryTest, AFullDiskUnderTheLogLosesNothingAnswered) {
  const std::string mount = folder_.path() + "/mount";
  fs::create_directory(mount);
  if (std::system(("mount -t tmpfs -o size=400k tmpfs " + mount + " 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  Contents expected;
  {
    const auto store = open_at(mount + "/data", 64 * 1024);
    for (int i = 0; i < 200; ++i) {
      const std::string key = "k" + std::to_string(i);
      const Transaction one{.puts = {Put{key, std::string(3000, 'v')}}, .deletes = {}};
      const Result<Revision> result = store->commit(std::span(&one, 1));
      if (!result) {
        EXPECT_NE(result.error().cause.find("disk full"), std::string::npos)
            << result.error().cause;
        break;
      }
      expected[key] = std::string(3000, 'v');
      expected["revision"] = std::to_string(*result);
    }
    ASSERT_LT(expected.size(), 200u) << "600 KB do not fit";
    ASSERT_GT(expected.size(), 20u);
    EXPECT_TRUE(contents(*store) == expected);
    crash(mount + "/data");
    EXPECT_TRUE(recovered() == expected);
  }
  // An orderly end cannot move the log into the database either.
  crash(mount + "/data");
  EXPECT_EQ(std::system(("umount " + mount).c_str()), 0);

  EXPECT_TRUE(recovered() == expected);
}

}  // namespace
}  // namespace signet::store
