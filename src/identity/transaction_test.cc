#include "identity/transaction.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "identity/writing_fixture_for_test.h"

namespace signet::identity {
namespace {

class TransactionTest : public testing::Test, public WritingFixture {
 protected:
  void TearDown() override { EXPECT_EQ(problems_, ""); }
};

TEST_F(TransactionTest, WhatIsNotYetTheTruthHasNoRevision) {
  write([](Transaction& transaction) {
    EXPECT_EQ(transaction.view().revision(), 0U);
    transaction.put(make_user("AIDA1", "alice"));
    EXPECT_EQ(transaction.view().revision(), 0U);
  });
  EXPECT_NE(snapshot_->revision(), 0U);
}

TEST_F(TransactionTest, RefusesWhatWouldBreakTheTables) {
  write([](Transaction& t) {
    t.put(make_account(kOtherAccount));
    t.put(make_group("AGPA1", "devs"));
    t.put(make_role("AROA1", "R"));
    t.put(make_policy("ANPA1", "P"));
    User user = make_user("AIDA1", "alice");
    user.group_ids = {"AGPA1"};
    user.attached_policies = {"arn:aws:iam::111122223333:policy/P"};
    t.put(std::move(user));
    t.put(make_key("AKIA1", "AIDA1"));
    t.put(make_profile("AIPA1", "prof", "AROA1"));
    t.put(make_bucket("b"));
    t.put(make_device("phone"));
  });

  struct Case {
    const char* name;
    std::function<void(Transaction&)> change;
  };

  const std::vector<Case> cases = {
      {"name of another user",
       [](Transaction& t) {
         t.put(make_user("AIDA2", "ALICE"));
       }},
      {"id of another kind",
       [](Transaction& t) {
         t.put(make_user("AROA1", "bob"));
       }},
      {"no id",
       [](Transaction& t) {
         t.put(make_user("", "bob"));
       }},
      {"no name",
       [](Transaction& t) {
         t.put(make_user("AIDA2", ""));
       }},
      {"user of no account",
       [](Transaction& t) {
         User user = make_user("AIDA2", "bob");
         user.account = "999999999999";
         t.put(std::move(user));
       }},
      {"user moved to another account",
       [](Transaction& t) {
         User user = make_user("AIDA1", "alice");
         user.account = kOtherAccount;
         t.put(std::move(user));
       }},
      {"missing group",
       [](Transaction& t) {
         t.add_to_group("AIDA1", "AGPA9");
       }},
      {"missing user",
       [](Transaction& t) {
         t.add_to_group("AIDA9", "AGPA1");
       }},
      {"missing policy",
       [](Transaction& t) {
         Group group = make_group("AGPA1", "devs");
         group.attached_policies = {"arn:aws:iam::111122223333:policy/Missing"};
         t.put(std::move(group));
       }},
      {"policy of another account",
       [](Transaction& t) {
         Role role = make_role("AROA9", "R9");
         role.account = kOtherAccount;
         role.boundary = "arn:aws:iam::111122223333:policy/P";
         t.put(std::move(role));
       }},
      {"role without trust policy",
       [](Transaction& t) {
         Role role = make_role("AROA2", "R2");
         role.trust_policy = nullptr;
         t.put(std::move(role));
       }},
      {"policy whose ARN changes",
       [](Transaction& t) {
         ManagedPolicy policy = make_policy("ANPA1", "P");
         policy.path = "/other/";
         t.put(std::move(policy));
       }},
      {"policy without its default version",
       [](Transaction& t) {
         ManagedPolicy policy = make_policy("ANPA2", "P2");
         policy.default_version = 2;
         t.put(std::move(policy));
       }},
      {"key of a missing user",
       [](Transaction& t) {
         t.put(make_key("AKIA2", "AIDA9"));
       }},
      {"key of another owner",
       [](Transaction& t) {
         t.put(make_key("AKIA1", ""));
       }},
      {"device of a missing user",
       [](Transaction& t) {
         MfaDevice device = make_device("phone");
         device.is_assigned = true;
         device.user_id = "AIDA9";
         t.put(std::move(device));
       }},
      {"second device of a name",
       [](Transaction& t) {
         MfaDevice device = make_device("PHONE");
         t.put(std::move(device));
       }},
      {"profile with a missing role",
       [](Transaction& t) {
         t.put(make_profile("AIPA2", "p2", "AROA9"));
       }},
      {"bucket of another account",
       [](Transaction& t) {
         Bucket bucket = make_bucket("b");
         bucket.account = kOtherAccount;
         t.put(std::move(bucket));
       }},
      {"alias of another account",
       [](Transaction& t) {
         Account one = make_account(kAccount);
         one.alias = "same";
         t.put(std::move(one));
         Account two = make_account(kOtherAccount);
         two.alias = "same";
         t.put(std::move(two));
       }},
      {"erasing a user with keys",
       [](Transaction& t) {
         t.erase<User>("AIDA1");
       }},
      {"erasing a group with members",
       [](Transaction& t) {
         t.erase<Group>("AGPA1");
       }},
      {"erasing a role in a profile",
       [](Transaction& t) {
         t.erase<Role>("AROA1");
       }},
      {"erasing an attached policy",
       [](Transaction& t) {
         t.erase<ManagedPolicy>("ANPA1");
       }},
      {"erasing a missing user",
       [](Transaction& t) {
         t.erase<User>("AIDA9");
       }},
      {"erasing a user as a role",
       [](Transaction& t) {
         t.erase<Role>("AIDA1");
       }},
      {"erasing a missing key",
       [](Transaction& t) {
         t.erase<AccessKey>("AKIA9");
       }},
      {"erasing a missing bucket",
       [](Transaction& t) {
         t.erase<Bucket>("nope");
       }},
      {"erasing a missing ticket",
       [](Transaction& t) {
         t.erase<Ticket>({TicketKind::SpentToken, "h"});
       }},
      {"erasing a missing account",
       [](Transaction& t) {
         t.erase<Account>("999999999999");
       }},
  };
  for (const Case& c : cases) {
    EXPECT_NE(refusal(c.change), "") << c.name;
  }
}

TEST_F(TransactionTest, ASpoiledTransactionDropsItsGoodPartsToo) {
  const std::string cause = refusal([](Transaction& t) {
    t.put(make_user("AIDA1", "alice"));
    t.erase<User>("AIDA9");
    t.put(make_user("AIDA2", "bob"));
  });

  EXPECT_NE(cause.find("AIDA9"), std::string::npos) << cause;
}

TEST_F(TransactionTest, ErasingAnAccountLeavesNothingBehind) {
  const auto empty = fixture_.records();
  write([](Transaction& t) {
    t.put(make_account(kOtherAccount));
    Account account = make_account(kAccount);
    account.alias = "mine";
    t.put(std::move(account));
    t.put(make_policy("ANPA1", "P"));
    t.put(make_group("AGPA1", "g"));
    User user = make_user("AIDA1", "u");
    user.group_ids = {"AGPA1"};
    user.attached_policies = {"arn:aws:iam::111122223333:policy/P"};
    t.put(std::move(user));
    t.put(make_role("AROA1", "r"));
    t.put(make_profile("AIPA1", "i", "AROA1"));
    t.put(make_key("AKIA1", "AIDA1"));
    t.put(make_key("AKIA2", ""));
    MfaDevice device = make_device("d");
    device.is_assigned = true;
    device.user_id = "AIDA1";
    t.put(std::move(device));
    t.put(make_bucket("b"));
    OrgPolicies org;
    org.account = kAccount;
    t.put(std::move(org));
    t.put(LastUsed{
        .account = kAccount, .id = "AROA1", .at = Instant{1}, .region = "r", .service = "s"});
    t.put(make_last_access("AROA1", "s3", Instant{1}));
    t.put(make_last_access(std::string(kAccount), "s3", Instant{1}));
    t.put(make_deletion_task("task/1"));
    t.put(make_report("report1"));
    t.put(Ticket{.kind = TicketKind::ConsoleSession,
                 .id_hash = "h",
                 .account = kAccount,
                 .expires = Instant{9},
                 .data = nullptr});
  });

  write([](Transaction& t) { t.erase<Account>(kAccount); });

  EXPECT_EQ(snapshot_->account_count(), 1u);
  EXPECT_EQ(snapshot_->find_account_by_alias("mine"), nullptr);
  EXPECT_EQ(snapshot_->find<Bucket>("b"), nullptr);
  auto expected = empty;
  expected.erase("a/111122223333");
  auto records = fixture_.records();
  EXPECT_EQ(records.erase("a/444455556666"), 1u);
  EXPECT_EQ(records, expected);
}

TEST_F(TransactionTest, RenamingKeepsIdAndMovesEveryIndex) {
  write([](Transaction& t) {
    t.put(make_group("AGPA1", "devs"));
    t.put(make_policy("ANPA1", "P"));
    User user = make_user("AIDA1", "alice");
    user.group_ids = {"AGPA1"};
    user.attached_policies = {"arn:aws:iam::111122223333:policy/P"};
    user.boundary = "arn:aws:iam::111122223333:policy/P";
    t.put(std::move(user));
  });
  write([](Transaction& t) {
    User user = *t.view().find<User>(kAccount, "alice");
    user.name = "zoe";
    user.path = "/new/";
    t.put(std::move(user));
  });

  EXPECT_EQ(snapshot_->find<User>(kAccount, "alice"), nullptr);
  const User* zoe = snapshot_->find<User>(kAccount, "zoe");
  ASSERT_NE(zoe, nullptr);
  EXPECT_EQ(zoe->id, "AIDA1");
  EXPECT_EQ(snapshot_->members_of(*snapshot_->find<Group>(kAccount, "devs")),
            std::vector<const User*>{zoe});
  const auto entities =
      snapshot_->entities_for_policy(kAccount, "arn:aws:iam::111122223333:policy/P");
  ASSERT_EQ(entities.size(), 2u);
  EXPECT_EQ(entities[0].user, zoe);
  EXPECT_FALSE(entities[0].is_boundary);
  EXPECT_TRUE(entities[1].is_boundary);
}

TEST_F(TransactionTest, ChangingOnlyTheSpellingOfANameWorks) {
  write([](Transaction& t) { t.put(make_user("AIDA1", "alice")); });
  write([](Transaction& t) { t.put(make_user("AIDA1", "ALICE")); });

  EXPECT_EQ(snapshot_->find<User>(kAccount, "alice")->name, "ALICE");
  EXPECT_EQ(snapshot_->table<User>(kAccount).size(), 1u);
}

}  // namespace
}  // namespace signet::identity
