// What the store says of a folder of which a part is missing, cut, changed or of another folder: it
// names the part and does not start, above all not as if it were the first day.
#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/embedded/record_sum.h"
#include "store/embedded/recovery_fixture_for_test.h"
#include "store/embedded/sqlite.h"

namespace signet::store {
namespace {

namespace fs = std::filesystem;

class DamageTest : public RecoveryTest {
 protected:
  // A folder that was killed: records in the database, and later ones only in the log.
  void SetUp() override {
    for (int i = 0; i < 30; ++i) {
      put("a/key/" + std::to_string(i), "value " + std::to_string(i));
    }
    crash();
  }

  // A folder that was closed in order.
  void close() {
    store_.reset();
    crash();
  }

  [[nodiscard]] std::string path(std::string_view name) const {
    return copied() + "/" + std::string(name);
  }

  // Why the copy cannot be opened and read as a start does; empty: it can.
  [[nodiscard]] std::string refusal() const {
    const auto store = open_embedded_store({.folder = copied()});
    if (!store) {
      return store.error().cause;
    }
    const Result<Revision> loaded =
        (*store)->load_all([](const RecordView&) -> Status { return {}; });
    return loaded ? "" : loaded.error().cause;
  }

  void expect_refused(std::string_view name, std::string_view why) const {
    const std::string cause = refusal();
    EXPECT_NE(cause.find(name), std::string::npos) << cause;
    EXPECT_NE(cause.find(why), std::string::npos) << cause;
  }

  static std::vector<std::string> names(const std::string& folder) {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder)) {
      all.push_back(entry.path().filename());
    }
    std::ranges::sort(all);
    return all;
  }

  // Replaces bytes of the value that stands in the database file.
  void change_in_database(std::string_view from, std::string_view to) {
    std::string bytes = read(path("signet.db"));
    const std::size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, to.size(), to);
    write(path("signet.db"), bytes);
  }

  void run_sql(const std::string& sql) const {
    Result<Connection> database = Connection::open(path("signet.db"));
    ASSERT_TRUE(database.has_value());
    const Status done = database->run(sql);
    ASSERT_TRUE(done.has_value()) << done.error().cause;
  }
};

TEST_F(DamageTest, AFolderThatWasKilledOpens) {
  EXPECT_EQ(recovered().size(), 31u);
}

TEST_F(DamageTest, ADatabaseThatIsMissingIsNotAFirstDay) {
  for (const bool is_killed : {true, false}) {
    if (!is_killed) {
      close();
    }
    for (const char* name : {"signet.db", "signet.db-wal", "signet.db-shm"}) {
      fs::remove(path(name));
    }
    const std::vector<std::string> before = names(copied());

    expect_refused("signet.db is missing", "restore the whole folder from a backup");

    EXPECT_EQ(names(copied()), before) << "nothing was made";
  }
}

TEST_F(DamageTest, AnEmptyDatabaseIsNotAFirstDay) {
  write(path("signet.db"), "");

  expect_refused("signet.db is empty", "not new");
}

TEST_F(DamageTest, ADatabaseThatWasCutAnywhereIsRefused) {
  close();
  const std::string whole = read(path("signet.db"));
  for (std::size_t size = 1; size < whole.size(); size += size < 4096 ? 512 : 4096) {
    crash();
    write(path("signet.db"), std::string_view(whole).substr(0, size));

    EXPECT_NE(refusal(), "") << size;
  }
}

TEST_F(DamageTest, AnEmptyDatabaseOfTheRightFormIsNotAFirstDay) {
  close();
  write(path("signet.db"), "");
  run_sql("PRAGMA journal_mode = WAL; CREATE TABLE t (x); DROP TABLE t");

  expect_refused("signet.db", "holds no tables");
}

TEST_F(DamageTest, AnythingInAFolderWithoutADatabaseIsNotAFirstDay) {
  for (const char* name : {"master.key", "signet.log.0", "audit.jsonl", "objects", "notes.txt"}) {
    const std::string folder = folder_.path() + "/" + name;
    fs::create_directory(folder);
    write(folder + "/" + name, "x");

    const auto store = open_embedded_store({.folder = folder});

    ASSERT_FALSE(store.has_value()) << name;
    EXPECT_NE(store.error().cause.find("signet.db is missing"), std::string::npos);
    EXPECT_NE(store.error().cause.find(name), std::string::npos) << store.error().cause;
    EXPECT_EQ(names(folder), std::vector<std::string>{name}) << "nothing is left behind";
  }
}

TEST_F(DamageTest, AnEmptyFolderIsAFirstDay) {
  const std::string folder = folder_.path() + "/empty";
  fs::create_directory(folder);
  fs::create_directory(folder + "/lost+found");

  EXPECT_NE(open_at(folder, kFileBytes), nullptr);
}

