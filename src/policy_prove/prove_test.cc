#include "policy_prove/prove.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"

namespace signet::policy::prove {
namespace {

std::string document(std::string_view statements) {
  return concat(R"({"Version":"2012-10-17","Statement":[)", statements, "]}");
}

std::string identity(std::string_view statements) {
  return concat(
      R"({"identity_policies":[)",
      document(statements),
      R"(],"resource_account":"111122223333","resource_policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}]}})");
}

Proof compare(std::string_view now, std::string_view before) {
  auto proof = find_new_access({.now = identity(now),
                                .before = identity(before),
                                .within = {},
                                .callers = Callers::Identities});
  EXPECT_TRUE(proof.has_value()) << proof.error();
  return proof ? *std::move(proof) : Proof();
}

constexpr std::string_view kRead =
    R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"})";

TEST(Prove, TheSamePolicyGrantsNothingNew) {
  EXPECT_EQ(compare(kRead, kRead).result, ProofResult::Pass);
}

TEST(Prove, AWiderResourceIsNewAccess) {
  const Proof proof =
      compare(R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::*"})", kRead);
  ASSERT_EQ(proof.result, ProofResult::Fail);
  std::puts(proof.witness->question.c_str());
}

TEST(Prove, ADenyTakesAway) {
  const Proof proof = compare(
      kRead,
      concat(
          kRead,
          R"(,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}})"));
  ASSERT_EQ(proof.result, ProofResult::Fail);
  std::puts(proof.witness->question.c_str());
}

TEST(Prove, TwoHalvesAreAWhole) {
  EXPECT_EQ(
      compare(
          kRead,
          R"({"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*","Condition":{"StringLike":{"aws:UserAgent":"a*"}}},
         {"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*","Condition":{"StringNotLike":{"aws:UserAgent":"a*"}}})")
          .result,
      ProofResult::Pass);
}

TEST(Prove, VariablesStandForThemselves) {
  constexpr std::string_view kHome =
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"})";
  EXPECT_EQ(compare(kHome, kHome).result, ProofResult::Pass);
  EXPECT_EQ(
      compare(kHome, R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"})").result,
      ProofResult::Pass);
  const Proof proof =
      compare(kHome, R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/a/*"})");
  ASSERT_EQ(proof.result, ProofResult::Fail) << proof.reason;
  std::puts(proof.witness->question.c_str());
}

}  // namespace
}  // namespace signet::policy::prove
