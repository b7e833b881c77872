// The suite that every backend passes. A new backend adds its factory to the list at the end.

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "store/embedded/embedded_store.h"
#include "store/etcd/etcd_process_for_test.h"
#include "store/etcd/etcd_store.h"
#include "store/memory/memory_store.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/test_folder_for_test.h"

namespace signet::store {
namespace {

struct Backend {
  std::string name;
  std::function<std::unique_ptr<Store>(const std::string& folder)> make;
  std::function<bool()> is_missing = {};  // what it needs; where it does not, never
};

struct Seen {
  std::string value;
  Revision revision = 0;

  bool operator==(const Seen&) const = default;
};

using Contents = std::vector<std::pair<std::string, Seen>>;

Transaction putting(std::vector<Put> puts) {
  return Transaction{.puts = std::move(puts), .deletes = {}};
}

Transaction deleting(std::vector<std::string> keys) {
  return Transaction{.puts = {}, .deletes = std::move(keys)};
}

class StoreConformance : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (GetParam().is_missing && GetParam().is_missing()) {
      GTEST_SKIP() << "etcd is not installed";
    }
    store_ = GetParam().make(folder_.path());
    ASSERT_NE(store_, nullptr);
  }

  Contents contents(std::string_view prefix = {}) {
    Contents all;
    const Result<Revision> loaded =
        store_->load(prefix, [&all](const RecordView& record) -> Status {
          all.emplace_back(std::string(record.key),
                           Seen{std::string(record.value), record.revision});
          return {};
        });
    EXPECT_TRUE(loaded.has_value());
    loaded_revision_ = loaded.value_or(0);
    if (prefix.empty()) {
      expect_all_in_any_order(all);
    }
    return all;
  }

  // load_all() shows the same, each record once.
  void expect_all_in_any_order(const Contents& all) {
    std::map<std::string, Seen> found;
    std::size_t shown = 0;
    const Result<Revision> loaded = store_->load_all([&](const RecordView& record) -> Status {
      found.emplace(record.key, Seen{std::string(record.value), record.revision});
      shown += 1;
      return {};
    });
    EXPECT_EQ(loaded.value_or(0), loaded_revision_);
    EXPECT_EQ(shown, all.size());
    EXPECT_TRUE(std::ranges::equal(found, all, [](const auto& a, const auto& b) {
      return a.first == b.first && a.second == b.second;
    }));
  }

  Revision commit(std::vector<Transaction> batch) {
    Result<Revision> result = store_->commit(batch);
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().cause);
    return result.value_or(Revision{});
  }

  Revision put(std::string key, std::string value) {
    return commit({putting({Put{std::move(key), std::move(value)}})});
  }

  TestFolder folder_;
  std::unique_ptr<Store> store_;
  Revision loaded_revision_ = 0;
};

TEST_P(StoreConformance, StartsEmptyAtRevisionZero) {
  EXPECT_TRUE(contents().empty());
  EXPECT_EQ(loaded_revision_, 0u);
}

TEST_P(StoreConformance, EveryBatchMakesTheNextRevision) {
  EXPECT_EQ(put("a", "1"), 1u);
  EXPECT_EQ(put("b", "2"), 2u);
  EXPECT_EQ(put("a", "3"), 3u);

  const Contents expected = {{"a", {"3", 3}}, {"b", {"2", 2}}};
  EXPECT_EQ(contents(), expected);
  EXPECT_EQ(loaded_revision_, 3u);
}

TEST_P(StoreConformance, AnEmptyBatchChangesNothing) {
  put("a", "1");

  EXPECT_EQ(commit({}), 1u);
  EXPECT_EQ(contents().size(), 1u);
  EXPECT_EQ(loaded_revision_, 1u);
}

