#include <string>

#include <gtest/gtest.h>

#include "codec/json.h"
#include "ctl/command_for_test.h"

namespace signet::ctl {
namespace {

constexpr std::string_view kGood =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]})";
constexpr std::string_view kMisspelt =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObjekt","Resource":"*"}]})";
constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/ana";

class PolicyCommandTest : public CommandTest {
 protected:
  // `policy explain` of one question to the good policy.
  Ran explain(const std::string& action, const std::string& format) {
    return signet({"policy",
                   "explain",
                   "--principal",
                   std::string(kUser),
                   "--action",
                   action,
                   "--resource",
                   "arn:aws:s3:::b/k",
                   "--policy",
                   file("good.json", kGood),
                   "--format",
                   format});
  }
};

TEST_F(PolicyCommandTest, ADocumentWithoutFindingsExitsZeroAndSaysWhatWasChecked) {
  const Ran ran = signet({"policy", "check", file("good.json", kGood)});
  EXPECT_EQ(ran.code, kOk);
  EXPECT_EQ(ran.out, "checked 1 document, 1 statement as identity policy: no findings\n");
}

TEST_F(PolicyCommandTest, AFindingNamesFileLineAndColumnAndExitsOne) {
  const std::string name = file("misspelt.json", kMisspelt);
  const Ran ran = signet({"policy", "check", name});
  EXPECT_EQ(ran.code, kFindings);
  EXPECT_TRUE(ran.out.starts_with(name + ":1:65: error: ")) << ran.out;
  EXPECT_NE(ran.out.find("did you mean \"GetObject\"?"), std::string::npos) << ran.out;
}

TEST_F(PolicyCommandTest, EachFileIsChecked) {
  const std::string bad = file("misspelt.json", kMisspelt);
  const Ran ran = signet({"policy", "check", file("good.json", kGood), bad});
  EXPECT_EQ(ran.code, kFindings);
  EXPECT_NE(ran.out.find("checked 2 documents, 2 statements"), std::string::npos) << ran.out;
}

TEST_F(PolicyCommandTest, AnIgnoredFindingIsNone) {
  const Ran ran =
      signet({"policy", "check", "--ignore", "INVALID_ACTION", file("misspelt.json", kMisspelt)});
  EXPECT_EQ(ran.code, kOk);
  EXPECT_EQ(ran.out.find("GetObjekt"), std::string::npos) << ran.out;
}

TEST_F(PolicyCommandTest, AQuestionWithoutPoliciesSaysSo) {
  const Ran ran =
      signet({"policy", "explain", "--principal", std::string(kUser), "--action", "s3:GetObject"});
  EXPECT_EQ(ran.code, kOk);
  EXPECT_NE(ran.err.find("no policy was given, so nothing can allow"), std::string::npos)
      << ran.err;
  EXPECT_NE(ran.out.find("no policy of any kind applies"), std::string::npos) << ran.out;
}

TEST_F(PolicyCommandTest, AnActionThatThereIsNotIsNoted) {
  const Ran ran = explain("s3:GetObjct", "json");
  EXPECT_EQ(ran.code, kOk);
  EXPECT_NE(ran.err.find("AWS has no action s3:GetObjct: did you mean \"GetObject\"?"),
            std::string::npos)
      << ran.err;
  EXPECT_TRUE(codec::Json::parse(ran.out).has_value()) << "standard output is JSON alone";
  EXPECT_EQ(explain("s3:GetObject", "text").err, "");
}

TEST_F(PolicyCommandTest, ARequestThatNoRecordKnowsIsAFailure) {
  const Ran ran = signet({"policy", "explain", "--data", path("none"), "--request-id", "x"});
  EXPECT_EQ(ran.code, kFailure);
  EXPECT_NE(ran.err.find("no record of request x in "), std::string::npos) << ran.err;
}

TEST_F(PolicyCommandTest, JsonHoldsWhatTheTextSays) {
  const Ran ran = signet({"policy", "check", "--format", "json", file("misspelt.json", kMisspelt)});
  EXPECT_EQ(ran.code, kFindings);
  const auto json = codec::Json::parse(ran.out);
  ASSERT_TRUE(json.has_value()) << ran.out;
  ASSERT_EQ(json->items().size(), 1U);
  EXPECT_EQ(json->items()[0].string_at("code"), "InvalidAction");
  EXPECT_EQ(json->items()[0].string_at("severity"), "error");
}

TEST_F(PolicyCommandTest, StandardInputIsAFileToo) {
  const Ran ran = signet_reading("{bad", {"policy", "check", "-"});
  EXPECT_EQ(ran.code, kFindings);
  EXPECT_NE(ran.out.find("Syntax errors in policy."), std::string::npos) << ran.out;
}

TEST_F(PolicyCommandTest, AFileThatCannotBeReadIsAFailureAndNoFinding) {
  const Ran ran = signet({"policy", "check", path("nothing.json")});
  EXPECT_EQ(ran.code, kFailure);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "signet: cannot read " + path("nothing.json") + "\n");
}

TEST_F(PolicyCommandTest, ExplainShowsTheStatementThatAllows) {
  const Ran ran = explain("s3:GetObject", "text");
  EXPECT_EQ(ran.code, kOk);
  EXPECT_TRUE(ran.out.starts_with("Allowed (identity)\n")) << ran.out;
  EXPECT_NE(ran.out.find("=> identity"), std::string::npos) << ran.out;
}

TEST_F(PolicyCommandTest, ADenialIsExplainedToo) {
  const Ran ran = explain("s3:PutObject", "text");
  EXPECT_EQ(ran.code, kOk) << "a verdict is no failure of the command";
  EXPECT_TRUE(ran.out.starts_with("ImplicitlyDenied (identity)\n")) << ran.out;
  EXPECT_NE(ran.out.find("no  Action: s3:GetObject  <-  s3:PutObject"), std::string::npos)
      << ran.out;
}

TEST_F(PolicyCommandTest, AnExplanationInJsonNamesTheVerdict) {
  const auto json = codec::Json::parse(explain("s3:PutObject", "json").out);
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->string_at("verdict"), "ImplicitlyDenied");
  EXPECT_EQ(json->string_at("action"), "s3:PutObject");
}

TEST_F(PolicyCommandTest, AQuestionThatCannotBeReadIsAFailure) {
  const Ran ran = signet({"policy", "explain", file("question.json", "nonsense")});
  EXPECT_EQ(ran.code, kFailure);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err, "");
}

TEST_F(PolicyCommandTest, ABatchAnswersEachLineInOrderAndTellsABadOneAtTheEnd) {
  const std::string question =
      R"({"id":7,"principal":"arn:aws:iam::111122223333:user/ana","action":"s3:GetObject",)"
      R"("resource":"arn:aws:s3:::b/k","identity_policies":[)" +
      std::string(kGood) + "]}\n";
  const Ran whole = signet_reading(question, {"policy", "eval", "--batch"});
  EXPECT_EQ(whole.code, kOk);
  EXPECT_TRUE(whole.out.starts_with(R"({"id":7,"verdict":"Allowed","reason":"identity")"))
      << whole.out;

  const Ran broken = signet_reading("nonsense\n\n" + question, {"policy", "eval", "--batch"});
  EXPECT_EQ(broken.code, kFindings);
  EXPECT_TRUE(broken.out.starts_with(R"({"id":null,"error":)")) << broken.out;
  EXPECT_TRUE(broken.out.ends_with(whole.out)) << broken.out;
}

}  // namespace
}  // namespace signet::ctl
