#include "server/accounts.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "facts/errors.h"
#include "identity/fixture_for_test.h"
#include "identity/trail.h"
#include "objects/removal.h"
#include "s3/invocation.h"
#include "server/org_admin.h"
#include "store/test_folder_for_test.h"

namespace signet::server {
namespace {

using identity::kAccount;
using identity::kOtherAccount;

constexpr const char* kAdministrator = "arn:aws:iam::aws:policy/AdministratorAccess";

// Keeps the lines of changes in memory.
class Lines final : public identity::Trail {
 public:
  void keep(std::uint64_t /*number*/, std::string_view lines) override { text += lines; }

  void keep_again(std::uint64_t /*number*/, std::string_view /*lines*/) override {}

  std::uint64_t settled() override { return 0; }

  void settle() override {}

  std::string text;
};

class AccountsTest : public testing::Test {
 protected:
  AccountsTest() {
    EXPECT_TRUE(fixture_.directory().attach(lines_));
    write([](identity::Transaction& transaction) {
      transaction.put(identity::make_account(kOtherAccount));
      transaction.put(identity::make_user("AIDAADMIN", "Admin"));
    });
  }

  template <class Change>
  void write(Change change) {
    EXPECT_TRUE(fixture_.directory().apply(
        [&](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          change(transaction);
          return {};
        }));
  }

  const identity::Snapshot& state() {
    snapshot_ = fixture_.directory().current();
    return *snapshot_;
  }

  Result<AccountDone> recover(const Recovery& wanted) {
    return recover_account(fixture_.directory(), wanted, by_);
  }

  std::string refusal(const Recovery& wanted) {
    const std::size_t before = lines_.text.size();
    const auto done = recover(wanted);
    EXPECT_EQ(lines_.text.size(), before) << "nothing was changed, nothing is told";
    return done ? "" : done.error().message;
  }

  Result<objects::ObjectStore*> open_objects() {
    if (!objects_) {
      objects_ = TRY(objects::ObjectStore::open(
          {.folder = folder_.path() + "/objects", .is_durable = false}, random_));
    }
    return objects_.get();
  }

  Result<std::string> remove(bool takes_objects) {
    return delete_account(
        fixture_.directory(),
        [this] { return open_objects(); },
        {.account = kAccount, .takes_objects = takes_objects},
        by_);
  }

