#include "store/etcd/etcd_store.h"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/random.h"
#include "facts/errors.h"
#include "store/etcd/etcd_process_for_test.h"
#include "store/etcd/local_copy.h"
#include "store/test_folder_for_test.h"

namespace signet::store {
namespace {

Transaction putting(std::string key, std::string value) {
  return {.puts = {Put{std::move(key), std::move(value)}}, .deletes = {}};
}

// What a store tells, kept until it is asked for.
class Notes final : public Follower {
 public:
  void changed(Change change) override {
    const std::scoped_lock lock(mutex_);
    changes_.push_back(std::move(change));
    wake_.notify_all();
  }

  void lost(std::string /*why*/) override {
    const std::scoped_lock lock(mutex_);
    is_lost_ = true;
    wake_.notify_all();
  }

  void confirmed(Revision newest, std::int64_t /*asked_ms*/) override {
    const std::scoped_lock lock(mutex_);
    newest_ = newest;
    wake_.notify_all();
  }

  void unconfirmed(std::string /*why*/) override {
    const std::scoped_lock lock(mutex_);
    unconfirmed_ += 1;
    wake_.notify_all();
  }

  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::seconds(15), condition);
  }

  bool wait_for_changes(std::size_t count) {
    return wait([&] { return changes_.size() >= count; });
  }

  bool wait_for_loss() {
    return wait([&] { return is_lost_; });
  }

  std::vector<Change> changes() {
    const std::scoped_lock lock(mutex_);
    return changes_;
  }

  std::vector<Change> changes_;
  bool is_lost_ = false;
  Revision newest_ = 0;
  int unconfirmed_ = 0;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
};

class EtcdStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("SIGNET_REQUIRE_ETCD") == nullptr && !EtcdProcess::is_installed()) {
      GTEST_SKIP() << "etcd is not installed";
    }
    etcd_ = std::make_unique<EtcdProcess>();
  }

  std::unique_ptr<SharedStore> open(const std::string& copy_folder = {}) {
    EtcdAccess access;
    access.copy_folder = copy_folder;
    access.address.endpoints = {{"127.0.0.1", etcd_->port()}};
    auto store = open_etcd_store(std::move(access), random_);
    EXPECT_TRUE(store.has_value()) << store.error().cause;
    return store ? *std::move(store) : nullptr;
  }

  static std::map<std::string, std::string> all(SharedStore& store) {
    std::map<std::string, std::string> records;
    EXPECT_TRUE(store.load_all([&records](const RecordView& record) -> Status {
      EXPECT_TRUE(records.emplace(record.key, record.value).second) << record.key;
      return {};
    }));
    return records;
  }

  static Revision load(SharedStore& store) {
    return store.load_all([](const RecordView&) { return Status(); }).value_or(0);
  }

  static Revision put(SharedStore& store, std::string key, std::string value) {
    const Transaction change = putting(std::move(key), std::move(value));
    return store.commit(std::span(&change, 1)).value_or(0);
  }

  std::unique_ptr<EtcdProcess> etcd_;
  crypto::SystemRandom random_;
};

TEST_F(EtcdStoreTest, ACommitOnAnOlderStateChangesNothing) {
  const auto a = open();
  const auto b = open();
  const Revision base = load(*a);
  ASSERT_EQ(load(*b), base);
  ASSERT_EQ(put(*b, "k", "theirs"), base + 1);

  const Transaction change = putting("k", "ours");
  const auto committed = a->commit_on(base, std::span(&change, 1));

  ASSERT_TRUE(committed.has_value());
  EXPECT_FALSE(committed->is_done);
  EXPECT_EQ(committed->revision, base + 1);
  std::string value;
  ASSERT_TRUE(a->load("k", [&value](const RecordView& record) {
                 value = record.value;
                 return Status();
               }).has_value());
  EXPECT_EQ(value, "theirs");
}

TEST_F(EtcdStoreTest, ACommitOnTheNewestStateIsDone) {
  const auto store = open();
  const Transaction change = putting("k", "v");

  const auto first = store->commit_on(load(*store), std::span(&change, 1));
  ASSERT_TRUE(first.has_value());
  const auto second = store->commit_on(first->revision, std::span(&change, 1));

  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(first->is_done);
  EXPECT_TRUE(second->is_done);
  EXPECT_EQ(second->revision, 2u);
  EXPECT_EQ(store->newest().value_or(0), 2u);
}

