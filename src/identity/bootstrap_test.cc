#include "identity/bootstrap.h"

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "facts/errors.h"
#include "identity/fixture_for_test.h"
#include "identity/invariants.h"
#include "model/arn.h"
#include "token/ids.h"

namespace signet::identity {
namespace {

class BootstrapTest : public testing::Test {
 protected:
  Result<std::vector<CreatedKey>> run(const BootstrapSpec& spec) {
    const BootstrapDeps deps{
        .clock = clock_, .random = random_, .hash_password = [](std::string_view password) {
          return password == "unhashable"
                     ? std::optional<std::string>()
                     : std::optional(std::string("hash-of-") + std::string(password));
        }};
    return bootstrap(fixture_.directory(), spec, deps);
  }

  // The account of the example: everything given.
  static BootstrapSpec full_spec() {
    BootstrapSpec spec;
    BootstrapAccount& account = spec.accounts.emplace_back();
    account.id = "123456789012";
    account.alias = "example";
    account.canonical_user_id = "c1";
    account.root_keys.push_back({"ROOT_KEY_0123456", Secret("root secret / with + anything")});
    account.root_password = Secret("rootpw");
    BootstrapUser& user = account.users.emplace_back();
    user.name = "admin";
    user.policies = {"arn:aws:iam::aws:policy/AdministratorAccess"};
    user.access_keys.push_back({"ADMIN_KEY_012345", Secret("s")});
    user.access_keys.emplace_back();
    user.password = Secret("pw");
    return spec;
  }

