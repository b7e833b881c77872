#include "policy_writing/validate.h"

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "base/testdata_for_test.h"
#include "facts/errors.h"
#include "facts/managed_policies.h"
#include "policy_language/size.h"
#include "policy_writing/pins.h"

namespace signet::policy {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Profile profile_of(std::string_view name) {
  constexpr std::pair<std::string_view, Profile> kNames[] = {{"Identity", Profile::Identity},
                                                             {"Boundary", Profile::Boundary},
                                                             {"Session", Profile::Session},
                                                             {"Trust", Profile::Trust},
                                                             {"Bucket", Profile::Bucket},
                                                             {"Scp", Profile::Scp},
                                                             {"Rcp", Profile::Rcp},
                                                             {"Endpoint", Profile::Endpoint}};
  for (const auto& [known, profile] : kNames) {
    if (known == name) {
      return profile;
    }
  }
  ADD_FAILURE() << "unknown profile " << name;
  return Profile::Identity;
}

TEST(Validate, SaysWhatAwsSaysForEveryRecordedDocument) {
  const auto json = PolicyJson::parse(read_file(testdata_path("policy/validate.json")));
  ASSERT_TRUE(json.has_value());
  const auto text = [&json](NodeId node, std::string_view name) -> std::string_view {
    const NodeId member = json->member(node, name);
    return member == kNoNode ? std::string_view() : (*json)[member].content;
  };
  int count = 0;
  for (NodeId node = 1; node < (*json)[0].next; node = (*json)[node].next) {
    ValidateOptions options{.profile = profile_of(text(node, "profile")),
                            .bucket = text(node, "bucket"),
                            .settings = {}};
    const NodeId settings = json->member(node, "settings");
    if (settings != kNoNode) {
      ASSERT_TRUE(set_by_name(options.settings, (*json)[settings + 1].content, true));
    }
    const auto result = validate(text(node, "text"), options);
    const std::string message = result ? std::string() : result.error().message;
    EXPECT_EQ(message, text(node, "message"))
        << text(node, "profile") << ": " << text(node, "note");
    if (!result) {
      EXPECT_EQ(result.error().code,
                options.profile == Profile::Bucket ? ErrorCode::MalformedPolicy
                                                   : ErrorCode::MalformedPolicyDocument);
    } else {
      EXPECT_EQ((*result)->text(), text(node, "text"));
    }
    ++count;
  }
  EXPECT_GT(count, 150);
}

TEST(Validate, BoundsWorkOnHostileTexts) {
  const ValidateOptions options;
  const std::string deep = std::string(100'000, '[');
  const std::string stars =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:)" +
      std::string(10'000, '*') + R"(","Resource":"arn:aws:s3:::)" + std::string(10'000, '*') +
      R"("}})";
  const std::string huge(2'000'000, ' ');
  std::string members = "{";
  for (int i = 0; i < 20'000; ++i) {
    members += "\"k" + std::to_string(i % 19'999) + "\":1,";
  }
  members += "\"z\":1}";
  for (const std::string& bad : {deep,
                                 huge,
                                 members,
                                 std::string("{\"Version\":\"\\ud800\"}"),
                                 std::string("{\"a\0b\":1}", 9),
                                 std::string("\xff\xfe"),
                                 std::string("{\"Statement\":1e99999}"),
                                 std::string("\xEF\xBB\xBF{}")}) {
    const auto result = validate(bad, options);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().message, "Syntax errors in policy.");
  }
  EXPECT_TRUE(validate(stars, options).has_value());
}

TEST(Size, IgnoresWhiteSpaceOutsideStrings) {
  EXPECT_EQ(counted_characters("{ \"a b\" :\n1 }"), 9U);
  EXPECT_EQ(counted_characters("{\"\\\" \": \"\xC3\xA9 \"}"), 12U);
  EXPECT_EQ(counted_characters(" \t\r\n"), 0U);
  EXPECT_EQ(counted_bytes("{ }"), 3U);
}

