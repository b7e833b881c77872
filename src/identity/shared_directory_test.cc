// Several directories over one store, as nodes of a cluster have it; the store is one in memory, so
// that a test can hold back what it tells.

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "facts/errors.h"
#include "identity/fixture_for_test.h"
#include "identity/invariants.h"
#include "identity/record.h"
#include "identity/schema.h"
#include "store/batch.h"
#include "store/schema.h"
#include "store/shared_store.h"

namespace signet::identity {
namespace {

// What all handles of a test have in common.
struct Common {
  std::mutex mutex;
  store::Revision revision = 0;
  std::map<std::string, std::string> records;
  std::vector<store::Change> history;
  bool is_reachable = true;
  std::vector<std::pair<store::Follower*, store::Revision>> followers;  // with what they were told
  bool is_held_back = false;
};

// One process's view of it.
class SharedMemory final : public store::SharedStore {
 public:
  explicit SharedMemory(Common& common) : common_(common) {}

  ~SharedMemory() override { leave(); }

  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  SharedMemory(SharedMemory&&) = delete;
  SharedMemory& operator=(SharedMemory&&) = delete;

  Result<store::Revision> load(std::string_view prefix, const store::Visitor& visit) override {
    const std::scoped_lock lock(common_.mutex);
    for (const auto& [key, value] : common_.records) {
      if (key.starts_with(prefix)) {
        TRY_STATUS(visit({.key = key, .value = value, .revision = common_.revision}));
      }
    }
    return common_.revision;
  }

  Result<store::Revision> commit(std::span<const store::Transaction> batch) override {
    store::Revision base = 0;
    {
      const std::scoped_lock lock(common_.mutex);
      base = common_.revision;
    }
    const Committed done = TRY(commit_on(base, batch));
    return done.revision;
  }

  Result<Committed> commit_on(store::Revision base,
                              std::span<const store::Transaction> batch) override {
    const std::scoped_lock lock(common_.mutex);
    if (!common_.is_reachable) {
      return std::unexpected(facts::make_error(ErrorCode::ServiceUnavailable));
    }
    if (base != common_.revision) {
      return Committed{.is_done = false, .revision = common_.revision};
    }
    store::Change change{.revision = ++common_.revision, .items = {}};
    for (const auto& [key, value] : store::net_changes(batch)) {
      std::string text(key);
      const auto found = common_.records.find(text);
      store::Change::Item item{.key = text, .before = {}, .after = {}};
      if (found != common_.records.end()) {
        item.before = found->second;
      }
      if (value) {
        item.after = std::string(*value);
        common_.records[text] = std::string(*value);
      } else {
        common_.records.erase(text);
      }
      if (item.before || item.after) {
        change.items.push_back(std::move(item));
      }
    }
    common_.history.push_back(std::move(change));
    tell(common_);
    return Committed{.is_done = true, .revision = common_.revision};
  }

  Result<store::Revision> newest() override {
    const std::scoped_lock lock(common_.mutex);
    if (!common_.is_reachable) {
      return std::unexpected(facts::make_error(ErrorCode::ServiceUnavailable));
    }
    return common_.revision;
  }

  Status follow(store::Revision loaded, store::Follower& follower) override {
    const std::scoped_lock lock(common_.mutex);
    follower_ = &follower;
    std::erase_if(common_.followers, [&](const auto& one) { return one.first == &follower; });
    common_.followers.emplace_back(&follower, loaded);
    follower.confirmed(loaded, monotonic_ms());
    tell(common_);
    return {};
  }

  void unfollow() override { leave(); }

  [[nodiscard]] bool is_in_office() const override { return true; }

  SharedStore* shared() override { return this; }

  [[nodiscard]] std::string location() const override { return "shared memory"; }

  // With the lock held: what followers have not been told of yet.
  static void tell(Common& common) {
    if (common.is_held_back) {
      return;
    }
    for (auto& [follower, told] : common.followers) {
      for (; told < common.revision; ++told) {
        follower->changed(common.history[told]);
      }
      follower->confirmed(common.revision, monotonic_ms());
    }
  }

 private:
  void leave() {
    const std::scoped_lock lock(common_.mutex);
    std::erase_if(common_.followers, [this](const auto& one) { return one.first == follower_; });
  }

  Common& common_;
  store::Follower* follower_ = nullptr;
};

// A node: a store of its own over the common state, and the directory on it.
struct Node {
  Node(Common& common, const PolicyCatalogue& catalogue, Random& random) : store(common) {
    const Secret key(std::string(32, 'm'));
    auto opened = Directory::open(
        {.store = store, .master_key = key, .random = random, .catalogue = &catalogue});
    EXPECT_TRUE(opened.has_value()) << opened.error().cause;
    directory = *std::move(opened);
  }

