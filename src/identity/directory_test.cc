#include "identity/directory.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "identity/data_keys.h"
#include "identity/fixture_for_test.h"
#include "identity/invariants.h"
#include "store/schema.h"

namespace signet::identity {
namespace {

// A store whose commits can be made to wait or to fail.
class TroubledStore final : public store::Store {
 public:
  Result<store::Revision> load(std::string_view prefix, const store::Visitor& visit) override {
    return inner_->load(prefix, visit);
  }

  Result<store::Revision> commit(std::span<const store::Transaction> batch) override {
    std::unique_lock lock(mutex_);
    commits_ += 1;
    wake_.notify_all();
    wake_.wait(lock, [this] { return !is_held_; });
    if (failures_ > 0) {
      failures_ -= 1;
      Error error;
      error.code = ErrorCode{};
      error.cause = "disk full";
      return std::unexpected(std::move(error));
    }
    return inner_->commit(batch);
  }

  std::string location() const override { return "trouble"; }

  void fail_next(int commits) {
    const std::scoped_lock lock(mutex_);
    failures_ = commits;
  }

  void hold() {
    const std::scoped_lock lock(mutex_);
    is_held_ = true;
  }

  void release() {
    const std::scoped_lock lock(mutex_);
    is_held_ = false;
    wake_.notify_all();
  }

  // Waits until commit() was entered `count` times in all.
  void await_commits(int count) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return commits_ >= count; });
  }

  int commits() {
    const std::scoped_lock lock(mutex_);
    return commits_;
  }

 private:
  std::unique_ptr<store::Store> inner_ = store::make_memory_store();
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_held_ = false;
  int failures_ = 0;
  int commits_ = 0;
};

class DirectoryTest : public testing::Test {
 protected:
  Directory& directory() { return fixture_.directory(); }

  TroubledStore& trouble() { return *trouble_; }

  static WriteFn putting_user(std::string id, std::string name) {
    return [id, name](const Snapshot& snapshot, Transaction& transaction) -> Status {
      if (snapshot.find<User>(kAccount, name) != nullptr) {
        return fail(ErrorCode{}, "taken");
      }
      transaction.put(make_user(id, name));
      return {};
    };
  }

  std::unique_ptr<TroubledStore> owned_ = std::make_unique<TroubledStore>();
  TroubledStore* trouble_ = owned_.get();
  Fixture fixture_ = Fixture(std::move(owned_));
};

// Collects completions from the writer thread.
class Answers {
 public:
  explicit Answers(std::size_t count) : answers_(count) {}

  Completion at(std::size_t index) {
    return [this, index](Result<std::uint64_t> result) {
      const std::scoped_lock lock(mutex_);
      answers_[index].push_back(std::move(result));
      given_ += 1;
      wake_.notify_all();
    };
  }

  void await_all() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return given_ >= answers_.size(); });
  }

  const Result<std::uint64_t>& operator[](std::size_t index) {
    EXPECT_EQ(answers_[index].size(), 1u);
    return answers_[index].front();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::vector<Result<std::uint64_t>>> answers_;
  std::size_t given_ = 0;
};

TEST_F(DirectoryTest, AnAcknowledgedWriteIsVisibleToEveryReader) {
  SnapshotReader reader(directory());
  const std::uint64_t before = reader.get().revision();

  const Result<std::uint64_t> revision = directory().apply(putting_user("AIDA1", "alice"));

  ASSERT_TRUE(revision.has_value());
  EXPECT_EQ(*revision, before + 1);
  EXPECT_EQ(directory().revision(), *revision);
  EXPECT_EQ(reader.get().revision(), *revision);
  EXPECT_NE(reader.get().find<User>(kAccount, "alice"), nullptr);
  EXPECT_NE(directory().current()->find<User>(kAccount, "alice"), nullptr);
}

TEST_F(DirectoryTest, AReaderKeepsItsStateUntilItAsksAgain) {
  SnapshotReader reader(directory());
  const std::shared_ptr<const Snapshot> held = (static_cast<void>(reader.get()), reader.hold());
  const Snapshot& old = *held;

  ASSERT_TRUE(directory().apply(putting_user("AIDA1", "alice")).has_value());

  EXPECT_EQ(old.find<User>(kAccount, "alice"), nullptr);
  EXPECT_NE(reader.get().find<User>(kAccount, "alice"), nullptr);
  EXPECT_EQ(old.find<User>(kAccount, "alice"), nullptr);
}

TEST_F(DirectoryTest, NothingIsVisibleBeforeItIsDurable) {
  const int commits = trouble().commits();
  Answers answers(1);
  trouble().hold();
  directory().submit(putting_user("AIDA1", "alice"), answers.at(0));
  trouble().await_commits(commits + 1);

  EXPECT_EQ(directory().current()->find<User>(kAccount, "alice"), nullptr);

  trouble().release();
  answers.await_all();
  EXPECT_TRUE(answers[0].has_value());
  EXPECT_NE(directory().current()->find<User>(kAccount, "alice"), nullptr);
}