TEST_F(DamageTest, AFirstStartThatWasInterruptedGoesOn) {
  const std::string folder = folder_.path() + "/begun";
  fs::create_directory(folder);
  write(folder + "/signet.folder", "signet folder 1\n");
  EXPECT_NE(open_at(folder, kFileBytes), nullptr) << "before the database was made";
  write(folder + "/signet.folder", "signet folder 1\n");
  EXPECT_NE(open_at(folder, kFileBytes), nullptr) << "before that was noted";
  fs::remove(folder + "/signet.db");
  write(folder + "/signet.folder", "signet folder 1\n");
  write(folder + "/signet.db", "");
  EXPECT_NE(open_at(folder, kFileBytes), nullptr) << "before the tables were made";

  const std::string marker = read(folder + "/signet.folder");
  EXPECT_EQ(marker.substr(0, 22), "signet folder 1\nstore ");
  EXPECT_EQ(marker.size(), 22U + 32U + 1U);
}

TEST_F(DamageTest, AMarkerThatIsMissingDamagedOrNewerIsRefused) {
  for (const char* text : {"",
                           "signet folder 0\n",
                           "signet folder 1\nwings\n",
                           "signet folder 2\naudit\naudit\n",
                           "signet folder 1"}) {
    write(path("signet.folder"), text);
    expect_refused("signet.folder", "damaged or of a newer program");
  }
  write(path("signet.folder"), "signet folder 3\nwings\n");
  expect_refused("signet.folder", "has version 3, but this program knows versions up to 2");
  fs::remove(path("signet.folder"));
  expect_refused("signet.folder is missing", "restore the whole folder");
}

TEST_F(DamageTest, WhatIsNoDataFolderIsNotTakenForOne) {
  for (const auto& [name, words] :
       {std::pair("signet.restore.unfinished", "a restore into it was not finished"),
        std::pair("signet.backup", "it is a backup"),
        std::pair("signet.backup.unfinished", "a backup that was not finished")}) {
    write(path(name), "");
    expect_refused(words, "data folder");
    fs::remove(path(name));
  }
}

TEST_F(DamageTest, ALogThatIsMissingAfterACrashIsNamed) {
  for (const char* name : {"signet.log.0", "signet.log.1"}) {
    crash();
    fs::remove(path(name));

    expect_refused(name, "is missing");
  }
}

TEST_F(DamageTest, ALogThatWasCutAfterACrashIsNamed) {
  for (const char* name : {"signet.log.0", "signet.log.1"}) {
    crash();
    const std::string whole = read(path(name));
    for (std::size_t size = 0; size < whole.size(); size += 1000) {
      crash();
      write(path(name), std::string_view(whole).substr(0, size));

      expect_refused(name, "cut");
    }
  }
}

TEST_F(DamageTest, LogsUnderEachOthersNamesAreNamed) {
  fs::rename(path("signet.log.0"), path("x"));
  fs::rename(path("signet.log.1"), path("signet.log.0"));
  fs::rename(path("x"), path("signet.log.1"));

  expect_refused("signet.log.0", "the other file of the log");
}

TEST_F(DamageTest, ALogOfAnotherDatabaseIsNamed) {
  const std::string other = folder_.path() + "/other";
  const auto store = open_at(other, kFileBytes);
  const Transaction change{.puts = {Put{"k", "v"}}, .deletes = {}};
  ASSERT_TRUE(store->commit(std::span(&change, 1)).has_value());
  for (const char* name : {"/signet.log.0", "/signet.log.1"}) {
    crash();
    write(copied() + name, read(other + name));

    expect_refused(name, "another database");
  }
}

TEST_F(DamageTest, ADatabaseOfAnotherFolderIsNoticed) {
  close();
  const std::string other = folder_.path() + "/other";
  open_at(other, kFileBytes).reset();
  write(path("signet.db"), read(other + "/signet.db"));

  expect_refused("signet.db", "is the database of another folder");
}

TEST_F(DamageTest, WithoutTheWalNothingIsLostInSilence) {
  store_.reset();
  fs::remove_all(original());
  open_original();
  int opened = 0;
  // Commits that go through log and tables in every way, also past the log.
  for (int i = 0; i < 60; ++i) {
    put("b/" + std::to_string(i), std::string(i % 20 == 2 ? 2 * kFileBytes : 100, 'v'));
    crash();
    const Contents expected = contents(*store_);
    fs::remove(path("signet.db-wal"));
    fs::remove(path("signet.db-shm"));
    if (refusal().empty()) {
      opened += 1;
      ASSERT_TRUE(recovered() == expected) << i;
    }
  }
  EXPECT_GT(opened, 5);
}

TEST_F(DamageTest, ADatabaseOfAnotherFolderIsNoticedAfterACrash) {
  const std::string other = folder_.path() + "/other";
  open_at(other, kFileBytes).reset();
  for (const char* name : {"/signet.db-wal", "/signet.db-shm"}) {
    fs::remove(copied() + name);
  }
  write(path("signet.db"), read(other + "/signet.db"));

  expect_refused("signet.db", "is the database of another folder");
}

TEST_F(DamageTest, AChangedRecordIsNamedWhereverItIsChanged) {
  close();
  change_in_database("value 7", "Value 7");

  expect_refused("a/key/7", "does not match its checksum");
}