class FakeDirectory final : public PrincipalDirectory {
 public:
  std::optional<std::string> id_of(std::string_view arn) const override {
    for (const auto& [known, id] : entities) {
      if (known == arn) {
        return id;
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> arn_of(std::string_view id) const override {
    for (const auto& [arn, known] : entities) {
      if (known == id) {
        return arn;
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> role_id_of(std::string_view account,
                                        std::string_view name) const override {
    return account == "111122223333" && name == "r"
               ? std::optional<std::string>("AROA0000000000000001")
               : std::nullopt;
  }

  bool has_account(std::string_view account) const override { return account == "111122223333"; }

  std::vector<std::pair<std::string, std::string>> entities{
      {"arn:aws:iam::111122223333:user/p/u", "AIDA0000000000000001"},
      {"arn:aws:iam::111122223333:role/r", "AROA0000000000000001"}};
};

DocumentRef trust_of(const std::string& principal) {
  auto document = Document::parse(R"({"Statement":{"Effect":"Allow","Principal":)" + principal +
                                  R"(,"Action":"sts:AssumeRole"}})");
  return document ? *document : nullptr;
}

TEST(Pins, ResolveEntitiesAndRefuseWhatDoesNotExist) {
  const FakeDirectory directory;
  const auto pins = pin_principals(
      *trust_of(R"({"AWS":["arn:aws:iam::111122223333:user/p/u","111122223333","*",)"
                R"("arn:aws:sts::111122223333:assumed-role/r/s"],"Service":"ec2.amazonaws.com"})"),
      directory,
      Profile::Trust);
  ASSERT_TRUE(pins.has_value());
  ASSERT_EQ(pins->size(), 2U);
  EXPECT_EQ((*pins)[0].id, "AIDA0000000000000001");
  EXPECT_EQ((*pins)[1].id, "AROA0000000000000001");

  const std::pair<std::string, std::string> refused[] = {
      {R"({"AWS":"arn:aws:iam::111122223333:user/missing"})",
       "\"AWS\":\"arn:aws:iam::111122223333:user/missing\""},
      {R"({"AWS":"arn:aws:iam::111122223333:user/u"})",
       "\"AWS\":\"arn:aws:iam::111122223333:user/u\""},
      {R"({"AWS":"arn:aws:iam::111122223333:group/g"})",
       "\"AWS\":\"arn:aws:iam::111122223333:group/g\""},
      {R"({"AWS":"arn:aws:sts::111122223333:assumed-role/missing/s"})",
       "\"AWS\":\"arn:aws:sts::111122223333:assumed-role/missing/s\""},
      {R"({"AWS":"arn:aws:iam::4444:root"})", "\"AWS\":\"arn:aws:iam::4444:root\""},
      {R"({"AWS":"arn:nowhere:iam::444455556666:root"})",
       "\"AWS\":\"arn:nowhere:iam::444455556666:root\""},
      {R"({"AWS":"arn:*:iam::444455556666:root"})", "\"AWS\":\"arn:*:iam::444455556666:root\""},
      {R"({"AWS":"arn:aws:iam::444455556666:user/"})",
       "\"AWS\":\"arn:aws:iam::444455556666:user/\""},
      {R"({"AWS":"arn:aws:iam::44445555666:role/r"})",
       "\"AWS\":\"arn:aws:iam::44445555666:role/r\""},
      {R"({"AWS":"arn:aws:iam::444455556666:group/g"})",
       "\"AWS\":\"arn:aws:iam::444455556666:group/g\""},
      {R"({"AWS":"AROA0000000000000009"})", "\"AWS\":\"AROA0000000000000009\""}};
  for (const auto& [principal, words] : refused) {
    const auto result = pin_principals(*trust_of(principal), directory, Profile::Trust);
    ASSERT_FALSE(result.has_value()) << principal;
    EXPECT_EQ(result.error().message, "Invalid principal in policy: " + words);
    EXPECT_EQ(pin_principals(*trust_of(principal), directory, Profile::Bucket).error().message,
              "Invalid principal in policy");
  }
}

TEST(Pins, AcceptOtherAccountsAndLetThemMatchNobody) {
  const FakeDirectory directory;
  const DocumentRef document = trust_of(
      R"({"AWS":["444455556666","arn:aws:iam::444455556666:root","arn:aws:iam::444455556666:user/p/u",)"
      R"("arn:aws:iam::444455556666:role/r","arn:aws:sts::444455556666:assumed-role/r/s"]})");

  const auto pins = pin_principals(*document, directory, Profile::Trust);

  ASSERT_TRUE(pins.has_value());
  ASSERT_EQ(pins->size(), 3U);
  for (const PrincipalPin& pin : *pins) {
    EXPECT_EQ(pin.id, kForeignEntity);
  }
  EXPECT_TRUE(pin_principals(*document, directory, Profile::Bucket).has_value());
  const std::string shown = show_document(*document, *pins, directory);
  EXPECT_NE(shown.find("[\"arn:aws:iam::444455556666:root\",\"arn:aws:iam::444455556666:root\","
                       "\"arn:aws:iam::444455556666:user/p/u\","
                       "\"arn:aws:iam::444455556666:role/r\","
                       "\"arn:aws:sts::444455556666:assumed-role/r/s\"]"),
            std::string::npos);
}

TEST(Pins, ShowPresentNamesAndBareIdsOfTheDeparted) {
  FakeDirectory directory;
  const DocumentRef document = trust_of(
      R"({"AWS":[ "arn:aws:iam::111122223333:user/p/u" ,"111122223333","arn:aws:iam::111122223333:role/r"]})");
  const auto pins = pin_principals(*document, directory, Profile::Trust);
  ASSERT_TRUE(pins.has_value());
  EXPECT_NE(show_document(*document, *pins, directory)
                .find("[ \"arn:aws:iam::111122223333:user/p/u\" ,"
                      "\"arn:aws:iam::111122223333:root\","
                      "\"arn:aws:iam::111122223333:role/r\"]"),
            std::string::npos);

  directory.entities = {{"arn:aws:iam::111122223333:user/renamed", "AIDA0000000000000001"}};

  const std::string shown = show_document(*document, *pins, directory);
  EXPECT_NE(shown.find("user/renamed"), std::string::npos);
  EXPECT_NE(shown.find("\"AROA0000000000000001\""), std::string::npos);
  EXPECT_EQ(shown.find("role/r"), std::string::npos);
}

TEST(Document, KeepsTheTextItWasGiven) {
  const std::string text =
      "{ \"Version\" : \"2012-10-17\",\n \"Statement\": [ {\"Effect\":\"Allow\", "
      "\"Action\":[\"s3:*\"],\"Resource\":\"*\"} ] }";
  const auto document = Document::parse(text);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ((*document)->text(), text);
  const Statement& statement = (*document)->statements()[0];
  EXPECT_EQ(position_of(text, statement.span.begin).line, 2U);
  EXPECT_EQ(position_of(text, statement.span.begin).column, 17U);
}

TEST(Document, ListsContextKeysOnceInOrder) {
  const auto document = Document::parse(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*",)"
      R"("Resource":"arn:aws:s3:::b/${aws:username}/${*}","Condition":{"StringEquals":{"AWS:UserName":"x",)"
      R"("aws:PrincipalTag/t":"${aws:userid, 'd'}"},"NumericLessThan":{"s3:max-keys":"${no}"}}}})");
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(context_keys(**document),
            (std::vector<std::string>{
                "aws:username", "aws:PrincipalTag/t", "aws:userid", "s3:max-keys"}));
}

TEST(Document, ManagedPoliciesOfTheCatalogueAreValid) {
  for (const facts::ManagedPolicy& policy : facts::managed_policies()) {
    const auto result = validate(policy.document, {});
    EXPECT_TRUE(result.has_value()) << policy.arn << ": " << (result ? "" : result.error().message);
  }
}

}  // namespace
}  // namespace signet::policy
