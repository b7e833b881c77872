#include "signin/console_authorization.h"

#include <gtest/gtest.h>

#include "authz/authz_fixture_for_test.h"
#include "signin/session_owner.h"

namespace signet::signin {
namespace {

using authz::AuthzFixture;

constexpr std::string_view kAlice = "arn:aws:iam::111122223333:user/alice";

class ConsoleAuthorization : public testing::Test {
 protected:
  void change(const std::function<void(identity::Account&)>& change) {
    world_.write([&](identity::Transaction& transaction) {
      identity::Account account = *transaction.view().find<identity::Account>(identity::kAccount);
      change(account);
      transaction.put(std::move(account));
    });
  }

  void put(PermissionStatement statement) {
    change([&](identity::Account& account) { put_permission_statement(account, statement); });
  }

  [[nodiscard]] bool is_denied(std::string_view address,
                               std::string_view owner = AuthzFixture::kUserId) {
    return is_denied_here(identity::kAccount,
                          owner,
                          {.source_ip = address, .region = "us-east-1"},
                          *world_.snapshot());
  }

  AuthzFixture world_;
};

TEST_F(ConsoleAuthorization, DeniesNobodyUntilItIsOn) {
  put({.id = "a", .source_ip = "192.0.2.0/24"});
  EXPECT_FALSE(is_denied("10.0.0.1"));
  change([](identity::Account& account) { switch_console_authorization(account, true); });
  EXPECT_TRUE(is_denied("10.0.0.1"));
  EXPECT_TRUE(is_denied("192.0.3.1"));
  EXPECT_TRUE(is_denied("")) << "nobody knows from where";
  EXPECT_TRUE(is_denied("nonsense"));
  EXPECT_FALSE(is_denied("192.0.2.255"));
  change([](identity::Account& account) { switch_console_authorization(account, false); });
  EXPECT_FALSE(is_denied("10.0.0.1"));
}

TEST_F(ConsoleAuthorization, EachStatementDeniesButWhomItExcludes) {
  change([](identity::Account& account) { switch_console_authorization(account, true); });
  put({.id = "a", .source_ip = "192.0.2.0/24"});
  put({.id = "b", .source_ip = "192.0.2.1", .excluded_principal = std::string(kAlice)});
  EXPECT_FALSE(is_denied("192.0.2.2")) << "excluded from the second";
  EXPECT_TRUE(is_denied("192.0.2.2", AuthzFixture::kRoleId));
  EXPECT_FALSE(is_denied("192.0.2.1", AuthzFixture::kRoleId));
  EXPECT_TRUE(is_denied("10.0.0.1")) << "not from the first";
}

TEST_F(ConsoleAuthorization, WhoeverIsGoneOrEverybodyIsNobodyToExclude) {
  change([](identity::Account& account) { switch_console_authorization(account, true); });
  for (const std::string_view excluded : {"arn:aws:iam::111122223333:user/nobody",
                                          "arn:aws:iam::111122223333:*",
                                          "arn:aws:iam::444455556666:user/alice",
                                          "nonsense"}) {
    put({.id = "a", .source_ip = "192.0.2.0/24", .excluded_principal = std::string(excluded)});
    EXPECT_TRUE(is_denied("10.0.0.1")) << excluded;
  }
}

TEST_F(ConsoleAuthorization, AnotherRegionIsElsewhere) {
  change([](identity::Account& account) { switch_console_authorization(account, true); });
  put({.id = "a", .source_ip = "192.0.2.1", .requested_region = "eu-central-1"});
  EXPECT_TRUE(is_denied("192.0.2.1"));
  put({.id = "a", .source_ip = "192.0.2.1", .requested_region = "us-east-1"});
  EXPECT_FALSE(is_denied("192.0.2.1"));
}

TEST_F(ConsoleAuthorization, WhatCannotBeReadDeniesEverybody) {
  change([](identity::Account& account) {
    switch_console_authorization(account, true);
    account.settings.push_back({.key = "signin.statement.x", .value = "{"});
  });
  EXPECT_TRUE(is_denied("192.0.2.1"));
  change([](identity::Account& account) { erase_permission_statement(account, "x"); });
  EXPECT_FALSE(is_denied("192.0.2.1"));
}

TEST_F(ConsoleAuthorization, StatementsAreReadAsTheyWereWritten) {
  const PermissionStatement statement{.id = "a+/9",
                                      .source_ip = "2001:db8::/32",
                                      .requested_region = "us-east-1",
                                      .excluded_principal = std::string(kAlice),
                                      .client_token = "t\"\\"};
  put(statement);
  put({.id = "A", .source_ip = "192.0.2.1"});
  const auto known =
      permission_statements(*world_.snapshot()->find<identity::Account>(identity::kAccount));
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[0].id, "A");
  EXPECT_EQ(known[1], statement);
}

TEST(SourceOfStatements, IsAnAddressOrARangeOfSome) {
  for (const std::string_view good :
       {"192.0.2.1", "192.0.2.0/24", "2001:db8::1", "2001:db8::/32"}) {
    EXPECT_TRUE(is_source(good)) << good;
  }
  for (const std::string_view bad : {"", "0.0.0.0/0", "::/0", "192.0.2.0/33", "192.0.2", "a"}) {
    EXPECT_FALSE(is_source(bad)) << bad;
  }
}

TEST_F(ConsoleAuthorization, OwnersAreNamedByTheirArns) {
  const auto named = [this](std::string_view arn) -> std::string {
    const auto owner = owner_named(arn, *world_.snapshot());
    return owner ? owner->account + " " + owner->id : "none";
  };
  EXPECT_EQ(named(kAlice), "111122223333 AIDAALICE");
  EXPECT_EQ(named("arn:aws:iam::111122223333:role/reader"), "111122223333 AROAREADER");
  EXPECT_EQ(named("arn:aws:iam::111122223333:root"), "111122223333 111122223333");
  EXPECT_EQ(named("arn:aws:iam::111122223333:*"), "111122223333 ");
  EXPECT_EQ(named("arn:aws:sts::111122223333:federated-user/bob"), "111122223333 111122223333:bob");
  EXPECT_EQ(named("arn:aws:iam::111122223333:user/nobody"), "111122223333 -");
  EXPECT_EQ(named("arn:aws:iam::444455556666:user/alice"), "444455556666 -");
  for (const std::string_view other : {"arn:aws:iam::111122223333:group/g",
                                       "arn:aws:sts::111122223333:assumed-role/reader/s",
                                       "arn:aws:s3:::bucket",
                                       "alice",
                                       ""}) {
    EXPECT_EQ(named(other), "none") << other;
  }
  const auto back = [this](std::string_view owner) {
    return principal_arn_of(identity::kAccount, owner, *world_.snapshot()).value_or("none");
  };
  EXPECT_EQ(back(AuthzFixture::kUserId), kAlice) << "without its path";
  EXPECT_EQ(back(AuthzFixture::kRoleId), "arn:aws:iam::111122223333:role/reader");
  EXPECT_EQ(back(identity::kAccount), "arn:aws:iam::111122223333:root");
  EXPECT_EQ(back("111122223333:bob"), "arn:aws:sts::111122223333:federated-user/bob");
  EXPECT_EQ(back("AIDAGONE"), "none");
}

}  // namespace
}  // namespace signet::signin
