#include "iam/allowed_services.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"

namespace signet::iam {
namespace {

// A document of one statement.
policy::DocumentRef document(std::string_view effect, std::string_view member) {
  auto parsed = policy::Document::parse(concat(R"({"Version":"2012-10-17","Statement":{"Effect":")",
                                               effect,
                                               R"(","Resource":"*",)",
                                               member,
                                               "}}"));
  EXPECT_TRUE(parsed);
  return *parsed;
}

policy::DocumentRef allow(std::string_view member) {
  return document("Allow", member);
}

TEST(AllowedServices, AreThoseOfWhichAnActionIsAllowed) {
  const auto reads = allow(R"("Action":["S3:Get*","iam:ListUsers"])");

  EXPECT_TRUE(allows_service(*reads, "s3"));
  EXPECT_TRUE(allows_service(*reads, "iam"));
  EXPECT_FALSE(allows_service(*reads, "sts"));
  EXPECT_FALSE(allows_service(*reads, "s3express"));
  EXPECT_FALSE(allows_service(*allow(R"("Action":"s3:NoSuchAction")"), "s3"));
  EXPECT_TRUE(allows_service(*allow(R"("Action":"*")"), "dynamodb"));
  EXPECT_TRUE(allows_service(*allow(R"("Action":"s3*:*")"), "s3express"));
}

TEST(AllowedServices, AreNotThoseThatAreDenied) {
  EXPECT_FALSE(allows_service(*document("Deny", R"("Action":"s3:*")"), "s3"));
  EXPECT_FALSE(allows_service(*document("Deny", R"("NotAction":"iam:*")"), "s3"));
}

TEST(DeniedServices, AreThoseOfWhichNothingIsLeft) {
  EXPECT_TRUE(denies_service(*document("Deny", R"("Action":["iam:Get*","s3:*"])"), "s3"));
  EXPECT_TRUE(denies_service(*document("Deny", R"("Action":"*")"), "s3"));
  EXPECT_TRUE(denies_service(*document("Deny", R"("NotAction":"iam:*")"), "s3"));
  EXPECT_FALSE(denies_service(*document("Deny", R"("NotAction":"s3:Get*")"), "s3"));
  EXPECT_FALSE(denies_service(*document("Deny", R"("Action":"s3:Get*")"), "s3"));
  EXPECT_FALSE(denies_service(*document("Allow", R"("Action":"s3:*")"), "s3"));
  EXPECT_FALSE(denies_service(
      *document("Deny", R"("Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}})"),
      "s3"));
}

TEST(AllowedServices, AreWhatNotActionLeaves) {
  const auto others = allow(R"("NotAction":["iam:*","s3:Get*"])");

  EXPECT_TRUE(allows_service(*others, "s3"));
  EXPECT_TRUE(allows_service(*others, "sqs"));
  EXPECT_FALSE(allows_service(*others, "iam"));
  EXPECT_FALSE(allows_service(*allow(R"("NotAction":"*")"), "s3"));
}

TEST(AllowedServices, UnknownOnesAreTakenByTheirPrefix) {
  EXPECT_TRUE(allows_service(*allow(R"("Action":"nosuch:Do")"), "nosuch"));
  EXPECT_TRUE(allows_service(*allow(R"("Action":"*")"), "nosuch"));
  EXPECT_FALSE(allows_service(*allow(R"("Action":"s3:*")"), "nosuch"));
  EXPECT_TRUE(allows_service(*allow(R"("NotAction":"s3:*")"), "nosuch"));
}

TEST(AllowedServices, AreListedByPrefix) {
  const auto sts = allow(R"("Action":"sts:*")");
  const auto iam = allow(R"("Action":"iam:*")");
  const auto all = allow(R"("Action":"*")");

  const auto found = allowed_services({sts.get(), iam.get()});

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0]->prefix, "iam");
  EXPECT_EQ(found[0]->title, "AWS Identity and Access Management (IAM)");
  EXPECT_EQ(found[1]->prefix, "sts");
  EXPECT_EQ(allowed_services({all.get()}).size(), facts::services().size());
  EXPECT_TRUE(allowed_services({}).empty());
}

TEST(AllowedActions, AreThoseThatAPatternNames) {
  const auto reads = allow(R"("Action":["s3:Get*","iam:*"])");

  EXPECT_TRUE(allows_action(*reads, "s3", "GetObject"));
  EXPECT_FALSE(allows_action(*reads, "s3", "PutObject"));
  EXPECT_TRUE(allows_action(*reads, "iam", "CreateUser"));
  EXPECT_FALSE(allows_action(*reads, "sts", "GetObject"));
  EXPECT_FALSE(allows_action(*allow(R"("NotAction":"s3:Get*")"), "s3", "GetObject"));
  EXPECT_TRUE(allows_action(*allow(R"("NotAction":"s3:Get*")"), "iam", "GetUser"));
}

}  // namespace
}  // namespace signet::iam
