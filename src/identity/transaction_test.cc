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
    transaction.put_user(make_user("AIDA1", "alice"));
    EXPECT_EQ(transaction.view().revision(), 0U);
  });
  EXPECT_NE(snapshot_->revision(), 0U);
}

TEST_F(TransactionTest, RefusesWhatWouldBreakTheTables) {
  write([](Transaction& t) {
    t.put_account(make_account(kOtherAccount));
    t.put_group(make_group("AGPA1", "devs"));
    t.put_role(make_role("AROA1", "R"));
    t.put_policy(make_policy("ANPA1", "P"));
    User user = make_user("AIDA1", "alice");
    user.group_ids = {"AGPA1"};
    user.attached_policies = {"arn:aws:iam::111122223333:policy/P"};
    t.put_user(std::move(user));
    t.put_access_key(make_key("AKIA1", "AIDA1"));
    t.put_instance_profile(make_profile("AIPA1", "prof", "AROA1"));
    t.put_bucket(make_bucket("b"));
    t.put_mfa_device(make_device("phone"));
  });

  struct Case {
    const char* name;
    std::function<void(Transaction&)> change;
  };

  const std::vector<Case> cases = {
      {"name of another user",
       [](Transaction& t) {
         t.put_user(make_user("AIDA2", "ALICE"));
       }},
      {"id of another kind",
       [](Transaction& t) {
         t.put_user(make_user("AROA1", "bob"));
       }},
      {"no id",
       [](Transaction& t) {
         t.put_user(make_user("", "bob"));
       }},
      {"no name",
       [](Transaction& t) {
         t.put_user(make_user("AIDA2", ""));
       }},
      {"user of no account",
       [](Transaction& t) {
         User user = make_user("AIDA2", "bob");
         user.account = "999999999999";
         t.put_user(std::move(user));
       }},
      {"user moved to another account",
       [](Transaction& t) {
         User user = make_user("AIDA1", "alice");
         user.account = kOtherAccount;
         t.put_user(std::move(user));
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
         t.put_group(std::move(group));
       }},
      {"policy of another account",
       [](Transaction& t) {
         Role role = make_role("AROA9", "R9");
         role.account = kOtherAccount;
         role.boundary = "arn:aws:iam::111122223333:policy/P";
         t.put_role(std::move(role));
       }},
      {"role without trust policy",
       [](Transaction& t) {
         Role role = make_role("AROA2", "R2");
         role.trust_policy = nullptr;
         t.put_role(std::move(role));
       }},
      {"policy whose ARN changes",
       [](Transaction& t) {
         ManagedPolicy policy = make_policy("ANPA1", "P");
         policy.path = "/other/";
         t.put_policy(std::move(policy));
       }},
      {"policy without its default version",
       [](Transaction& t) {
         ManagedPolicy policy = make_policy("ANPA2", "P2");
         policy.default_version = 2;
         t.put_policy(std::move(policy));
       }},
      {"key of a missing user",
       [](Transaction& t) {
         t.put_access_key(make_key("AKIA2", "AIDA9"));
       }},
      {"key of another owner",
       [](Transaction& t) {
         t.put_access_key(make_key("AKIA1", ""));
       }},
      {"device of a missing user",
       [](Transaction& t) {
         MfaDevice device = make_device("phone");
         device.is_assigned = true;
         device.user_id = "AIDA9";
         t.put_mfa_device(std::move(device));
       }},
      {"second device of a name",
       [](Transaction& t) {
         MfaDevice device = make_device("PHONE");
         t.put_mfa_device(std::move(device));
       }},
      {"profile with a missing role",
       [](Transaction& t) {
         t.put_instance_profile(make_profile("AIPA2", "p2", "AROA9"));
       }},
      {"bucket of another account",
       [](Transaction& t) {
         Bucket bucket = make_bucket("b");
         bucket.account = kOtherAccount;
         t.put_bucket(std::move(bucket));
       }},
      {"alias of another account",
       [](Transaction& t) {
         Account one = make_account(kAccount);
         one.alias = "same";
         t.put_account(std::move(one));
         Account two = make_account(kOtherAccount);
         two.alias = "same";
         t.put_account(std::move(two));
       }},
      {"erasing a user with keys",
       [](Transaction& t) {
         t.erase_user("AIDA1");
       }},
      {"erasing a group with members",
       [](Transaction& t) {
         t.erase_group("AGPA1");
       }},
      {"erasing a role in a profile",
       [](Transaction& t) {
         t.erase_role("AROA1");
       }},
      {"erasing an attached policy",
       [](Transaction& t) {
         t.erase_policy("ANPA1");
       }},
      {"erasing a missing user",
       [](Transaction& t) {
         t.erase_user("AIDA9");
       }},
      {"erasing a user as a role",
       [](Transaction& t) {
         t.erase_role("AIDA1");
       }},
      {"erasing a missing key",
       [](Transaction& t) {
         t.erase_access_key("AKIA9");
       }},
      {"erasing a missing bucket",
       [](Transaction& t) {
         t.erase_bucket("nope");
       }},
      {"erasing a missing ticket",
       [](Transaction& t) {
         t.erase_ticket(TicketKind::SpentToken, "h");
       }},
      {"erasing a missing account",
       [](Transaction& t) {
         t.erase_account("999999999999");
       }},
  };
  for (const Case& c : cases) {
    EXPECT_NE(refusal(c.change), "") << c.name;
  }
}

