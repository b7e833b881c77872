#include "policy_language/request_names.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "policy_engine/decide.h"
#include "policy_engine/impl/blocks.h"

namespace signet::policy {
namespace {

TEST(Bytes, ContainsAnswersAsFindDoes) {
  std::mt19937 numbers(7);  // NOLINT(cert-msc51-cpp): the same texts every time
  const auto text_of = [&numbers](std::size_t size) {
    std::string text(size, 'a');
    for (char& c : text) {
      c = static_cast<char>('a' + numbers() % 3);
    }
    return text;
  };
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = text_of(numbers() % 70);
    const std::string piece = text_of(numbers() % 8);
    ASSERT_EQ(contains(text, piece), text.find(piece) != std::string::npos) << text << ' ' << piece;
  }
  EXPECT_TRUE(contains("", ""));
  EXPECT_FALSE(contains("", "a"));
}

TEST(ShortTexts, AreEqualWhereTheirTextsAre) {
  const std::string_view texts[] = {"",
                                    "a",
                                    "b",
                                    "aa",
                                    std::string_view("a\0", 2),
                                    std::string_view("\0", 1),
                                    "us-east-1",
                                    "us-east-2",
                                    "us-west-1",
                                    "12345678",
                                    "123456789",
                                    "ap-southeast-2",
                                    "fifteen-letters",
                                    "fifteen-lettert",
                                    "111122223333",
                                    "111122223334"};
  for (const std::string_view a : texts) {
    EXPECT_FALSE(short_text(a).is_too_long()) << a;
    for (const std::string_view b : texts) {
      EXPECT_EQ(short_text(a) == short_text(b), a == b) << a << ' ' << b;
    }
  }
  EXPECT_TRUE(short_text("sixteen-letters!").is_too_long());
}

TEST(ShortTexts, KeepPartitionsApart) {
  EXPECT_EQ(short_lead("arn", "aws", "s3"), short_lead("arn", "aws", "s3"));
  EXPECT_NE(short_lead("arn", "aws", "s3"), short_lead("arn", "aws-cn", "s3"));
  EXPECT_NE(short_lead("arn", "aws-us-gov", "s3"), short_lead("arn", "aws-cn", "s3"));
  EXPECT_NE(short_lead("arn", "aws", "s3"), short_lead("arn", "aws", "s3x"));
  EXPECT_TRUE(short_lead("arn", "aws-iso", "s3").is_too_long());
  EXPECT_TRUE(short_lead("ARN", "aws", "s3").is_too_long());
  EXPECT_TRUE(short_lead("arn", "aws", "elasticloadbalancing").is_too_long());
}

TEST(ActionNames, AreTheSameInAnyCase) {
  const ActionName name("s3:GetObject");
  const ActionName other("S3:GETOBJECT");
  EXPECT_EQ(name.hash(), other.hash());
  EXPECT_EQ(name.folded(), other.folded());
  EXPECT_NE(name.hash(), ActionName("s3:GetObjects").hash());
  EXPECT_TRUE(ActionName("STS:AssumeRole").is_of_sts());
  EXPECT_TRUE(ActionName("kms:Sign").is_of_kms());
  EXPECT_FALSE(ActionName("sts2:X").is_of_special_service());
  EXPECT_FALSE(ActionName("").is_of_special_service());
}

TEST(ResourceNames, AreTakenApart) {
  const ResourceName arn("arn:aws:iam::111122223333:role/a:b");
  ASSERT_TRUE(arn.is_arn());
  EXPECT_EQ(arn.part(2), "iam");
  EXPECT_EQ(arn.part(3), "");
  EXPECT_EQ(arn.part(4), "111122223333");
  EXPECT_EQ(arn.part(5), "role/a:b");
  EXPECT_TRUE(ResourceName("*").is_anything());
  EXPECT_FALSE(ResourceName("*").is_arn());
  EXPECT_FALSE(ResourceName("arn:aws:s3:::").is_anything());
  EXPECT_FALSE(ResourceName("").is_arn());
}

// The verdict for a resource under a statement that allows one pattern.
bool is_allowed(std::string_view pattern, std::string_view resource) {
  const std::string text =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"x:Y","Resource":")" +
      std::string(pattern) + "\"}}";
  const auto set =
      PolicySet::make(SetKind::Identity, {{.policy = compile_text(text), .id = "p", .pins = {}}});
  const Principal user{.kind = PrincipalKind::User, .account = "111122223333"};
  return decide({.action = "x:Y", .resource = resource}, user, {}, {.identity = set.get()})
      .is_allowed();
}

// Texts shorter than the words they are compared in, and bytes that look like padding.
TEST(ResourceNames, AreMatchedHoweverShort) {
  struct Case {
    std::string_view pattern;
    std::string_view resource;
    bool is_allowed;
  };

  const Case cases[] = {
      {":::::", ":::::", true},
      {":::::a", ":::::a", true},
      {":::::a", ":::::", false},
      {":::::a*", ":::::ab", true},
      {"arn:aws:s3:::b", "arn:aws:s3:::b", true},
      {"arn:aws:s3:::b", "arn:aws:s3:::", false},
      {"arn:aws:s3:::b", "arn:aws:s3:::bc", false},
      {"arn:aws:s3:::b\\u0000", "arn:aws:s3:::b", false},
      {"arn:aws:s3:::\\u0000", "arn:aws:s3:::", false},
      {"arn:aws:s3:::b*", std::string_view("arn:aws:s3:::b\0", 15), true},
      {"arn:aws:s3:::12345678", "arn:aws:s3:::12345678", true},
      {"arn:aws:s3:::123456789", "arn:aws:s3:::12345678", false},
      {"arn:aws:s3:::12345678*", "arn:aws:s3:::1234567", false},
      {"arn:aws:s3:*:*:b", "arn:aws:s3:a-region-with-a-long-name::b", true},
      {"arn:aws:s3:a-region-with-a-long-name:*:b", "arn:aws:s3:a-region-with-a-long-name::b", true},
      {"arn:aws:s3:a-region-with-a-long-namf:*:b",
       "arn:aws:s3:a-region-with-a-long-name::b",
       false},
      {"arn:aws-iso:s3:::b", "arn:aws-iso:s3:::b", true},
      {"arn:aws-iso:s3:::b", "arn:aws-iso-b:s3:::b", false},
      {"arn:aws:elasticloadbalancing:*:*:b", "arn:aws:elasticloadbalancing:us-east-1::b", true},
      {"arn:aws:elasticloadbalancing:*:*:b", "arn:aws:elasticloadbalancinx:us-east-1::b", false},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(is_allowed(one.pattern, one.resource), one.is_allowed)
        << one.pattern << ' ' << one.resource;
  }
}

}  // namespace
}  // namespace signet::policy