TEST_F(EtcdStoreTest, TellsOfEveryCommitOfOthersAndOfItsOwn) {
  const auto a = open();
  const auto b = open();
  put(*b, "old", "1");
  Notes notes;
  const Revision loaded = load(*a);
  ASSERT_TRUE(a->follow(loaded, notes).has_value());

  put(*b, "new", "2");
  put(*a, "old", "3");
  const Transaction gone{.puts = {}, .deletes = {"old", "missing"}};
  ASSERT_TRUE(b->commit(std::span(&gone, 1)).has_value());

  ASSERT_TRUE(notes.wait_for_changes(3));
  const std::vector<Change> changes = notes.changes();
  EXPECT_EQ(changes[0].revision, loaded + 1);
  ASSERT_EQ(changes[0].items.size(), 1u);
  EXPECT_EQ(changes[0].items[0].key, "new");
  EXPECT_EQ(changes[0].items[0].before, std::nullopt);
  EXPECT_EQ(changes[0].items[0].after, "2");
  EXPECT_EQ(changes[1].items[0].before, "1");
  EXPECT_EQ(changes[1].items[0].after, "3");
  ASSERT_EQ(changes[2].items.size(), 1u);
  EXPECT_EQ(changes[2].items[0].before, "3");
  EXPECT_EQ(changes[2].items[0].after, std::nullopt);
  a->unfollow();
}

TEST_F(EtcdStoreTest, GoesOnAfterEtcdWasAway) {
  const auto a = open();
  Notes notes;
  ASSERT_TRUE(a->follow(load(*a), notes).has_value());
  put(*a, "k", "1");
  ASSERT_TRUE(notes.wait_for_changes(1));

  etcd_->kill();
  ASSERT_TRUE(notes.wait([&] { return notes.unconfirmed_ > 0; }));
  etcd_->start();
  EXPECT_EQ(put(*a, "k", "2"), 2u);

  ASSERT_TRUE(notes.wait_for_changes(2));
  EXPECT_EQ(notes.changes()[1].items[0].before, "1");
  a->unfollow();
}

TEST_F(EtcdStoreTest, SaysThatChangesAreLostWhenEtcdHasForgottenThem) {
  const auto a = open();
  Notes notes;
  const Revision loaded = load(*a);
  const auto b = open();
  for (int i = 0; i < 5; ++i) {
    put(*b, "k", std::to_string(i));
  }
  ASSERT_FALSE(etcd_->ask("/v3/kv/compaction", R"({"revision":"6","physical":true})").empty());

  ASSERT_TRUE(a->follow(loaded, notes).has_value());
  ASSERT_TRUE(notes.wait_for_loss());

  // Loaded anew it goes on.
  ASSERT_TRUE(a->follow(load(*a), notes).has_value());
  put(*b, "k", "last");
  ASSERT_TRUE(notes.wait_for_changes(1));
  EXPECT_EQ(notes.changes().back().items[0].after, "last");
  a->unfollow();
}

TEST_F(EtcdStoreTest, StartsFromItsCopyAndWhatChangedSince) {
  const TestFolder folder;
  const auto other = open();
  put(*other, "a", "1");
  put(*other, "b", "2");
  {
    const auto node = open(folder.path());
    Notes notes;
    const Revision loaded = load(*node);
    ASSERT_TRUE(node->follow(loaded, notes).has_value());
    put(*other, "c", "3");
    ASSERT_TRUE(notes.wait_for_changes(1));
    node->unfollow();
  }
  const Transaction deletion{.puts = {Put{"d", "4"}}, .deletes = {"a"}};
  ASSERT_TRUE(other->commit(std::span(&deletion, 1)).has_value());

  // What etcd says of records is asked of the copy alone: one that is changed shows.
  LocalCopy copy(folder.path());
  ASSERT_EQ(copy.open()->revision + 1, put(*other, "e", "5") - 1);
  const auto node = open(folder.path());
  EXPECT_EQ(all(*node), all(*other));
  EXPECT_EQ(all(*node).size(), 4U);
  Notes notes;
  ASSERT_TRUE(node->follow(load(*node), notes).has_value());
  put(*other, "f", "6");
  ASSERT_TRUE(notes.wait_for_changes(1));
  EXPECT_EQ(notes.changes().front().items[0].key, "f");
  node->unfollow();
}

TEST_F(EtcdStoreTest, LoadsEverythingWhereTheCopyIsOfNoUse) {
  const TestFolder folder;
  const auto other = open();
  put(*other, "a", "1");
  load(*open(folder.path()));
  for (int i = 0; i < 5; ++i) {
    put(*other, "k", std::to_string(i));
  }
  // etcd has forgotten how the present came about.
  ASSERT_FALSE(etcd_->ask("/v3/kv/compaction", R"({"revision":"7","physical":true})").empty());
  EXPECT_EQ(all(*open(folder.path())), all(*other));

  // Another history with the same numbers, as after a restore.
  {
    LocalCopy copy(folder.path());
    CopyPoint point = *copy.open();
    point.counter = "6 0123456789abcdef";
    copy.begin();
    copy.put({.key = "of-another", .value = "1", .revision = 1});
    copy.finish(point);
  }
  EXPECT_EQ(all(*open(folder.path())), all(*other));
}