TEST_F(DirectoryTest, WritesThatWaitShareOneCommit) {
  const int commits = trouble().commits();
  Answers answers(41);
  trouble().hold();
  directory().submit(putting_user("AIDA-first", "first"), answers.at(40));
  trouble().await_commits(commits + 1);
  for (std::size_t i = 0; i < 40; ++i) {
    directory().submit(putting_user("AIDA" + std::to_string(i), "u" + std::to_string(i)),
                       answers.at(i));
  }
  trouble().release();
  answers.await_all();

  EXPECT_EQ(trouble().commits(), commits + 2);
  EXPECT_EQ(directory().current()->table<User>(kAccount).size(), 41u);
  EXPECT_EQ(*answers[0], *answers[39]);
}

TEST_F(DirectoryTest, AFailingWriteChangesNothingAndSparesItsNeighbours) {
  const int commits = trouble().commits();
  Answers answers(4);
  trouble().hold();
  directory().submit(putting_user("AIDA0", "zero"), answers.at(0));
  trouble().await_commits(commits + 1);
  directory().submit(putting_user("AIDA1", "alice"), answers.at(1));
  directory().submit(
      [](const Snapshot&, Transaction& transaction) -> Status {
        transaction.put(make_user("AIDA2", "half"));
        return fail(ErrorCode{}, "changed my mind");
      },
      answers.at(2));
  directory().submit(putting_user("AIDA3", "ALICE"), answers.at(3));
  trouble().release();
  answers.await_all();

  EXPECT_TRUE(answers[1].has_value());
  EXPECT_EQ(answers[2].error().message, "changed my mind");
  EXPECT_EQ(answers[3].error().message, "taken");
  EXPECT_EQ(directory().current()->table<User>(kAccount).size(), 2u);
  EXPECT_EQ(fixture_.records().count("a/111122223333/user/AIDA2"), 0u);
}

TEST_F(DirectoryTest, AFailedCommitLeavesNothingAndLaterWritesWork) {
  const auto records = fixture_.records();
  const std::uint64_t revision = directory().revision();
  trouble().fail_next(1);

  const Result<std::uint64_t> failed = directory().apply(putting_user("AIDA1", "alice"));

  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().cause, "disk full");
  EXPECT_EQ(directory().revision(), revision);
  EXPECT_EQ(directory().current()->find<User>(kAccount, "alice"), nullptr);
  EXPECT_EQ(fixture_.records(), records);
  EXPECT_TRUE(directory().apply(putting_user("AIDA1", "alice")).has_value());
}

// "Taken" was true only of a state that never became durable.
TEST_F(DirectoryTest, AnAnswerFromAStateThatFailedIsGivenAgain) {
  const int commits = trouble().commits();
  Answers answers(3);
  trouble().hold();
  directory().submit(putting_user("AIDA0", "zero"), answers.at(0));
  trouble().await_commits(commits + 1);
  directory().submit(putting_user("AIDA1", "alice"), answers.at(1));
  directory().submit(putting_user("AIDA2", "Alice"), answers.at(2));
  trouble().fail_next(2);
  trouble().release();
  answers.await_all();

  EXPECT_FALSE(answers[0].has_value());
  EXPECT_EQ(answers[1].error().cause, "disk full");
  EXPECT_TRUE(answers[2].has_value());
  EXPECT_EQ(directory().current()->find<User>(kAccount, "alice")->id, "AIDA2");
}

TEST_F(DirectoryTest, AWriteThatChangesNothingNeedsNoCommit) {
  const int commits = trouble().commits();
  const std::uint64_t revision = directory().revision();

  const auto result = directory().apply([](const Snapshot&, Transaction&) -> Status { return {}; });

  EXPECT_EQ(result.value_or(0), revision);
  EXPECT_EQ(trouble().commits(), commits);
}

TEST_F(DirectoryTest, RefusesWritesBeyondItsQueueAtOnce) {
  fixture_.reopen();
  auto opened =
      Directory::open(fixture_.deps(), Directory::Options{.queue_max = 2, .batch_max = 8});
  ASSERT_TRUE(opened.has_value());
  const int commits = trouble().commits();
  Answers answers(4);
  trouble().hold();
  (*opened)->submit(putting_user("AIDA0", "u0"), answers.at(0));
  trouble().await_commits(commits + 1);
  (*opened)->submit(putting_user("AIDA1", "u1"), answers.at(1));
  (*opened)->submit(putting_user("AIDA2", "u2"), answers.at(2));
  (*opened)->submit(putting_user("AIDA3", "u3"), answers.at(3));

  EXPECT_FALSE(answers[3].has_value()) << "answered before submit() returned";

  trouble().release();
  answers.await_all();
  EXPECT_TRUE(answers[2].has_value());
}

