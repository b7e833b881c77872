#include <string>

#include <gtest/gtest.h>

#include "codec/json.h"
#include "ctl/command_for_test.h"

namespace signet::ctl {
namespace {

constexpr std::string_view kRead =
    R"({"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]})";
constexpr std::string_view kMore =
    R"({"Version":"2012-10-17","Statement":[{"Sid":"More","Effect":"Allow","Action":["s3:GetObject","s3:GetObjectAcl"],"Resource":"arn:aws:s3:::b/*"}]})";

class PolicyProveTest : public CommandTest {
 protected:
  Ran compare(std::string_view old_text, std::string_view new_text, const std::string& output) {
    return signet({"policy",
                   "prove",
                   "no-new-access",
                   "--old",
                   file("old.json", old_text),
                   "--new",
                   file("new.json", new_text),
                   "--output",
                   output});
  }
};

TEST_F(PolicyProveTest, APassExitsZero) {
  const Ran ran = compare(kMore, kRead, "text");
  EXPECT_EQ(ran.code, kOk);
  EXPECT_EQ(ran.out, "PASS: the new policies allow nothing that the old ones do not\n");
}

TEST_F(PolicyProveTest, AFailExitsOneAndShowsARequestThatTheBatchTakes) {
  const Ran ran = compare(kRead, kMore, "text");
  EXPECT_EQ(ran.code, kFindings);
  EXPECT_NE(ran.out.find("  action      s3:GetObjectAcl\n"), std::string::npos) << ran.out;
  const std::size_t at = ran.out.find("{\"principal\"");
  ASSERT_NE(at, std::string::npos) << ran.out;
  const Ran decided = signet_reading(ran.out.substr(at), {"policy", "eval", "--batch"});
  EXPECT_NE(decided.out.find(R"("verdict":"Allowed")"), std::string::npos) << decided.out;
}

TEST_F(PolicyProveTest, JsonHoldsTheWitness) {
  const Ran ran = compare(kRead, kMore, "json");
  EXPECT_EQ(ran.code, kFindings);
  const auto json = codec::Json::parse(ran.out);
  ASSERT_TRUE(json.has_value()) << ran.out;
  EXPECT_EQ(json->string_at("result"), "FAIL");
  const codec::Json* witness = json->find("witness");
  ASSERT_NE(witness, nullptr);
  EXPECT_EQ(witness->string_at("action"), "s3:GetObjectAcl");
  EXPECT_EQ(witness->find("allowed_by")->items()[0].string_at("sid"), "More");
}

TEST_F(PolicyProveTest, UnknownHasAnExitStatusOfItsOwn) {
  const std::string trust = file(
      "trust.json",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"*"},"Action":"sts:AssumeRoleWithWebIdentity"}]})");
  const Ran ran = signet({"policy", "prove", "no-public-access", "--profile", "trust", trust});
  EXPECT_EQ(ran.code, kUndecided);
  EXPECT_TRUE(ran.out.starts_with("UNKNOWN: ")) << ran.out;
}

TEST_F(PolicyProveTest, AccessThatIsNotGrantedPasses) {
  const std::string read = file("read.json", kRead);
  EXPECT_EQ(
      signet({"policy", "prove", "access-not-granted", "--policy", read, "--action", "s3:Put*"})
          .code,
      kOk);
  EXPECT_EQ(
      signet({"policy", "prove", "access-not-granted", "--policy", read, "--action", "s3:*"}).code,
      kFindings);
  EXPECT_EQ(signet({"policy",
                    "prove",
                    "access-not-granted",
                    "--policy",
                    read,
                    "--resource",
                    "arn:aws:s3:::c/*"})
                .code,
            kOk);
}

TEST_F(PolicyProveTest, StatementsThatCanBeLeftOutAreListed) {
  const Ran ran =
      signet({"policy", "prove", "redundant", file("read.json", kRead), file("more.json", kMore)});
  EXPECT_EQ(ran.code, kFindings);
  EXPECT_EQ(
      ran.out,
      "REDUNDANT: " + path("read.json") + ", statement 1 (Read): without it the same is allowed\n");
}

TEST_F(PolicyProveTest, ADocumentAndAQuestionAreNotCompared) {
  const Ran ran = compare(kRead, R"({"identity_policies":[]})", "text");
  EXPECT_EQ(ran.code, kFailure);
  EXPECT_EQ(ran.out, "");
}

TEST_F(PolicyProveTest, AFileThatIsNoPolicyIsAFailure) {
  const Ran ran = compare(kRead, "{", "text");
  EXPECT_EQ(ran.code, kFailure);
  EXPECT_EQ(ran.out, "");
  EXPECT_FALSE(ran.err.empty());
}

}  // namespace
}  // namespace signet::ctl