  identity::CountingRandom random_;
  Operator by_{.who = "uid 7", .now = Instant::from_seconds(1'790'000'000), .random = random_};
  store::TestFolder folder_;
  Lines lines_;
  identity::Fixture fixture_;
  std::shared_ptr<const identity::Snapshot> snapshot_;
  std::unique_ptr<objects::ObjectStore> objects_;
};

TEST_F(AccountsTest, RecoveryMakesAUserAnAdministratorWithAKeyAndAPassword) {
  const auto done = recover({.account = kAccount});
  ASSERT_TRUE(done) << done.error().message;
  const identity::User* user = state().find<identity::User>(kAccount, "admin");
  EXPECT_EQ(user->name, "Admin") << "found as IAM finds it, in any case";
  EXPECT_EQ(user->attached_policies, std::vector<std::string>{kAdministrator});
  EXPECT_TRUE(user->login.has_value());
  ASSERT_EQ(done->credentials.keys.size(), 1U);
  const identity::CreatedKey& key = done->credentials.keys.front();
  EXPECT_EQ(key.user, "Admin");
  const identity::AccessKey* stored = state().find<identity::AccessKey>(key.access_key_id);
  ASSERT_NE(stored, nullptr);
  EXPECT_EQ(stored->user_id, "AIDAADMIN");
  EXPECT_FALSE(done->credentials.password.empty());
  EXPECT_NE(lines_.text.find(R"("eventName":"RecoverAccount","eventID":")"), std::string::npos);
  EXPECT_NE(lines_.text.find("uid 7: account 111122223333: made access key AKIA"),
            std::string::npos);
}

TEST_F(AccountsTest, RecoveryTakesNothingAway) {
  write([](identity::Transaction& transaction) {
    identity::User user = identity::make_user("AIDAADMIN", "Admin");
    user.attached_policies = {kAdministrator, "arn:aws:iam::aws:policy/Other"};
    user.login = identity::LoginProfile{.password_hash = "old", .previous_hashes = {}};
    transaction.put(user);
    transaction.put(identity::make_key("AKIAFIRST", "AIDAADMIN"));
  });
  const auto done = recover({.account = kAccount});
  ASSERT_TRUE(done) << done.error().message;
  const identity::User* user = state().find<identity::User>(kAccount, "admin");
  EXPECT_EQ(user->attached_policies.size(), 2U);
  EXPECT_EQ(user->login->password_hash, "old");
  EXPECT_TRUE(done->credentials.password.empty());
  EXPECT_NE(state().find<identity::AccessKey>("AKIAFIRST"), nullptr);

  const std::string full = refusal({.account = kAccount});
  EXPECT_NE(full.find("has 2 access keys already"), std::string::npos) << full;
  EXPECT_NE(full.find("AKIAFIRST"), std::string::npos) << full;
  EXPECT_EQ(state().access_keys_of(kAccount, "AIDAADMIN").size(), 2U);
}

TEST_F(AccountsTest, APasswordIsReplacedWhenThatIsAsked) {
  write([](identity::Transaction& transaction) {
    identity::User user = identity::make_user("AIDAADMIN", "Admin");
    user.login = identity::LoginProfile{.password_hash = "old", .previous_hashes = {}};
    transaction.put(user);
  });
  const auto done = recover({.account = kAccount, .resets_password = true});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_NE(state().find<identity::User>(kAccount, "admin")->login->password_hash, "old");
  EXPECT_NE(done->text.find("its console password was replaced"), std::string::npos) << done->text;
}

TEST_F(AccountsTest, RecoveryIsRefusedWhereItsKeyMightNotBeAnAdministrators) {
  EXPECT_NE(refusal({.account = "999999999999"}).find("there is no account"), std::string::npos);
  EXPECT_NE(refusal({.account = kAccount, .user = "a b"}).find("is not valid"), std::string::npos);
  write([](identity::Transaction& transaction) {
    identity::User user = identity::make_user("AIDAADMIN", "Admin");
    user.boundary = kAdministrator;
    transaction.put(user);
  });
  EXPECT_NE(refusal({.account = kAccount}).find("has a permissions boundary"), std::string::npos);
}

TEST_F(AccountsTest, WhatStandsInTheWayOfTheKeyIsSaid) {
  write([](identity::Transaction& transaction) {
    transaction.put(identity::OrgPolicies{.account = kAccount});
  });
  const auto done = recover({.account = kAccount});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_NE(done->text.find("`signet org show`"), std::string::npos) << done->text;
}

TEST_F(AccountsTest, AnAccountGoesWithEverythingInIt) {
  write([](identity::Transaction& transaction) {
    transaction.put(identity::make_role("AROAREADER", "reader"));
    transaction.put(identity::make_key("AKIAFIRST", "AIDAADMIN"));
    transaction.put(identity::make_device("phone"));
    transaction.put(identity::make_bucket("empty"));
    transaction.put(identity::OrgPolicies{.account = kAccount});
  });
  const auto done = remove(false);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(*done, "account 111122223333 was deleted with 1 user, 1 role and 1 bucket");
  EXPECT_EQ(state().account_count(), 1U);
  EXPECT_EQ(state().find<identity::AccessKey>("AKIAFIRST"), nullptr);
  EXPECT_EQ(state().find<identity::Bucket>("empty"), nullptr);
  EXPECT_EQ(state().find<identity::OrgPolicies>(kAccount), nullptr);
  EXPECT_NE(lines_.text.find("uid 7: account 111122223333 was deleted"), std::string::npos);
}

TEST_F(AccountsTest, AnAccountWithObjectsIsKeptUnlessTheyMayGo) {
  const identity::Bucket bucket = identity::make_bucket("full");
  write([&](identity::Transaction& transaction) { transaction.put(bucket); });
  ASSERT_TRUE(open_objects());
  const objects::Removal::IsKept is_kept = [this](std::string_view id) {
    return s3::has_bucket(state(), id);
  };
  ASSERT_TRUE(objects_->put(s3::store_id(bucket), objects_->stage().value(), {.key = "k"}, {}));

  const auto refused = remove(false);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("has objects in 1 bucket (full): nothing was changed"),
            std::string::npos)
      << refused.error().message;
  EXPECT_NE(state().find<identity::Account>(kAccount), nullptr);

  const auto done = remove(true);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(state().find<identity::Account>(kAccount), nullptr);
  objects::Removal removal(*objects_, is_kept);
  while (removal.step().value()) {
  }
  EXPECT_FALSE(objects_->find(s3::store_id(bucket), "k").value().has_value());
}

TEST_F(AccountsTest, TheLastAccountStays) {
  write([](identity::Transaction& transaction) {
    transaction.erase<identity::Account>(std::string_view(kOtherAccount));
  });
  const auto done = remove(true);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("is the only one here"), std::string::npos);
}

TEST_F(AccountsTest, AnAccountIsMadeWithARootKeyAndAnAdministrator) {
  const ManualClock clock(by_.now);
  const auto done = create_account(
      fixture_.directory(), {.id = "777788889999", .alias = "staging", .admin = "ana"}, clock, by_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->text, "made account 777788889999 with user ana");
  ASSERT_EQ(done->credentials.keys.size(), 2U);
  EXPECT_EQ(done->credentials.keys.front().user, "") << "root";
  EXPECT_EQ(done->credentials.user, "ana");
  EXPECT_FALSE(done->credentials.password.empty());
  EXPECT_TRUE(state().find<identity::User>("777788889999", "ana")->login.has_value());
  EXPECT_NE(lines_.text.find("uid 7: made account 777788889999"), std::string::npos);

  const auto again = create_account(fixture_.directory(), {.id = "777788889999"}, clock, by_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "account 777788889999 exists already");
}

TEST_F(AccountsTest, AnOrganizationIsSetAndTakenAwayWithRecords) {
  const auto request = codec::Json::parse(
      R"({"account":"111122223333","scps":[["FullAWSAccess"]],"rcps":[["RCPFullAWSAccess"]]})");
  const auto set = set_org_policies(fixture_.directory(), *request, by_);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(*set,
            "account 111122223333 has 1 level of service control policies and 1 level of resource "
            "control policies");
  const identity::OrgPolicies* org = state().find<identity::OrgPolicies>(kAccount);
  ASSERT_NE(org, nullptr);
  EXPECT_EQ(org->scps.front().policies.front().name, "FullAWSAccess");
  ASSERT_TRUE(leave_organization(fixture_.directory(), kAccount, by_));
  EXPECT_EQ(state().find<identity::OrgPolicies>(kAccount), nullptr);
  EXPECT_NE(lines_.text.find("SetOrganizationPolicies"), std::string::npos);
  EXPECT_NE(lines_.text.find("LeaveOrganization"), std::string::npos);

  for (const char* wrong : {R"({"account":"999999999999","scps":[]})",
                            R"({"account":"111122223333"})",
                            R"({"account":"111122223333","scps":["FullAWSAccess"]})",
                            R"({"account":"111122223333","scps":[["RCPFullAWSAccess"]]})",
                            R"({"account":"111122223333","scps":[["Full"]]})"}) {
    EXPECT_FALSE(set_org_policies(fixture_.directory(), *codec::Json::parse(wrong), by_)) << wrong;
  }
  EXPECT_EQ(state().find<identity::OrgPolicies>(kAccount), nullptr);
}

}  // namespace
}  // namespace signet::server