TEST_F(DirectoryTest, StopFinishesWhatIsQueuedAndRefusesTheRest) {
  const int commits = trouble().commits();
  Answers answers(2);
  trouble().hold();
  directory().submit(putting_user("AIDA0", "u0"), answers.at(0));
  trouble().await_commits(commits + 1);
  directory().submit(putting_user("AIDA1", "u1"), answers.at(1));
  std::thread stopper([this] { directory().stop(); });
  trouble().release();
  stopper.join();
  answers.await_all();

  EXPECT_TRUE(answers[1].has_value());
  EXPECT_FALSE(directory().apply(putting_user("AIDA2", "u2")).has_value());
  EXPECT_FALSE(directory().checkpoint().has_value());
  EXPECT_NE(directory().current()->find<User>(kAccount, "u1"), nullptr);
}

TEST_F(DirectoryTest, ReopeningGivesTheSameStateAndRevision) {
  ASSERT_TRUE(directory()
                  .apply([](const Snapshot&, Transaction& t) -> Status {
                    t.put(make_user("AIDA1", "alice"));
                    t.put(make_key("AKIA1", "AIDA1"));
                    t.put(make_policy("ANPA1", "P"));
                    Role role = make_role("AROA1", "R");
                    role.attached_policies = {"arn:aws:iam::111122223333:policy/P"};
                    t.put(std::move(role));
                    t.put(make_profile("AIPA1", "prof", "AROA1"));
                    return {};
                  })
                  .has_value());
  const std::uint64_t revision = directory().revision();

  fixture_.reopen();

  EXPECT_EQ(directory().revision(), revision);
  const auto snapshot = directory().current();
  EXPECT_TRUE(verify_invariants(*snapshot).empty());
  EXPECT_EQ(snapshot->find<AccessKey>("AKIA1")->secret->reveal(secret_access()), "secret-of-AKIA1");
  EXPECT_EQ(snapshot->policy_use(kAccount, "arn:aws:iam::111122223333:policy/P").attachments, 1u);
}

TEST_F(DirectoryTest, RefusesAStoreWithABrokenRecordAndNamesIt) {
  ASSERT_TRUE(directory().apply(putting_user("AIDA1", "alice")).has_value());
  directory().stop();
  const auto records = fixture_.records();
  const std::string user_key = "a/111122223333/user/AIDA1";

  struct Case {
    const char* name;
    store::Transaction change;
  };

  for (const Case& c : std::vector<Case>{
           {"cut off", {.puts = {{user_key, records.at(user_key).substr(0, 9)}}, .deletes = {}}},
           {"unknown key", {.puts = {{"zzz", "?"}}, .deletes = {}}},
           {"account gone", {.puts = {}, .deletes = {"a/111122223333"}}},
           {"data key gone", {.puts = {{"g/datakey/1", "?"}}, .deletes = {}}},
           {"newer schema", {.puts = {{"!schema", "99"}}, .deletes = {}}},
       }) {
    ASSERT_TRUE(fixture_.store().commit(std::span(&c.change, 1)).has_value());

    const auto opened = Directory::open(fixture_.deps());

    EXPECT_FALSE(opened.has_value()) << c.name;
    store::Transaction repair;
    for (const auto& [key, value] : records) {
      repair.puts.push_back({key, value});
    }
    repair.deletes = {"zzz"};
    ASSERT_TRUE(fixture_.store().commit(std::span(&repair, 1)).has_value());
  }
  EXPECT_TRUE(Directory::open(fixture_.deps()).has_value());
}

TEST_F(DirectoryTest, RefusesADanglingReference) {
  ASSERT_TRUE(directory()
                  .apply([](const Snapshot&, Transaction& t) -> Status {
                    t.put(make_group("AGPA1", "g"));
                    User user = make_user("AIDA1", "alice");
                    user.group_ids = {"AGPA1"};
                    t.put(std::move(user));
                    return {};
                  })
                  .has_value());
  directory().stop();
  const store::Transaction change{.puts = {}, .deletes = {"a/111122223333/group/AGPA1"}};
  ASSERT_TRUE(fixture_.store().commit(std::span(&change, 1)).has_value());

  const auto opened = Directory::open(fixture_.deps());

  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().cause.find("AGPA1"), std::string::npos) << opened.error().cause;
}