  SharedMemory store;
  std::unique_ptr<Directory> directory;
};

class SharedDirectoryTest : public testing::Test {
 protected:
  SharedDirectoryTest() : a_(make()), b_(make()) { write(*a_, put(make_account(kAccount))); }

  std::unique_ptr<Node> make() { return std::make_unique<Node>(common_, catalogue_, random_); }

  template <class T>
  static WriteFn put(T entity) {
    return [entity](const Snapshot&, Transaction& transaction) -> Status {
      transaction.put(entity);
      return {};
    };
  }

  static std::uint64_t write(Node& node, WriteFn write) {
    const auto done = node.directory->apply(std::move(write));
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().cause);
    return done.value_or(0);
  }

  static bool wait_for(Node& node, std::uint64_t revision, int patience_ms = 5000) {
    std::promise<bool> come;
    node.directory->when_at(
        revision, patience_ms, [&come](bool is_here) { come.set_value(is_here); });
    return come.get_future().get();
  }

  void hold_back(bool is_held_back) {
    const std::scoped_lock lock(common_.mutex);
    common_.is_held_back = is_held_back;
    SharedMemory::tell(common_);
  }

  // Every node holds what a load from the store would give.
  void expect_equal() {
    for (Node* node : {a_.get(), b_.get()}) {
      ASSERT_TRUE(wait_for(*node, common_.revision));
      EXPECT_TRUE(verify_invariants(*node->directory->current()).empty());
      EXPECT_EQ(users_of(*node), users_of(*make()));
    }
  }

  // Once a write of b was refused because it was made on an older state.
  void let_go_after_a_conflict() {
    while (b_->directory->follow_stats().conflicts == 0) {
      std::this_thread::yield();
    }
    hold_back(false);
  }

  static std::vector<std::string> users_of(Node& node) {
    std::vector<std::string> names;
    const auto snapshot = node.directory->current();
    for (const auto& entry : snapshot->table<User>(kAccount)) {
      names.push_back(entry.value->name + "=" + entry.value->id);
    }
    return names;
  }

  Common common_;
  SmallCatalogue catalogue_;
  CountingRandom random_;
  std::unique_ptr<Node> a_;
  std::unique_ptr<Node> b_;
};

// Programs of the version before go on reading and writing.
TEST_F(SharedDirectoryTest, WhatOlderProgramsCannotReadIsRefusedUntilTheRecordsAreRaised) {
  a_.reset();
  b_.reset();
  common_.records[std::string(store::kSchemaKey)] = std::to_string(kSchemaVersion - 1);
  a_ = make();
  b_ = make();

  const auto refused = a_->directory->apply(put(make_issuer("issuer")));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::NotImplemented);
  EXPECT_NE(refused.error().message.find("signet upgrade"), std::string::npos);
  write(*a_, put(make_user("AIDA1", "ana")));
  EXPECT_TRUE(store::prepare_schema(b_->store, kSchemaVersion - 1, {}).has_value());

  ASSERT_EQ(raise_records(b_->store).value_or(0), kSchemaVersion - 1);

  ASSERT_TRUE(wait_for(*a_, common_.revision));
  write(*a_, put(make_issuer("issuer")));
  EXPECT_FALSE(store::prepare_schema(b_->store, kSchemaVersion - 1, {}).has_value());
  expect_equal();
}

// Records were raised while this program still ran: what it holds is served, and nothing is taken.
TEST_F(SharedDirectoryTest, AProgramBelowTheVersionOfTheRecordsFollowsNoMore) {
  write(*a_, put(make_user("AIDA1", "ana")));
  const store::Transaction raised{
      .puts = {{std::string(store::kSchemaKey), std::to_string(kSchemaVersion + 1)}},
      .deletes = {}};
  ASSERT_TRUE(b_->store.commit(std::span(&raised, 1)));
  const std::uint64_t held = common_.revision - 1;

  while (a_->directory->follow_stats().trouble.find("run a newer program") == std::string::npos) {
    std::this_thread::yield();
  }

  EXPECT_EQ(a_->directory->current()->revision(), held);
  EXPECT_EQ(a_->directory->follow_stats().reloads, 0u);
  EXPECT_NE(a_->directory->current()->find<User>(kAccount, "ana"), nullptr);
}

TEST_F(SharedDirectoryTest, WhatOneWritesTheOtherHolds) {
  const std::uint64_t revision = write(*a_, put(make_user("AIDA1", "ana")));

  ASSERT_TRUE(wait_for(*b_, revision));

  EXPECT_NE(b_->directory->current()->find<User>(kAccount, "ana"), nullptr);
  EXPECT_EQ(b_->directory->current()->revision(), revision);
  expect_equal();
}