TEST_P(StoreConformance, ShowsKeysInTheOrderOfUnsignedBytes) {
  const std::vector<std::string> sorted = {
      std::string("\0", 1), "a", std::string("a\0b", 3), "a/", "b", "\x80", "\xff"};
  for (const std::size_t i : {4u, 6u, 2u, 1u, 5u, 3u, 0u}) {
    put(sorted[i], "v");
  }

  std::vector<std::string> keys;
  for (const auto& [key, seen] : contents()) {
    keys.push_back(key);
  }
  EXPECT_EQ(keys, sorted);
}

TEST_P(StoreConformance, LoadsOnlyWhatBeginsWithThePrefix) {
  for (const char* key : {"a", "a/1", "a/2", "a0", "b", "\xff", "\xff\xff", "\xff\xff!"}) {
    put(key, key);
  }

  EXPECT_EQ(contents("a/").size(), 2u);
  EXPECT_EQ(contents("a").size(), 4u);
  EXPECT_EQ(contents("\xff").size(), 3u);
  EXPECT_EQ(contents("\xff\xff").size(), 2u);
  EXPECT_TRUE(contents("c").empty());
}

TEST_P(StoreConformance, KeepsAnyBytesAndEmptyValues) {
  std::string all_bytes;
  for (int c = 0; c < 256; ++c) {
    all_bytes.push_back(static_cast<char>(c));
  }
  put("bytes", all_bytes);
  put("empty", "");

  const Contents expected = {{"bytes", {all_bytes, 1}}, {"empty", {"", 2}}};
  EXPECT_EQ(contents(), expected);
}

TEST_P(StoreConformance, TakesTheLargestKeyAndValue) {
  const std::string key(kKeySizeMax, 'k');
  const std::string value(kValueSizeMax, 'v');
  put(key, value);

  const Contents all = contents();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].first, key);
  EXPECT_EQ(all[0].second.value, value);
}

TEST_P(StoreConformance, RefusesKeysAndValuesOutOfBoundsAndAppliesNothing) {
  put("kept", "1");
  const std::vector<Put> bad = {{"", "v"},
                                {std::string(kKeySizeMax + 1, 'k'), "v"},
                                {"k", std::string(kValueSizeMax + 1, 'v')}};
  for (const Put& each : bad) {
    const std::vector<Transaction> batch = {
        {.puts = {Put{"other", "x"}, each}, .deletes = {"kept"}}};

    const Result<Revision> result = store_->commit(batch);

    ASSERT_FALSE(result.has_value());
    EXPECT_FALSE(result.error().cause.empty());
  }
  EXPECT_EQ(contents().size(), 1u);
  EXPECT_EQ(loaded_revision_, 1u);
}

TEST_P(StoreConformance, DeletesAndForgivesWhatIsNotThere) {
  put("a", "1");
  put("b", "2");

  EXPECT_EQ(commit({deleting({"a", "missing"})}), 3u);

  const Contents expected = {{"b", {"2", 2}}};
  EXPECT_EQ(contents(), expected);
  EXPECT_EQ(loaded_revision_, 3u);
}

TEST_P(StoreConformance, DeletesAfterPutsWithinATransaction) {
  commit({Transaction{.puts = {Put{"a", "1"}}, .deletes = {"a"}}});

  EXPECT_TRUE(contents().empty());
}

TEST_P(StoreConformance, AppliesTransactionsOfABatchInOrder) {
  commit({putting({{"a", "1"}}), deleting({"a"}), putting({{"a", "2"}, {"b", "1"}})});

  const Contents expected = {{"a", {"2", 1}}, {"b", {"1", 1}}};
  EXPECT_EQ(contents(), expected);
}

TEST_P(StoreConformance, AKeyPutAgainAfterDeletionHasANewRevision) {
  put("a", "1");
  commit({deleting({"a"})});

  EXPECT_EQ(put("a", "2"), 3u);
}