TEST_F(DirectoryTest, RefusesAnotherMasterKeyAndSaysSo) {
  directory().stop();
  const Secret wrong(std::string(32, 'w'));
  const Secret short_key(std::string(31, 'm'));
  const Directory::Deps deps = fixture_.deps();
  const Directory::Deps with_wrong{
      .store = deps.store, .master_key = wrong, .random = deps.random, .catalogue = deps.catalogue};
  const Directory::Deps with_short{.store = deps.store,
                                   .master_key = short_key,
                                   .random = deps.random,
                                   .catalogue = deps.catalogue};

  const auto opened = Directory::open(with_wrong);

  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().cause.find("another master key"), std::string::npos)
      << opened.error().cause;
  EXPECT_FALSE(Directory::open(with_short).has_value());
}

TEST_F(DirectoryTest, RewrappingChangesTheMasterKeyAndNothingElse) {
  ASSERT_TRUE(directory().apply(putting_user("AIDA1", "alice")).has_value());
  ASSERT_TRUE(directory()
                  .apply([](const Snapshot&, Transaction& t) -> Status {
                    t.put(make_key("AKIA1", "AIDA1"));
                    return {};
                  })
                  .has_value());
  directory().stop();
  const Directory::Deps old = fixture_.deps();
  const Secret next(std::string(32, 'n'));
  ASSERT_TRUE(rewrap_data_keys(old.store, old.master_key, next, old.random).has_value());

  EXPECT_FALSE(Directory::open(old).has_value());
  const auto opened = Directory::open(
      {.store = old.store, .master_key = next, .random = old.random, .catalogue = nullptr});
  ASSERT_TRUE(opened.has_value()) << opened.error().cause;
  EXPECT_EQ((*opened)->current()->find<AccessKey>("AKIA1")->secret->reveal(secret_access()),
            "secret-of-AKIA1");
}

TEST_F(DirectoryTest, RestoreGoesBackExactlyAndForwardInRevision) {
  ASSERT_TRUE(directory().apply(putting_user("AIDA1", "alice")).has_value());
  const auto records = fixture_.records();
  const auto checkpoint = directory().checkpoint();
  ASSERT_TRUE(checkpoint.has_value());
  ASSERT_TRUE(directory()
                  .apply([](const Snapshot&, Transaction& t) -> Status {
                    t.put(make_user("AIDA2", "bob"));
                    t.put(make_bucket("b"));
                    User alice = *t.view().find<User>("AIDA1");
                    alice.name = "renamed";
                    t.put(std::move(alice));
                    return {};
                  })
                  .has_value());
  const std::uint64_t revision = directory().revision();

  const Result<std::uint64_t> restored = directory().restore(*checkpoint);

  EXPECT_EQ(restored.value_or(0), revision + 1);
  EXPECT_EQ(fixture_.records(), records);
  const auto snapshot = directory().current();
  EXPECT_TRUE(verify_invariants(*snapshot).empty());
  EXPECT_NE(snapshot->find<User>(kAccount, "alice"), nullptr);
  EXPECT_EQ(snapshot->find<User>(kAccount, "bob"), nullptr);
  EXPECT_EQ(snapshot->find<Bucket>("b"), nullptr);
  EXPECT_TRUE(directory().apply(putting_user("AIDA2", "bob")).has_value());
  EXPECT_TRUE(directory().restore(*checkpoint).has_value());
  EXPECT_EQ(directory().current()->find<User>(kAccount, "bob"), nullptr);
}

TEST_F(DirectoryTest, AFailedRestoreChangesNothing) {
  const auto checkpoint = directory().checkpoint();
  ASSERT_TRUE(directory().apply(putting_user("AIDA1", "alice")).has_value());
  trouble().fail_next(1);

  EXPECT_FALSE(directory().restore(*checkpoint).has_value());

  EXPECT_NE(directory().current()->find<User>(kAccount, "alice"), nullptr);
}

TEST_F(DirectoryTest, ReadersOnOtherThreadsSeeEveryRevisionGrow) {
  std::atomic<bool> is_over = false;
  std::atomic<int> defects = 0;
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      SnapshotReader reader(directory());
      std::uint64_t last = 0;
      while (!is_over.load()) {
        const std::uint64_t promised = directory().revision();
        const Snapshot& snapshot = reader.get();
        // Each revision adds one user, after the account's own.
        const bool is_fine = snapshot.revision() >= promised && snapshot.revision() >= last &&
                             snapshot.find<Account>(kAccount) != nullptr;
        defects += is_fine ? 0 : 1;
        last = snapshot.revision();
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(directory()
                    .apply(putting_user("AIDA" + std::to_string(i), "u" + std::to_string(i)))
                    .has_value());
  }
  is_over = true;
  for (std::thread& reader : readers) {
    reader.join();
  }

  EXPECT_EQ(defects.load(), 0);
  EXPECT_EQ(directory().current()->table<User>(kAccount).size(), 300u);
}

}  // namespace
}  // namespace signet::identity