TEST_F(SharedDirectoryTest, AWriteOnAnOlderStateIsRunAgainOnTheNewerOne) {
  ASSERT_TRUE(wait_for(*b_, common_.revision));
  hold_back(true);
  write(*a_, put(make_user("AIDA1", "ana")));

  std::vector<bool> saw;
  auto done = std::async(std::launch::async, [&] {
    return b_->directory->apply(
        [&saw](const Snapshot& snapshot, Transaction& transaction) -> Status {
          saw.push_back(snapshot.find<User>(kAccount, "ana") != nullptr);
          transaction.put(make_user("AIDA2", "bob"));
          return {};
        });
  });
  let_go_after_a_conflict();

  ASSERT_TRUE(done.get().has_value());
  EXPECT_EQ(saw, (std::vector<bool>{false, true}));
  expect_equal();
}

TEST_F(SharedDirectoryTest, ARefusalIsGivenOnTheNewestStateOnly) {
  write(*a_, put(make_user("AIDA1", "ana")));
  ASSERT_TRUE(wait_for(*b_, common_.revision));
  hold_back(true);
  write(*a_, [](const Snapshot&, Transaction& transaction) -> Status {
    transaction.erase<User>("AIDA1");
    return {};
  });

  // On b there is still an ana.
  auto done = std::async(std::launch::async, [&] {
    return b_->directory->apply([](const Snapshot& snapshot, Transaction& transaction) -> Status {
      if (snapshot.find<User>(kAccount, "ana") != nullptr) {
        return fail(ErrorCode::EntityAlreadyExists, "taken");
      }
      transaction.put(make_user("AIDA2", "ana"));
      return {};
    });
  });
  let_go_after_a_conflict();

  EXPECT_TRUE(done.get().has_value());
  expect_equal();
}

TEST_F(SharedDirectoryTest, NamesChangeHandsInOneCommit) {
  write(*a_, put(make_user("AIDA1", "ana")));
  write(*a_, put(make_user("AIDA2", "bob")));
  const std::uint64_t revision =
      write(*a_, [](const Snapshot&, Transaction& transaction) -> Status {
        transaction.put(make_user("AIDA1", "spare"));
        transaction.put(make_user("AIDA2", "ana"));
        transaction.put(make_user("AIDA1", "bob"));
        return {};
      });

  ASSERT_TRUE(wait_for(*b_, revision));

  EXPECT_EQ(b_->directory->current()->find<User>(kAccount, "bob")->id, "AIDA1");
  EXPECT_EQ(b_->directory->follow_stats().reloads, 0u);
  expect_equal();
}

TEST_F(SharedDirectoryTest, AnAccountGoesWithAllThatIsInIt) {
  write(*a_, put(make_account(kOtherAccount)));
  write(*a_, [](const Snapshot&, Transaction& transaction) -> Status {
    User user = make_user("AIDA9", "zoe");
    user.account = kOtherAccount;
    transaction.put(user);
    transaction.put(make_group("AGPA1", "readers"));
    transaction.put(make_policy("ANPA1", "p"));
    Role role = make_role("AROA1", "r");
    role.attached_policies = {std::string("arn:aws:iam::111122223333:policy/p")};
    transaction.put(role);
    return {};
  });
  const std::uint64_t revision =
      write(*a_, [](const Snapshot&, Transaction& transaction) -> Status {
        transaction.erase<Account>(kOtherAccount);
        return {};
      });

  ASSERT_TRUE(wait_for(*b_, revision));

  EXPECT_EQ(b_->directory->current()->find<Account>(kOtherAccount), nullptr);
  EXPECT_EQ(b_->directory->current()->find<User>("AIDA9"), nullptr);
  EXPECT_EQ(b_->directory->follow_stats().reloads, 0u);
  expect_equal();
}

TEST_F(SharedDirectoryTest, ADeviceKeepsItsVerySeedWhenAnotherNodeChangesIt) {
  MfaDevice device = make_device("phone");
  write(*a_, put(device));
  ASSERT_TRUE(wait_for(*b_, common_.revision));
  const std::string serial = device.serial();
  const auto before = b_->directory->current();

  device.state.last_step = 7;
  ASSERT_TRUE(wait_for(*b_, write(*a_, put(device))));

  const auto after = b_->directory->current();
  EXPECT_EQ(after->find<MfaDevice>(serial)->state.last_step, 7);
  EXPECT_EQ(after->find<MfaDevice>(serial)->seed, before->find<MfaDevice>(serial)->seed);
}

TEST_F(SharedDirectoryTest, LostChangesAreMadeUpForByLoadingAnew) {
  ASSERT_TRUE(wait_for(*b_, common_.revision));
  hold_back(true);
  write(*a_, put(make_user("AIDA1", "ana")));
  {
    const std::scoped_lock lock(common_.mutex);
    for (auto& [follower, told] : common_.followers) {
      told = common_.revision;
      follower->lost("compacted");
    }
  }

  ASSERT_TRUE(wait_for(*b_, common_.revision));

  EXPECT_NE(b_->directory->current()->find<User>(kAccount, "ana"), nullptr);
  EXPECT_EQ(b_->directory->follow_stats().reloads, 1u);
  hold_back(false);
  expect_equal();
}