TEST_F(EtcdStoreTest, NoticesThatEtcdStandsStill) {
  const auto a = open();
  Notes notes;
  ASSERT_TRUE(a->follow(load(*a), notes).has_value());
  ASSERT_TRUE(notes.wait([&] { return notes.newest_ == 0; }));

  etcd_->suspend();
  EXPECT_TRUE(notes.wait([&] { return notes.unconfirmed_ > 0; }));
  etcd_->resume();
  a->unfollow();
}

// The first attempt is on its way while the answer is given up: sent again, it must not count
// twice.
TEST_F(EtcdStoreTest, WhatIsSentAgainHappensOnce) {
  const auto a = open();
  Notes notes;
  ASSERT_TRUE(a->follow(load(*a), notes).has_value());
  put(*a, "k", "0");
  ASSERT_TRUE(notes.wait_for_changes(1));

  etcd_->suspend();
  auto answer = std::async(std::launch::async, [&] {
    const Transaction change = putting("k", "1");
    return a->commit_on(1, std::span(&change, 1));
  });
  ASSERT_TRUE(notes.wait([&] { return notes.unconfirmed_ >= 2; }));
  etcd_->resume();
  const auto committed = answer.get();

  ASSERT_TRUE(committed.has_value()) << committed.error().cause;
  EXPECT_TRUE(committed->is_done);
  EXPECT_EQ(a->newest().value_or(0), 2u);
  a->unfollow();
}

TEST_F(EtcdStoreTest, WithoutEtcdCommitsAreUnavailable) {
  const auto a = open();
  load(*a);
  etcd_->kill();

  const Transaction change = putting("k", "1");
  const auto committed = a->commit_on(0, std::span(&change, 1));

  ASSERT_FALSE(committed.has_value());
  EXPECT_EQ(committed.error().code, ErrorCode::ServiceUnavailable);
  EXPECT_FALSE(a->newest().has_value());
}

TEST_F(EtcdStoreTest, WhatEtcdDoesNotTakeIsRefusedAsAWhole) {
  const auto a = open();
  const Transaction large = putting("k", std::string(std::size_t{3} << 20, 'x'));

  const auto committed = a->commit_on(load(*a), std::span(&large, 1));

  ASSERT_FALSE(committed.has_value());
  EXPECT_NE(committed.error().cause.find("--max-request-bytes"), std::string::npos)
      << committed.error().cause;
  EXPECT_EQ(a->newest().value_or(9), 0u);
}

TEST_F(EtcdStoreTest, ThousandsOfRecordsAreOneCommit) {
  const auto a = open();
  Notes notes;
  ASSERT_TRUE(a->follow(load(*a), notes).has_value());
  Transaction many;
  for (int i = 0; i < 4000; ++i) {
    many.puts.push_back({"k" + std::to_string(i), "v"});
  }

  ASSERT_TRUE(a->commit(std::span(&many, 1)).has_value());

  ASSERT_TRUE(notes.wait_for_changes(1));
  EXPECT_EQ(notes.changes()[0].items.size(), 4000u);
  a->unfollow();
}

TEST_F(EtcdStoreTest, OneOfSeveralHasTheOfficeAndAnotherTakesItOver) {
  const auto a = open();
  const auto b = open();
  Notes notes_a;
  Notes notes_b;
  ASSERT_TRUE(a->follow(load(*a), notes_a).has_value());
  ASSERT_TRUE(notes_a.wait([&] { return a->is_in_office(); }));
  ASSERT_TRUE(b->follow(load(*b), notes_b).has_value());
  EXPECT_FALSE(b->is_in_office());

  a->unfollow();  // gives it back

  EXPECT_FALSE(a->is_in_office());
  EXPECT_TRUE(notes_b.wait([&] { return b->is_in_office(); }));
  b->unfollow();
}

TEST_F(EtcdStoreTest, AKeyThatIsNoneOfOursStopsTheStart) {
  const std::string key = codec::encode_base64("signet/s/revision");
  ASSERT_FALSE(etcd_->ask("/v3/kv/put", R"({"key":")" + key + R"(","value":"aGk="})").empty());
  EtcdAccess access;
  access.address.endpoints = {{"127.0.0.1", etcd_->port()}};

  EXPECT_FALSE(open_etcd_store(std::move(access), random_).has_value());
}

}  // namespace
}  // namespace signet::store
