#include "policy_writing/public_access.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::policy {
namespace {

bool is_public_statement(const std::string& members) {
  const auto document =
      Document::parse(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",)"
                      R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",)" +
                      members + "}}");
  EXPECT_TRUE(document.has_value()) << members;
  return document && is_public(**document);
}

bool is_public_under(const std::string& condition) {
  return is_public_statement(R"("Principal":"*","Condition":)" + condition);
}

TEST(PublicAccess, EverybodyIsPublicHoweverItIsWritten) {
  EXPECT_TRUE(is_public_statement(R"("Principal":"*")"));
  EXPECT_TRUE(is_public_statement(R"("Principal":{"AWS":"*"})"));
  EXPECT_TRUE(is_public_statement(R"("Principal":{"AWS":["111111111111","*"]})"));
  EXPECT_TRUE(is_public_statement(R"("NotPrincipal":{"AWS":"111111111111"})"));
}

TEST(PublicAccess, SomebodyInParticularIsNot) {
  EXPECT_FALSE(is_public_statement(R"("Principal":{"AWS":"arn:aws:iam::111111111111:root"})"));
  EXPECT_FALSE(is_public_statement(R"("Principal":{"Service":"logging.s3.amazonaws.com"})"));
}

TEST(PublicAccess, FixedValuesLimit) {
  for (
      const char* condition :
      {R"({"StringEquals":{"aws:SourceVpc":"vpc-91237329"}})",
       R"({"StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}})",
       R"({"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:111111111111:t"}})",
       R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","10.0.0.0/8","2001:db8::/32"]}})",
       R"({"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:111111111111:accesspoint/*"}})",
       R"({"ForAnyValue:StringEquals":{"aws:SourceAccount":"111111111111"}})"}) {
    EXPECT_FALSE(is_public_under(condition)) << condition;
  }
}

TEST(PublicAccess, WhatHoldsForStrangersDoesNotLimit) {
  for (const char* condition :
       {R"({"StringLike":{"aws:SourceVpc":"vpc-*"}})",
        R"({"StringEquals":{"aws:SourceVpc":"${aws:SourceVpc}"}})",
        R"({"StringEquals":{"aws:SourceVpc":[]}})",
        R"({"StringEquals":{"aws:SourceVpc":["vpc-1","vpc-*"]}})",
        R"({"StringNotEquals":{"aws:SourceVpc":"vpc-1"}})",
        R"({"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}})",
        R"({"ForAllValues:StringEquals":{"aws:SourceVpc":"vpc-1"}})",
        R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}})",
        R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/0"]}})",
        R"({"IpAddress":{"aws:SourceIp":"::/16"}})",
        R"({"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}})",
        R"({"StringEquals":{"aws:UserAgent":"secret"}})",
        R"({"StringLike":{"aws:userid":"AROAEXAMPLE:*"}})",
        R"({"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:*:accesspoint/x"}})",
        R"({"Bool":{"aws:SecureTransport":"true"}})"}) {
    EXPECT_TRUE(is_public_under(condition)) << condition;
  }
}

TEST(PublicAccess, DenialsGrantNothing) {
  const auto document = Document::parse(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}})");

  ASSERT_TRUE(document.has_value());
  EXPECT_FALSE(is_public(**document));
}

}  // namespace
}  // namespace signet::policy