TEST_F(DamageTest, AChangedRevisionIsNoticed) {
  close();
  run_sql("UPDATE record SET revision = 3 WHERE key = CAST('a/key/7' AS BLOB)");

  expect_refused("a/key/7", "does not match its checksum");
}

TEST_F(DamageTest, ARecordThatIsGoneIsNoticed) {
  close();
  run_sql("DELETE FROM record WHERE key = CAST('a/key/7' AS BLOB)");

  expect_refused("of 30 records, 29 were found", "restore the whole folder");
}

TEST_F(DamageTest, AnOldRecordPutBackIsNoticed) {
  put("a/key/7", "new");
  close();
  ASSERT_EQ(recovered()["a/key/7"], "new");
  const std::uint64_t old = record_checksum("a/key/7", "value 7", 8);
  run_sql("UPDATE record SET value = CAST('value 7' AS BLOB), revision = 8, checksum = " +
          std::to_string(static_cast<std::int64_t>(old)) + " WHERE key = CAST('a/key/7' AS BLOB)");

  expect_refused("of 30 records, 30 were found", "do not match");
}

TEST_F(DamageTest, AChangedRowOfMetaIsNoticed) {
  close();
  for (const char* change : {"revision = 29",
                             "log_id = zeroblob(16)",
                             "log = 1",
                             "records = 29",
                             "total = 1",
                             "checksum = 1"}) {
    crash();
    run_sql(std::string("UPDATE meta SET ") + change);

    expect_refused("signet.db", "meta does not match its checksum");
  }
}

TEST_F(DamageTest, NoFlippedBitOfTheDatabaseChangesWhatIsRead) {
  close();
  const Contents expected = recovered();
  const std::string whole = read(path("signet.db"));
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 37) {
    crash();
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    write(path("signet.db"), changed);

    const auto store = open_embedded_store({.folder = copied()});
    for (const bool is_by_key : {true, false}) {
      Contents found;
      const Visitor take = [&found](const RecordView& record) -> Status {
        found.emplace(record.key, record.value);
        return {};
      };
      const bool is_read =
          store && (is_by_key ? (*store)->load({}, take) : (*store)->load_all(take));
      if (!is_read) {
        refused += 1;
        continue;
      }
      found.emplace("revision", expected.at("revision"));
      ASSERT_TRUE(found == expected) << "bit at byte " << at << " was believed";
    }
  }
  EXPECT_GT(refused, 40);
}

TEST_F(DamageTest, WhatOthersMayUseIsMadePrivate) {
  store_.reset();
  crash();
  fs::create_directory(path("objects"));
  const std::array<std::string, 4> all = {
      copied(), path("signet.db"), path("signet.folder"), path("objects")};
  for (const std::string& each : all) {
    ASSERT_EQ(chmod(each.c_str(), 0777), 0);
  }

  const auto store = open_at(copied(), kFileBytes);

  for (const std::string& each : all) {
    struct stat info{};
    ASSERT_EQ(stat(each.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700u) << each;
  }
}

TEST_F(DamageTest, LayoutTwoIsBroughtToTodaysFormWithWhatItsLogHolds) {
  store_.reset();
  fs::remove_all(copied());
  fs::create_directory(copied());
  write(path("signet.db"), "");
  const LogId id = {'l', 'a', 'y', 'o', 'u', 't', ' ', 't', 'w', 'o', ' ', 'd', 'a', 't', 'a', '!'};
  run_sql(
      "PRAGMA journal_mode = WAL; BEGIN;"
      "CREATE TABLE record (id INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT NULL,"
      " revision INTEGER NOT NULL);"
      "CREATE UNIQUE INDEX record_by_key ON record (key);"
      "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL,"
      " log_id BLOB NOT NULL DEFAULT (x''));"
      "INSERT INTO meta (id, revision, log_id) VALUES (1, 2, CAST('layout two data!' AS BLOB));"
      "INSERT INTO record (key, value, revision) VALUES (x'6B', x'76', 1), (x'6C', x'77', 2);"
      "PRAGMA application_id = 1399416686; PRAGMA user_version = 2; COMMIT");
  const Transaction change{.puts = {Put{"l", "later"}, Put{"m", "x"}}, .deletes = {}};
  const Batch batch(&change, 1);
  write(path("signet.log.0"), make_log_record(id, 3, std::span(&batch, 1)).bytes);
  write(path("signet.log.1"), "");

  const Contents expected = {{"k", "v"}, {"l", "later"}, {"m", "x"}, {"revision", "3"}};
  EXPECT_EQ(recovered(), expected);
  EXPECT_EQ(recovered(), expected) << "opened again";
  EXPECT_EQ(read(path("signet.folder")),
            "signet folder 1\nstore 6c61796f75742074776f206461746121\n");
  run_sql("UPDATE record SET value = x'00' WHERE key = x'6B'");
  expect_refused("the record k", "does not match its checksum");
}

}  // namespace
}  // namespace signet::store
