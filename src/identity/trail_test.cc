#include "identity/trail.h"

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "identity/fixture_for_test.h"
#include "identity/trail_store.h"

namespace signet::identity {
namespace {

// What a trail was told, with settled() in the test's hands.
class FakeTrail final : public Trail {
 public:
  void keep(std::uint64_t number, std::string_view lines) override {
    kept += lines;
    last = number;
    numbers.push_back(number);
  }

  void keep_again(std::uint64_t number, std::string_view lines) override {
    again += lines;
    last = number;
  }

  std::uint64_t settled() override { return settled_up_to; }

  void settle() override { settled_up_to = settles ? last : settled_up_to; }

  std::string kept;
  std::string again;
  std::uint64_t last = 0;
  std::vector<std::uint64_t> numbers;  // of the lines kept, in their order
  std::uint64_t settled_up_to = 0;
  bool settles = false;
};

// A store that can refuse commits.
class FullStore final : public store::Store {
 public:
  Result<store::Revision> load(std::string_view prefix, const store::Visitor& visit) override {
    return inner_->load(prefix, visit);
  }

  Result<store::Revision> commit(std::span<const store::Transaction> batch) override {
    if (fails) {
      return fail(ErrorCode{}, "disk full");
    }
    return inner_->commit(batch);
  }

  std::string location() const override { return "full"; }

  bool fails = false;

 private:
  std::unique_ptr<store::Store> inner_ = store::make_memory_store();
};

class TrailTest : public testing::Test {
 protected:
  static WriteFn telling(std::string line, std::string user) {
    return [line, user](const Snapshot&, Transaction& transaction) -> Status {
      if (!user.empty()) {
        transaction.put(make_user("AIDA" + user, user));
      }
      transaction.tell(line);
      return {};
    };
  }

  std::map<std::string, std::string> stored() {
    std::map<std::string, std::string> found = fixture_.records();
    std::erase_if(found, [](const auto& entry) { return !is_trail_key(entry.first); });
    return found;
  }

