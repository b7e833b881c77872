#include "server/bootstrap_file.h"

#include <gtest/gtest.h>

namespace signet::server {
namespace {

TEST(BootstrapFile, ReadsEverything) {
  const auto spec =
      parse_bootstrap(R"({"accounts":[{"id":"123456789012","alias":"acme","canonical_user_id":"c",
    "root":{"access_key_id":"AKIAROOT","secret_access_key":"r/+ s"},
    "users":[{"name":"admin","policies":["arn:aws:iam::aws:policy/AdministratorAccess"],
              "access_keys":[{"access_key_id":"AKIAADMIN","secret_access_key":"s"}],"password":"pw"}]},
    {"id":"210987654321"}]})");

  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  ASSERT_EQ(spec->accounts.size(), 2U);
  const auto& account = spec->accounts[0];
  EXPECT_EQ(account.alias, "acme");
  EXPECT_EQ(account.root_keys.at(0).secret_access_key.reveal(), "r/+ s");
  EXPECT_EQ(account.users.at(0).access_keys.at(0).access_key_id, "AKIAADMIN");
  EXPECT_TRUE(account.users.at(0).password->equals("pw"));
  EXPECT_TRUE(spec->accounts[1].users.empty());
}

struct BadFile {
  const char* name;
  const char* json;
  const char* message;
};

class BootstrapFileRefuses : public testing::TestWithParam<BadFile> {};

TEST_P(BootstrapFileRefuses, WithThePlaceAndTheReason) {
  const auto spec = parse_bootstrap(GetParam().json);

  ASSERT_FALSE(spec.has_value());
  EXPECT_NE(spec.error().message.find(GetParam().message), std::string::npos)
      << spec.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Files,
    BootstrapFileRefuses,
    testing::Values(
        BadFile{"NotJson", "{", "the document"},
        BadFile{"NoAccounts", R"({"accounts":[]})", "at least one account"},
        BadFile{"NumberAsId",
                R"({"accounts":[{"id":123456789012}]})",
                "accounts[0].id: expected a string"},
        BadFile{"ShortId", R"({"accounts":[{"id":"12"}]})", "expected 12 digits"},
        BadFile{"Misspelt",
                R"({"accounts":[{"id":"123456789012","user":[]}]})",
                "unknown member \"user\""},
        BadFile{"NamelessUser",
                R"({"accounts":[{"id":"123456789012","users":[{}]}]})",
                "a user needs a name"},
        BadFile{"SecretAlone",
                R"({"accounts":[{"id":"123456789012","root":{"secret_access_key":"s"}}]})",
                "needs an access_key_id"},
        BadFile{"PolicyObject",
                R"({"accounts":[{"id":"123456789012","users":[{"name":"a","policies":[{}]}]}]})",
                "expected policy ARNs"}),
    [](const auto& test_info) { return std::string(test_info.param.name); });

}  // namespace
}  // namespace signet::server