TEST_P(StoreConformance, AnErrorOfTheVisitorEndsTheScan) {
  put("a", "1");
  put("b", "2");
  int visits = 0;

  const Result<Revision> loaded = store_->load({}, [&visits](const RecordView&) -> Status {
    visits += 1;
    return fail(ErrorCode{}, "enough");
  });

  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().message, "enough");
  EXPECT_EQ(visits, 1);
}

void run_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t) {
    threads.emplace_back(body, t);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST_P(StoreConformance, ConcurrentWritersAllGetDistinctRevisions) {
  constexpr int kThreads = 8;
  constexpr int kWrites = 40;
  std::vector<std::vector<Revision>> revisions(kThreads);
  run_threads(kThreads, [&](int t) {
    for (int i = 0; i < kWrites; ++i) {
      const Transaction one = putting({{"k/" + std::to_string(t) + "/" + std::to_string(i), "v"}});
      const Result<Revision> result = store_->commit(std::span(&one, 1));
      revisions[static_cast<std::size_t>(t)].push_back(result.value_or(0));
    }
  });

  std::map<Revision, int> count;
  for (const std::vector<Revision>& own : revisions) {
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    for (const Revision revision : own) {
      count[revision] += 1;
    }
  }
  EXPECT_EQ(count.size(), std::size_t{kThreads * kWrites});
  EXPECT_EQ(count.count(0), 0u);
  EXPECT_EQ(contents().size(), std::size_t{kThreads * kWrites});
  EXPECT_EQ(loaded_revision_, Revision{kThreads * kWrites});
}

TEST_P(StoreConformance, ASchemaVersionIsWrittenOnceAndFoundAgain) {
  EXPECT_EQ(prepare_schema(*store_, 3, {}).value_or(0), 3u);
  EXPECT_EQ(prepare_schema(*store_, 3, {}).value_or(0), 3u);

  const Contents expected = {{"!schema", {"3", 1}}};
  EXPECT_EQ(contents(), expected);
}

// A migration that appends `text` to the record x.
Migration appending(std::uint32_t from, std::string text) {
  return Migration{
      from, [text](Store& store, Transaction& change) -> Status {
        const auto visit = [&](const RecordView& record) -> Status {
          change.puts.push_back(Put{std::string(record.key), std::string(record.value) + text});
          return {};
        };
        TRY_STATUS(store.load("x", visit));
        return {};
      }};
}

TEST_P(StoreConformance, MigratesStepByStep) {
  ASSERT_TRUE(prepare_schema(*store_, 1, {}).has_value());
  put("x", "one");
  const std::vector<Migration> migrations = {appending(2, " three"), appending(1, " two")};

  EXPECT_EQ(raise_schema(*store_, 3, migrations).value_or(0), 1u);

  const Contents expected = {{"!schema", {"3", 4}}, {"x", {"one two three", 4}}};
  EXPECT_EQ(contents(), expected);
}

TEST_P(StoreConformance, AFailedMigrationLeavesTheStepBefore) {
  ASSERT_TRUE(prepare_schema(*store_, 1, {}).has_value());
  put("x", "one");
  const Migration fails = {2, [](Store&, Transaction& change) -> Status {
                             change.puts.push_back(Put{"half", "done"});
                             return fail(ErrorCode{}, "no");
                           }};

  EXPECT_FALSE(raise_schema(*store_, 3, std::vector{appending(1, " two"), fails}).has_value());

  const Contents expected = {{"!schema", {"2", 3}}, {"x", {"one two", 3}}};
  EXPECT_EQ(contents(), expected);
}

TEST_P(StoreConformance, RefusesNewerUnknownAndUnreachableVersions) {
  ASSERT_TRUE(prepare_schema(*store_, 7, {}).has_value());

  const Result<std::uint32_t> newer = prepare_schema(*store_, 6, {});
  ASSERT_FALSE(newer.has_value());
  EXPECT_NE(newer.error().cause.find("version 7"), std::string::npos) << newer.error().cause;
  EXPECT_FALSE(raise_schema(*store_, 8, {}).has_value()) << "no migration from 7";
  for (const char* bad : {"", "0", "-1", "seven", "7 "}) {
    put("!schema", bad);
    EXPECT_FALSE(prepare_schema(*store_, 7, {}).has_value()) << bad;
  }
}

// Where others write too, they may be of the version before.
TEST_P(StoreConformance, AStartRaisesRecordsOnlyWhereNobodyElseWrites) {
  ASSERT_TRUE(prepare_schema(*store_, 1, {}).has_value());
  put("x", "one");
  const std::vector<Migration> migrations = {appending(1, " two"), appending(2, " three")};
  const bool is_shared = store_->shared() != nullptr;
  const auto x = [this] {
    std::string value;
    EXPECT_TRUE(store_->load("x", [&value](const RecordView& record) -> Status {
      value = record.value;
      return {};
    }));
    return value;
  };

  EXPECT_EQ(prepare_schema(*store_, 2, migrations).value_or(0), 1u);
  EXPECT_EQ(x(), is_shared ? "one" : "one two");
  const Result<std::uint32_t> two_before = prepare_schema(*store_, 3, migrations);
  EXPECT_EQ(two_before.has_value(), !is_shared);
  if (is_shared) {
    EXPECT_NE(two_before.error().cause.find("holds records of version 1"), std::string::npos);
    EXPECT_EQ(prepare_schema(*store_, 1, {}).value_or(0), 1u) << "the older program goes on";

    EXPECT_EQ(raise_schema(*store_, 2, migrations).value_or(0), 1u);

    EXPECT_EQ(x(), "one two");
    EXPECT_FALSE(prepare_schema(*store_, 1, {}).has_value()) << "below the records' version";
  }
}

TEST_P(StoreConformance, RefusesRecordsWithoutASchemaVersion) {
  put("a", "1");

  EXPECT_FALSE(prepare_schema(*store_, 1, {}).has_value());
  EXPECT_EQ(contents().size(), 1u);
}

const Backend kMemory = {"Memory", [](const std::string&) {
                           return make_memory_store();
                         }};
const Backend kEmbedded = {
    "Embedded", [](const std::string& folder) {
      return open_embedded_store({.folder = folder + "/data"}).value_or(nullptr);
    }};

// Two commits fill a file of the log, so that what is in it, what is moved, and what goes past it
// all occur.
const Backend kEmbeddedSmallLog = {
    "EmbeddedSmallLog", [](const std::string& folder) {
      return open_embedded_store({.folder = folder + "/data", .log_file_bytes = 8192})
          .value_or(nullptr);
    }};

// `./test --cluster` sets SIGNET_REQUIRE_ETCD: there its absence is no reason to pass.
bool is_etcd_missing() {
  return std::getenv("SIGNET_REQUIRE_ETCD") == nullptr && !EtcdProcess::is_installed();
}

// One etcd for all tests; each has a prefix of its own in it. Values of 4 MiB need more than etcd
// takes unless it is told to.
const Backend kEtcd = {"Etcd",
                       [](const std::string& folder) -> std::unique_ptr<Store> {
                         static EtcdProcess etcd({"--max-request-bytes=16777216"});
                         static crypto::SystemRandom random;
                         const std::string prefix = folder.substr(folder.rfind('/') + 1) + "/";
                         EtcdAccess access;
                         access.address = {.endpoints = {{"127.0.0.1", etcd.port()}},
                                           .prefix = prefix};
                         return open_etcd_store(std::move(access), random).value_or(nullptr);
                       },
                       is_etcd_missing};

INSTANTIATE_TEST_SUITE_P(Backends,
                         StoreConformance,
                         testing::Values(kMemory, kEmbedded, kEmbeddedSmallLog, kEtcd),
                         [](const testing::TestParamInfo<Backend>& one) { return one.param.name; });

}  // namespace
}  // namespace signet::store
