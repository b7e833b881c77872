#include "iam/policy_summary.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "facts/quotas.h"

namespace signet::iam {
namespace {

identity::DelegationRequest request_for(std::string policy) {
  identity::DelegationRequest request;
  request.account = "444455556666";
  request.session_seconds = 300;
  request.policy = identity::make_document(std::move(policy));
  return request;
}

// What the statements of a policy are said to be, without the two sentences before them.
std::string said_of(std::string policy) {
  const std::string text = delegation_summary(request_for(std::move(policy)));
  return text.substr(text.find('\n', text.find('\n') + 1) + 1);
}

std::string statement(std::string_view members) {
  return concat(R"({"Version":"2012-10-17","Statement":{)", members, "}}");
}

TEST(PolicySummary, SaysWhoAsksAndForHowLong) {
  identity::DelegationRequest request =
      request_for(statement(R"("Effect":"Allow","Action":"*","Resource":"*")"));
  EXPECT_TRUE(delegation_summary(request).starts_with(
      "Account 444455556666 asks for temporary access to your account, for 5 minutes once its "
      "token is sent.\n"));
  request.requestor_name = "Partner";
  request.owner_account = "111122223333";
  request.session_seconds = 7200;
  EXPECT_TRUE(
      delegation_summary(request).starts_with("Partner (account 444455556666) asks for temporary "
                                              "access to account 111122223333, for 2 hours once"));
  request.session_seconds = 301;
  EXPECT_NE(delegation_summary(request).find("for 301 seconds"), std::string::npos);
}

TEST(PolicySummary, SaysWhatStatementsSay) {
  EXPECT_EQ(said_of(statement(R"("Effect":"Allow","Action":["a:B","a:C"],"Resource":"arn:x")")),
            "- It may do a:B, a:C on arn:x.\n");
  EXPECT_EQ(said_of(statement(R"("Effect":"Allow","Action":"*","Resource":"*")")),
            "- It may do everything on every resource.\n");
  EXPECT_EQ(
      said_of(statement(R"("Effect":"Deny","NotAction":"a:*","NotResource":["arn:x","arn:y"])")),
      "- It may never do anything except a:* on anything except arn:x, arn:y.\n");
}

TEST(PolicySummary, LeavesNoConditionOut) {
  EXPECT_EQ(
      said_of(statement(
          R"("Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"StringEquals":{"aws:a":["1","2"],"aws:b":"3"},"Bool":{"aws:c":true}})")),
      "- It may do a:B on every resource, only if StringEquals aws:a 1, 2; StringEquals aws:b 3; "
      "Bool aws:c true.\n");
}

TEST(PolicySummary, CountsWhatDoesNotFit) {
  std::string statements;
  for (int i = 0; i < 300; ++i) {
    statements += concat(i == 0 ? "" : ",",
                         R"({"Effect":"Allow","Action":"service:Action)",
                         std::to_string(i),
                         R"(","Resource":"arn:aws:service:::resource-of-this-name"})");
  }
  const auto request =
      request_for(concat(R"({"Version":"2012-10-17","Statement":[)", statements, "]}"));
  for (const auto language :
       {facts::Language::German, facts::Language::Japanese, facts::Language::Chinese}) {
    EXPECT_LE(delegation_summary(request, language).size(), facts::kSummaryCharacters);
  }
  const std::string text = delegation_summary(request);
  EXPECT_LE(text.size(), facts::kSummaryCharacters);
  EXPECT_NE(text.find("more statements are too long for this summary; read the policy itself.\n"),
            std::string::npos);
}

TEST(PolicySummary, SaysThatNothingIsAllowedByWhatCannotBeRead) {
  EXPECT_EQ(said_of("{"), "Its policy cannot be read: it allows nothing.\n");
}

}  // namespace
}  // namespace signet::iam
