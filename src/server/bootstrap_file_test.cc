#include "server/bootstrap_file.h"

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "base/strings.h"
#include "server/org_file.h"

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
  ASSERT_EQ(spec->spec.accounts.size(), 2U);
  const auto& account = spec->spec.accounts[0];
  EXPECT_EQ(account.alias, "acme");
  EXPECT_EQ(account.root_keys.at(0).secret_access_key.reveal(secret_access()), "r/+ s");
  EXPECT_EQ(account.users.at(0).access_keys.at(0).access_key_id, "AKIAADMIN");
  EXPECT_TRUE(account.users.at(0).password->equals("pw"));
  EXPECT_TRUE(spec->spec.accounts[1].users.empty());
}

constexpr const char* kScps =
    R"("scps":[[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}],)"
    R"([{"name":"no-s3","document":{"Version":"2012-10-17","Statement":)"
    R"([{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}}]])";

TEST(BootstrapFile, ReadsThePlaceInAnOrganization) {
  const auto spec =
      parse_bootstrap(concat(R"({"accounts":[{"id":"123456789012","organization":)",
                             R"({"id":"o-abc","path":"o-abc/r-1/","management":true},)",
                             kScps,
                             R"(,"rcps":[]},{"id":"210987654321"}]})"));

  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  const auto& org = spec->spec.accounts[0].org;
  ASSERT_TRUE(org.has_value());
  EXPECT_TRUE(org->is_management);
  EXPECT_EQ(org->organization_id, "o-abc");
  EXPECT_EQ(org->path, "o-abc/r-1/");
  ASSERT_EQ(org->scps.size(), 2U);
  EXPECT_EQ(org->scps[0].policies.at(0).name, "scp.1.1");
  EXPECT_EQ(org->scps[1].policies.at(0).name, "no-s3");
  EXPECT_NE(org->scps[1].policies[0].document->policy(), nullptr);
  EXPECT_TRUE(org->rcps.empty());
  EXPECT_FALSE(allows_nothing(org->scps[0]));
  EXPECT_TRUE(allows_nothing(org->scps[1]));
  EXPECT_FALSE(spec->spec.accounts[1].org.has_value());
}