  Fixture fixture_;
  ManualClock clock_ = ManualClock(Instant{1'700'000'000'000});
  CountingRandom random_;
};

TEST_F(BootstrapTest, MakesWhatTheSpecSays) {
  const auto keys = run(full_spec());

  ASSERT_TRUE(keys.has_value()) << keys.error().message;
  const auto snapshot = fixture_.directory().current();
  EXPECT_TRUE(verify_invariants(*snapshot).empty());
  const Account* account = snapshot->find_account_by_alias("example");
  ASSERT_NE(account, nullptr);
  EXPECT_EQ(account->id, "123456789012");
  EXPECT_EQ(account->canonical_user_id, "c1");
  EXPECT_EQ(account->root_login->password_hash, "hash-of-rootpw");
  const User* admin = snapshot->find<User>("123456789012", "admin");
  ASSERT_NE(admin, nullptr);
  EXPECT_EQ(admin->login->password_hash, "hash-of-pw");
  EXPECT_EQ(admin->created, clock_.now());
  EXPECT_EQ(admin->attached_policies.size(), 1u);
  EXPECT_TRUE(snapshot->find<AccessKey>("ROOT_KEY_0123456")->is_root());
  EXPECT_EQ(snapshot->find<AccessKey>("ADMIN_KEY_012345")->user_id, admin->id);
  ASSERT_EQ(keys->size(), 3u);
  EXPECT_EQ(keys->at(0).user, "");
  EXPECT_EQ(keys->at(0).secret_access_key.reveal(secret_access()), "root secret / with + anything");
  EXPECT_EQ(keys->at(2).user, "admin");
  EXPECT_EQ(token::account_of(keys->at(2).access_key_id), "123456789012");
  EXPECT_EQ(keys->at(2).secret_access_key.size(), 40u);
}

TEST_F(BootstrapTest, TheDefaultIsOneAccountWithAnAdministrator) {
  const auto keys = run(default_bootstrap(Secret("pw")));

  ASSERT_TRUE(keys.has_value()) << keys.error().message;
  ASSERT_EQ(keys->size(), 1u);
  EXPECT_TRUE(model::is_account_id(keys->at(0).account));
  EXPECT_NE(keys->at(0).account.front(), '0');
  const auto snapshot = fixture_.directory().current();
  const User* admin = snapshot->find<User>(keys->at(0).account, "admin");
  ASSERT_NE(admin, nullptr);
  EXPECT_EQ(snapshot->policies_of(*admin).at(0).id, "arn:aws:iam::aws:policy/AdministratorAccess");
  EXPECT_EQ(snapshot->find<Account>(keys->at(0).account)->canonical_user_id.size(), 64u);
}

TEST_F(BootstrapTest, AccountsMadeTwiceDiffer) {
  const auto one = run(default_bootstrap({}));
  const auto two = run(default_bootstrap({}));

  EXPECT_NE(one->at(0).account, two->at(0).account);
  EXPECT_NE(one->at(0).access_key_id, two->at(0).access_key_id);
  EXPECT_NE(one->at(0).secret_access_key.reveal(secret_access()),
            two->at(0).secret_access_key.reveal(secret_access()));
}

TEST_F(BootstrapTest, RefusesAnAccountThatExists) {
  ASSERT_TRUE(run(full_spec()).has_value());

  const auto again = run(full_spec());

  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::EntityAlreadyExists);
}

TEST_F(BootstrapTest, RefusesBadSpecsAndWritesNothing) {
  struct Case {
    const char* name;
    std::function<void(BootstrapSpec&)> spoil;
  };

  const auto account = [](BootstrapSpec& spec) -> BootstrapAccount& {
    return spec.accounts.at(0);
  };
  const auto user = [](BootstrapSpec& spec) -> BootstrapUser& {
    return spec.accounts.at(0).users.at(0);
  };
  const std::vector<Case> cases = {
      {"id of eleven digits",
       [&](BootstrapSpec& s) {
         account(s).id = "12345678901";
       }},
      {"id of letters",
       [&](BootstrapSpec& s) {
         account(s).id = "12345678901a";
       }},
      {"short key id",
       [&](BootstrapSpec& s) {
         user(s).access_keys.at(0).access_key_id = "SHORT";
       }},
      {"long key id",
       [&](BootstrapSpec& s) {
         user(s).access_keys.at(0).access_key_id = std::string(129, 'A');
       }},
      {"key id with a slash",
       [&](BootstrapSpec& s) {
         user(s).access_keys.at(0).access_key_id = "AAAAAAAAAAAAAAA/A";
       }},
      {"key id without secret",
       [&](BootstrapSpec& s) {
         user(s).access_keys.at(0).secret_access_key = Secret();
       }},
      {"secret without key id",
       [&](BootstrapSpec& s) {
         user(s).access_keys.at(0).access_key_id.clear();
       }},
      {"key id given twice",
       [&](BootstrapSpec& s) {
         user(s).access_keys.at(0).access_key_id = "ROOT_KEY_0123456";
       }},
      {"no user name",
       [&](BootstrapSpec& s) {
         user(s).name.clear();
       }},
      {"user name with a slash",
       [&](BootstrapSpec& s) {
         user(s).name = "a/b";
       }},
      {"long user name",
       [&](BootstrapSpec& s) {
         user(s).name = std::string(65, 'a');
       }},
      {"path without slashes",
       [&](BootstrapSpec& s) {
         user(s).path = "a";
       }},
      {"unknown policy",
       [&](BootstrapSpec& s) {
         user(s).policies = {"arn:aws:iam::aws:policy/Nope"};
       }},
      {"policy that is no ARN",
       [&](BootstrapSpec& s) {
         user(s).policies = {"AdministratorAccess"};
       }},
      {"empty password",
       [&](BootstrapSpec& s) {
         user(s).password = Secret();
       }},
      {"password that cannot be hashed",
       [&](BootstrapSpec& s) {
         account(s).root_password = Secret("unhashable");
       }},
      {"user given twice",
       [&](BootstrapSpec& s) {
         BootstrapUser twin;
         twin.name = "ADMIN";
         account(s).users.push_back(std::move(twin));
       }},
      {"alias given twice",
       [&](BootstrapSpec& s) {
         BootstrapAccount twin;
         twin.alias = "example";
         s.accounts.push_back(std::move(twin));
       }},
      {"alias in capitals",
       [&](BootstrapSpec& s) {
         account(s).alias = "Example";
       }},
      {"alias that is too short",
       [&](BootstrapSpec& s) {
         account(s).alias = "ab";
       }},
      {"alias with two hyphens in a row",
       [&](BootstrapSpec& s) {
         account(s).alias = "my--corp";
       }},
      {"alias that is an account id",
       [&](BootstrapSpec& s) {
         account(s).alias = "210987654321";
       }},
      {"canonical id given twice",
       [&](BootstrapSpec& s) {
         BootstrapAccount twin;
         twin.canonical_user_id = "c1";
         s.accounts.push_back(std::move(twin));
       }},
  };
  const auto before = fixture_.records();
  for (const Case& c : cases) {
    BootstrapSpec spec = full_spec();
    c.spoil(spec);

    const auto result = run(spec);

    ASSERT_FALSE(result.has_value()) << c.name;
    EXPECT_EQ(result.error().code, ErrorCode::InvalidInput)
        << c.name << ": " << result.error().cause;
    EXPECT_EQ(fixture_.records(), before) << c.name;
  }
  EXPECT_TRUE(run(full_spec()).has_value());
}

}  // namespace
}  // namespace signet::identity