TEST_F(TransactionTest, ASpoiledTransactionDropsItsGoodPartsToo) {
  const std::string cause = refusal([](Transaction& t) {
    t.put_user(make_user("AIDA1", "alice"));
    t.erase_user("AIDA9");
    t.put_user(make_user("AIDA2", "bob"));
  });

  EXPECT_NE(cause.find("AIDA9"), std::string::npos) << cause;
}

TEST_F(TransactionTest, ErasingAnAccountLeavesNothingBehind) {
  const auto empty = fixture_.records();
  write([](Transaction& t) {
    t.put_account(make_account(kOtherAccount));
    Account account = make_account(kAccount);
    account.alias = "mine";
    t.put_account(std::move(account));
    t.put_policy(make_policy("ANPA1", "P"));
    t.put_group(make_group("AGPA1", "g"));
    User user = make_user("AIDA1", "u");
    user.group_ids = {"AGPA1"};
    user.attached_policies = {"arn:aws:iam::111122223333:policy/P"};
    t.put_user(std::move(user));
    t.put_role(make_role("AROA1", "r"));
    t.put_instance_profile(make_profile("AIPA1", "i", "AROA1"));
    t.put_access_key(make_key("AKIA1", "AIDA1"));
    t.put_access_key(make_key("AKIA2", ""));
    MfaDevice device = make_device("d");
    device.is_assigned = true;
    device.user_id = "AIDA1";
    t.put_mfa_device(std::move(device));
    t.put_bucket(make_bucket("b"));
    OrgPolicies org;
    org.account = kAccount;
    t.put_org_policies(std::move(org));
    t.put_last_used(
        {.account = kAccount, .id = "AROA1", .at = Instant{1}, .region = "r", .service = "s"});
    t.put_ticket({.kind = TicketKind::ConsoleSession,
                  .id_hash = "h",
                  .account = kAccount,
                  .expires = Instant{9},
                  .data = nullptr});
  });

  write([](Transaction& t) { t.erase_account(kAccount); });

  EXPECT_EQ(snapshot_->account_count(), 1u);
  EXPECT_EQ(snapshot_->find_account_by_alias("mine"), nullptr);
  EXPECT_EQ(snapshot_->find_bucket("b"), nullptr);
  auto expected = empty;
  expected.erase("a/111122223333");
  auto records = fixture_.records();
  EXPECT_EQ(records.erase("a/444455556666"), 1u);
  EXPECT_EQ(records, expected);
}

TEST_F(TransactionTest, RenamingKeepsIdAndMovesEveryIndex) {
  write([](Transaction& t) {
    t.put_group(make_group("AGPA1", "devs"));
    t.put_policy(make_policy("ANPA1", "P"));
    User user = make_user("AIDA1", "alice");
    user.group_ids = {"AGPA1"};
    user.attached_policies = {"arn:aws:iam::111122223333:policy/P"};
    user.boundary = "arn:aws:iam::111122223333:policy/P";
    t.put_user(std::move(user));
  });
  write([](Transaction& t) {
    User user = *t.view().find_user(kAccount, "alice");
    user.name = "zoe";
    user.path = "/new/";
    t.put_user(std::move(user));
  });

  EXPECT_EQ(snapshot_->find_user(kAccount, "alice"), nullptr);
  const User* zoe = snapshot_->find_user(kAccount, "zoe");
  ASSERT_NE(zoe, nullptr);
  EXPECT_EQ(zoe->id, "AIDA1");
  EXPECT_EQ(snapshot_->members_of(*snapshot_->find_group(kAccount, "devs")),
            std::vector<const User*>{zoe});
  const auto entities =
      snapshot_->entities_for_policy(kAccount, "arn:aws:iam::111122223333:policy/P");
  ASSERT_EQ(entities.size(), 2u);
  EXPECT_EQ(entities[0].user, zoe);
  EXPECT_FALSE(entities[0].is_boundary);
  EXPECT_TRUE(entities[1].is_boundary);
}

TEST_F(TransactionTest, ChangingOnlyTheSpellingOfANameWorks) {
  write([](Transaction& t) { t.put_user(make_user("AIDA1", "alice")); });
  write([](Transaction& t) { t.put_user(make_user("AIDA1", "ALICE")); });

  EXPECT_EQ(snapshot_->find_user(kAccount, "alice")->name, "ALICE");
  EXPECT_EQ(snapshot_->users(kAccount).size(), 1u);
}

}  // namespace
}  // namespace signet::identity