TEST(OrgFile, WhatIsShownReadsBack) {
  const auto spec = parse_bootstrap(concat(R"({"accounts":[{"id":"123456789012",)", kScps, "}]}"));
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  std::string shown = show_org(*spec->spec.accounts[0].org);

  const auto again =
      parse_bootstrap(concat(R"({"accounts":[{"id":"123456789012",)", shown.substr(1), "]}"));

  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(show_org(*again->spec.accounts[0].org), shown);
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
        BadFile{"NotJson", "{", "bootstrap file:1:2: unexpected end of the document"},
        BadFile{"Comment", "{\n  // mine\n", "bootstrap file:2:3: JSON has no comments"},
        BadFile{"ByteOrderMark",
                "\xEF\xBB\xBF{}",
                "bootstrap file:1:1: the file begins with a byte-order mark"},
        BadFile{"CommaAtTheEnd", "{\"accounts\": [1,]}", "is there a comma before this bracket?"},
        BadFile{"SingleQuotes", "{'accounts': []}", "JSON has double quotes only"},
        BadFile{"Twice", R"({"accounts": [], "accounts": []})", "repeated member name"},
        BadFile{"NoAccounts",
                R"({"accounts":[]})",
                "bootstrap file:1:1: \"accounts\" must list at least one account"},
        BadFile{"ScpsNotLevels",
                R"({"accounts":[{"id":"123456789012","scps":[{}]}]})",
                "scps, level 1: expected a list of policies"},
        BadFile{"ScpWithPrincipal",
                R"({"accounts":[{"id":"123456789012","scps":[[{"Version":"2012-10-17","Statement":)"
                R"([{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}]]}]})",
                "scps, level 1, policy 1"},
        BadFile{"ScpNoPolicy",
                R"({"accounts":[{"id":"123456789012","scps":[[7]]}]})",
                "expected a policy document"},
        BadFile{"RcpWithoutPrincipal",
                R"({"accounts":[{"id":"123456789012","rcps":[[{"Version":"2012-10-17","Statement":)"
                R"([{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}]]}]})",
                "rcps, level 1, policy 1"},
        BadFile{"UnknownOrganizationMember",
                R"({"accounts":[{"id":"123456789012","organization":{"ou":"x"}}]})",
                "\"ou\""},
        BadFile{
            "PathOfAnotherOrganization",
            R"({"accounts":[{"id":"123456789012","organization":{"id":"o-a","path":"o-b/r/"}}]})",
            "another organization"},
        BadFile{"PathWithoutSlash",
                R"({"accounts":[{"id":"123456789012","organization":{"path":"o-b/r"}}]})",
                "ends in"},
        BadFile{"NumberAsId",
                R"({"accounts":[{"id":123456789012}]})",
                "accounts[0].id: expected a string"},
        BadFile{"ShortId", R"({"accounts":[{"id":"12"}]})", "expected 12 digits"},
        BadFile{"Misspelt",
                R"({"accounts":[{"id":"123456789012","user":[]}]})",
                R"(accounts[0]: unknown member "user"; did you mean "users"?)"},
        BadFile{"Unheard",
                R"({"accounts":[{"id":"123456789012","root":{"color":"red"}}]})",
                "accounts[0].root: unknown member \"color\"; known here: access_key_id,"},
        BadFile{"NamelessUser",
                R"({"accounts":[{"id":"123456789012","users":[{}]}]})",
                R"(accounts[0].users[0]: "name" is missing)"},
        BadFile{"SecretAlone",
                R"({"accounts":[{"id":"123456789012","root":{"secret_access_key":"s"}}]})",
                "needs an access_key_id"},
        BadFile{"PolicyObject",
                R"({"accounts":[{"id":"123456789012","users":[{"name":"a","policies":[{}]}]}]})",
                "accounts[0].users[0].policies[0]: expected a string"},
        BadFile{
            "PolicyByName",
            R"({"accounts":[{"id":"123456789012","users":[{"name":"a","policies":["ReadOnly"]}]}]})",
            "expected the ARN of a policy, not its name: arn:aws:iam::aws:policy/ReadOnly if it is "
            "AWS's"},
        BadFile{"RoleWithoutTrust",
                R"({"accounts":[{"id":"123456789012","roles":[{"name":"a"}]}]})",
                R"(accounts[0].roles[0]: "trust_policy" is missing)"},
        BadFile{
            "MisspeltInARole",
            "{\"accounts\": [{\"id\": \"123456789012\",\n  \"roles\": [\n    {\"nmae\": \"a\"}]}]}",
            R"(bootstrap file:3:6: accounts[0].roles[0]: unknown member "nmae"; did you mean "name"?)"},
        BadFile{"ListAsObject",
                R"({"accounts":[{"id":"123456789012","groups":{}}]})",
                "accounts[0].groups: expected a list"},
        BadFile{
            "TextAsNumber",
            R"({"accounts":[{"id":"123456789012","roles":[{"name":"a","trust_policy":{},"max_session_duration":"1h"}]}]})",
            "accounts[0].roles[0].max_session_duration: expected a number"},
        BadFile{"NumberAsTag",
                R"({"accounts":[{"id":"123456789012","buckets":[{"name":"abc","tags":{"a":1}}]}]})",
                "accounts[0].buckets[0].tags[\"a\"]: expected a string"},
        BadFile{
            "NumberAsDocument",
            R"({"accounts":[{"id":"123456789012","groups":[{"name":"g","inline_policies":{"p":1}}]}]})",
            "accounts[0].groups[0].inline_policies[\"p\"]: expected a policy document"},
        BadFile{
            "SeedNotBase32",
            R"({"accounts":[{"id":"123456789012","users":[{"name":"a","mfa_devices":[{"name":"m","seed":"18"}]}]}]})",
            "accounts[0].users[0].mfa_devices[0].seed: expected 10 to 64 bytes in base32"},
        BadFile{
            "FlagAsText",
            R"({"accounts":[{"id":"123456789012","users":[{"name":"a","password_reset_required":"yes"}]}]})",
            "expected true or false"}),
    [](const auto& test_info) { return std::string(test_info.param.name); });

}  // namespace
}  // namespace signet::server