  FakeTrail trail_;
  FakeTrail next_;
  std::unique_ptr<FullStore> owned_ = std::make_unique<FullStore>();
  FullStore* store_ = owned_.get();
  Fixture fixture_ = Fixture(std::move(owned_));
};

TEST_F(TrailTest, TheLineOfAChangeIsStoredWithItAndKeptBeforeTheAnswer) {
  ASSERT_TRUE(fixture_.directory().attach(trail_).has_value());

  ASSERT_TRUE(fixture_.directory().apply(telling("one\n", "alice")).has_value());

  EXPECT_EQ(trail_.kept, "one\n");
  EXPECT_EQ(trail_.last, 1U);
  EXPECT_EQ(stored(),
            (std::map<std::string, std::string>{{"g/audit/00000000000000000001", "one\n"}}));
}

TEST_F(TrailTest, LongLinesHaveNumbersOfTheirOwn) {
  ASSERT_TRUE(fixture_.directory().attach(trail_).has_value());
  const std::string line = std::string(700'000, 'x') + "\n";

  std::promise<void> first;
  fixture_.directory().submit(
      [&first](const Snapshot&, Transaction&) -> Status {
        first.get_future().wait();  // the next two share a batch
        return {};
      },
      [](const Result<std::uint64_t>&) {});
  fixture_.directory().submit(telling(line, "alice"), [](const Result<std::uint64_t>&) {});
  std::promise<void> last;
  fixture_.directory().submit(telling(line, "bob"),
                              [&last](const Result<std::uint64_t>&) { last.set_value(); });
  first.set_value();
  last.get_future().wait();

  EXPECT_EQ(trail_.kept, line + line);
  EXPECT_EQ(trail_.numbers, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(stored().size(), 2U);
}

TEST_F(TrailTest, AWriteWithoutChangesIsKeptAndNotStored) {
  ASSERT_TRUE(fixture_.directory().attach(trail_).has_value());

  ASSERT_TRUE(fixture_.directory().apply(telling("nothing new\n", "")).has_value());

  EXPECT_EQ(trail_.kept, "nothing new\n");
  EXPECT_EQ(trail_.last, 0U);
  EXPECT_TRUE(stored().empty());
}

TEST_F(TrailTest, AFailedWriteTellsNothing) {
  ASSERT_TRUE(fixture_.directory().attach(trail_).has_value());
  const auto refused =
      fixture_.directory().apply([](const Snapshot&, Transaction& transaction) -> Status {
        transaction.tell("never\n");
        return fail(ErrorCode{}, "changed my mind");
      });
  store_->fails = true;
  const auto failed = fixture_.directory().apply(telling("lost\n", "alice"));
  store_->fails = false;

  ASSERT_TRUE(fixture_.directory().apply(telling("two\n", "bob")).has_value());

  EXPECT_FALSE(refused.has_value());
  EXPECT_FALSE(failed.has_value());
  EXPECT_EQ(trail_.kept, "two\n");
  EXPECT_EQ(stored().size(), 1U);
}

TEST_F(TrailTest, WhatIsSettledIsDeletedWithTheNextChange) {
  ASSERT_TRUE(fixture_.directory().attach(trail_).has_value());
  for (const char* user : {"a", "b", "c"}) {
    ASSERT_TRUE(fixture_.directory().apply(telling(std::string(user) + "\n", user)).has_value());
  }
  trail_.settled_up_to = 2;
  store_->fails = true;
  EXPECT_FALSE(fixture_.directory().apply(telling("d\n", "d")).has_value());
  EXPECT_EQ(stored().size(), 3U);
  store_->fails = false;

  ASSERT_TRUE(fixture_.directory().apply(telling("d\n", "d")).has_value());

  EXPECT_EQ(stored(),
            (std::map<std::string, std::string>{{"g/audit/00000000000000000003", "c\n"},
                                                {"g/audit/00000000000000000004", "d\n"}}));
}

TEST_F(TrailTest, WhatAnEarlierProcessStoredIsHandedOverAgain) {
  ASSERT_TRUE(fixture_.directory().attach(trail_).has_value());
  ASSERT_TRUE(fixture_.directory().apply(telling("one\n", "alice")).has_value());
  ASSERT_TRUE(fixture_.directory().apply(telling("two\n", "bob")).has_value());
  fixture_.reopen();

  ASSERT_TRUE(fixture_.directory().attach(next_).has_value());
  ASSERT_TRUE(fixture_.directory().apply(telling("three\n", "carol")).has_value());

  EXPECT_EQ(next_.again, "one\ntwo\n");
  EXPECT_EQ(next_.last, 3U) << "no number is used twice";
  EXPECT_NE(fixture_.directory().current()->find<User>(kAccount, "bob"), nullptr);
}

TEST_F(TrailTest, AnOrderlyEndLeavesNothingStored) {
  trail_.settles = true;
  ASSERT_TRUE(fixture_.directory().attach(trail_).has_value());
  ASSERT_TRUE(fixture_.directory().apply(telling("one\n", "alice")).has_value());

  fixture_.directory().stop();

  EXPECT_TRUE(stored().empty());
}

TEST_F(TrailTest, WithoutATrailLinesAreDropped) {
  ASSERT_TRUE(fixture_.directory().apply(telling("one\n", "alice")).has_value());

  EXPECT_TRUE(stored().empty());
}

TEST_F(TrailTest, GoingBackToACheckpointForgetsNoLine) {
  ASSERT_TRUE(fixture_.directory().attach(trail_).has_value());
  const auto checkpoint = fixture_.directory().checkpoint();
  ASSERT_TRUE(checkpoint.has_value());
  ASSERT_TRUE(fixture_.directory().apply(telling("one\n", "alice")).has_value());

  ASSERT_TRUE(fixture_.directory().restore(*checkpoint).has_value());

  EXPECT_EQ(stored().size(), 1U);
}

}  // namespace
}  // namespace signet::identity
