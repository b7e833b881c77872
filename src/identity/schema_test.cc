#include "identity/schema.h"

#include <string>

#include <gtest/gtest.h>

#include "facts/errors.h"
#include "identity/record_fixture_for_test.h"

namespace signet::identity {
namespace {

using SchemaTest = RecordTest;

TEST_F(SchemaTest, ARecordNeedsTheVersionOfItsKindAndOfItsFields) {
  EXPECT_EQ(version_needed(encode(make_user("AIDA1", "ana"))), 1u);
  EXPECT_EQ(version_needed(encode(make_role("AROA1", "r"))), 1u);
  EXPECT_EQ(version_needed(encode(make_issuer("issuer"))), 3u) << "a kind";
  Account account = make_account(kAccount);
  EXPECT_EQ(version_needed(encode(account)), 1u);
  account.properties = {model::Tag{.key = "k", .value = "v"}};
  EXPECT_EQ(version_needed(encode(account)), 3u) << "a field";
}

TEST_F(SchemaTest, WhatIsNoRecordNeedsTheNewestVersion) {
  const std::string user = encode(make_user("AIDA1", "ana"));
  for (const std::string& odd : {std::string(),
                                 std::string("\x01"),
                                 user.substr(0, user.size() - 1),
                                 user + "\x80",
                                 std::string("\x01\x02\x0d\x00", 4)}) {
    EXPECT_EQ(version_needed(odd), kSchemaVersion);
  }
}

TEST_F(SchemaTest, AChangeIsRefusedByTheNewestRecordInIt) {
  store::Transaction change{.puts = {{"a", encode(make_user("AIDA1", "ana"))}}, .deletes = {"b"}};
  EXPECT_TRUE(check_versions(change, 1));
  change.puts.push_back({"c", encode(make_issuer("issuer"))});

  EXPECT_TRUE(check_versions(change, 3));
  const Status refused = check_versions(change, 2);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::NotImplemented);
}

}  // namespace
}  // namespace signet::identity
