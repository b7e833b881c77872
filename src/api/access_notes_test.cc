#include "api/access_notes.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "identity/fixture_for_test.h"

namespace signet::api {
namespace {

using identity::LastAccess;

model::Caller user(std::string id) {
  model::Caller caller;
  caller.kind = model::CallerKind::User;
  caller.account = identity::kAccount;
  caller.principal_id = std::move(id);
  return caller;
}

class AccessNotesTest : public ::testing::Test {
 protected:
  AccessNotesTest() {
    EXPECT_TRUE(fixture_.directory().apply(
        [](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          transaction.put(identity::make_user("AIDA1", "ann"));
          return {};
        }));
  }

  // On the newest state, which has what was told before.
  void use(const char* action, std::int64_t at, const model::Caller& caller = user("AIDA1")) {
    notes_.note(*settled(),
                caller,
                {.action = action, .region = "us-east-1", .at = Instant::from_seconds(at)});
  }

  // A write behind all that was submitted.
  std::shared_ptr<const identity::Snapshot> settled() {
    EXPECT_TRUE(fixture_.directory().apply(
        [](const identity::Snapshot&, identity::Transaction&) -> Status { return {}; }));
    return fixture_.directory().current();
  }

  // "service action seconds" of each action.
  std::string told(std::string_view id = "AIDA1") {
    const auto snapshot = settled();
    const LastAccess* access = snapshot->find<LastAccess>(id);
    std::string text;
    for (std::size_t i = 0; access != nullptr && i < access->services.size(); ++i) {
      for (const identity::ActionAccess& action : access->services[i].actions) {
        text += access->services[i].service + ":" + action.action + " " +
                std::to_string(action.at.seconds()) + "; ";
      }
    }
    return text;
  }

  identity::Fixture fixture_;
  AccessNotes notes_{fixture_.directory()};
};

TEST_F(AccessNotesTest, TellsWhatWasUsedLast) {
  use("s3:GetObject", 100);
  use("iam:GetUser", 200);

  EXPECT_EQ(told(), "iam:GetUser 200; s3:GetObject 100; ");
  EXPECT_EQ(settled()->find<LastAccess>("AIDA1")->services[0].region, "us-east-1");
}

TEST_F(AccessNotesTest, TellsEachActionAtMostOnceAnHour) {
  use("s3:GetObject", 100);
  const std::uint64_t before = settled()->revision();
  for (int second = 101; second < 3700; second += 100) {
    use("s3:GetObject", second);
  }
  EXPECT_EQ(settled()->revision(), before);
  EXPECT_EQ(told(), "s3:GetObject 100; ");

  use("s3:GetObject", 3700);
  EXPECT_EQ(told(), "s3:GetObject 3700; ");
}

TEST_F(AccessNotesTest, TellsNothingThatAnotherLoopHasTold) {
  use("s3:GetObject", 100);
  const std::uint64_t before = settled()->revision();
  AccessNotes other(fixture_.directory());

  other.note(*settled(),
             user("AIDA1"),
             {.action = "s3:GetObject", .region = "r", .at = Instant::from_seconds(200)});

  EXPECT_EQ(settled()->revision(), before);
  EXPECT_EQ(other.size(), 1u);
}

TEST_F(AccessNotesTest, KnowsNobodyThatIsGone) {
  use("s3:GetObject", 100, user("AIDA9"));
  use("s3:GetObject", 100, model::Caller());

  EXPECT_EQ(settled()->find<LastAccess>("AIDA9"), nullptr);
}

TEST_F(AccessNotesTest, BeginsAnewWithAStateThatKnowsNothing) {
  use("s3:GetObject", 100);
  ASSERT_TRUE(fixture_.directory().apply(
      [](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
        transaction.erase<identity::User>("AIDA1");
        return {};
      }));
  ASSERT_TRUE(fixture_.directory().apply(
      [](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
        transaction.put(identity::make_user("AIDA1", "ann"));
        return {};
      }));
  EXPECT_EQ(told(), "");

  use("s3:GetObject", 110);

  EXPECT_EQ(told(), "s3:GetObject 110; ");
}

TEST_F(AccessNotesTest, HasABound) {
  for (int i = 0; i < 60'000; ++i) {
    notes_.note(*fixture_.directory().current(),
                user("AIDA" + std::to_string(i + 2)),
                {.action = "s3:GetObject", .region = "r", .at = Instant::from_seconds(1)});
  }
  EXPECT_LE(notes_.size(), 50'000u);
}

TEST(AddUse, DropsWhatIsOlderThanReportsTell) {
  LastAccess access = identity::make_last_access("AIDA1", "sqs", Instant::from_seconds(1));
  add_use(access, {.action = "s3:GetObject", .region = "r", .at = Instant::from_seconds(2)});
  const std::int64_t later = 3 + std::int64_t{400} * 86'400;

  add_use(access, {.action = "iam:GetUser", .region = "r", .at = Instant::from_seconds(later)});

  ASSERT_EQ(access.services.size(), 1u);
  EXPECT_EQ(access.services[0].service, "iam");
}

TEST(AddUse, TakesNothingThatIsNoAction) {
  LastAccess access;

  add_use(access, {.action = "GetObject", .region = "r", .at = Instant::from_seconds(2)});

  EXPECT_TRUE(access.services.empty());
}

}  // namespace
}  // namespace signet::api