TEST_F(SharedDirectoryTest, AChangeThatContradictsWhatIsHeldIsMadeUpForByLoadingAnew) {
  ASSERT_TRUE(wait_for(*b_, common_.revision));
  {
    const std::scoped_lock lock(common_.mutex);
    for (auto& [follower, told] : common_.followers) {
      store::Change odd{
          .revision = ++told,
          .items = {{.key = "a/111122223333/user/AIDA1", .before = "nonsense", .after = {}}}};
      follower->changed(std::move(odd));
    }
  }
  const std::uint64_t revision = write(*a_, put(make_user("AIDA2", "bob")));

  EXPECT_TRUE(wait_for(*b_, revision));
  EXPECT_GE(b_->directory->follow_stats().reloads, 1u);
  expect_equal();
}

TEST_F(SharedDirectoryTest, AStateWithAGapIsNeverTakenForWhole) {
  ASSERT_TRUE(wait_for(*b_, common_.revision));
  hold_back(true);
  write(*a_, put(make_user("AIDA1", "ana")));
  {
    // Nobody tells b of that one; what is told next must not be built on the state without it.
    const std::scoped_lock lock(common_.mutex);
    for (auto& [follower, told] : common_.followers) {
      told = common_.revision;
    }
  }
  hold_back(false);
  const std::uint64_t revision = write(*a_, put(make_user("AIDA2", "bob")));

  ASSERT_TRUE(wait_for(*b_, revision));

  EXPECT_NE(b_->directory->current()->find<User>(kAccount, "ana"), nullptr);
  EXPECT_EQ(b_->directory->follow_stats().reloads, 1u);
  expect_equal();
}

TEST_F(SharedDirectoryTest, WithoutTheStoreWritesAreRefusedAndReadsGoOn) {
  write(*a_, put(make_user("AIDA1", "ana")));
  {
    const std::scoped_lock lock(common_.mutex);
    common_.is_reachable = false;
  }

  const auto changed = a_->directory->apply(put(make_user("AIDA2", "bob")));
  const auto refused = a_->directory->apply(
      [](const Snapshot&, Transaction&) -> Status { return fail(ErrorCode::NoSuchEntity, "no"); });

  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error().code, ErrorCode::ServiceUnavailable);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::ServiceUnavailable) << "nobody knows whether it is so";
  EXPECT_NE(a_->directory->current()->find<User>(kAccount, "ana"), nullptr);
}

TEST_F(SharedDirectoryTest, WaitingForAStateEndsWhenPatienceDoes) {
  EXPECT_FALSE(wait_for(*a_, 1'000'000, 50));
  EXPECT_TRUE(wait_for(*a_, 1, 50));
}

TEST_F(SharedDirectoryTest, ThreadsOnBothNodesAddUp) {
  constexpr int kEach = 40;
  const auto count = [](Node& node, int from) {
    for (int i = from; i < from + kEach; ++i) {
      write(node, [](const Snapshot& snapshot, Transaction& transaction) -> Status {
        const User* user = snapshot.find<User>("AIDA1");
        User next = user != nullptr ? *user : make_user("AIDA1", "counter");
        next.path = "/" + std::to_string(user == nullptr ? 1 : std::stoi(user->path.substr(1)) + 1);
        next.path += "/";
        transaction.put(std::move(next));
        return {};
      });
    }
  };
  auto other = std::async(std::launch::async, [&] { count(*b_, 1000); });
  count(*a_, 0);
  other.get();

  EXPECT_EQ(make()->directory->current()->find<User>("AIDA1")->path, "/80/");
  expect_equal();
}

TEST_F(SharedDirectoryTest, LargeBatchesAreCommittedInParts) {
  std::vector<std::future<bool>> done;
  for (int i = 0; i < 40; ++i) {
    auto told = std::make_shared<std::promise<bool>>();
    done.push_back(told->get_future());
    a_->directory->submit(
        [i](const Snapshot&, Transaction& transaction) -> Status {
          Role role = make_role("AROA" + std::to_string(i), "role-" + std::to_string(i));
          role.description = std::string(100'000, 'd');
          transaction.put(std::move(role));
          return {};
        },
        [told](const Result<std::uint64_t>& result) { told->set_value(result.has_value()); });
  }
  for (auto& one : done) {
    EXPECT_TRUE(one.get());
  }
  const std::scoped_lock lock(common_.mutex);
  for (const store::Change& change : common_.history) {
    EXPECT_LE(change.items.size(), 9u);
  }
}

}  // namespace
}  // namespace signet::identity
