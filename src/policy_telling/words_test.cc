#include "policy_telling/words.h"

#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"

namespace signet::policy {
namespace {

std::string said_of(std::string_view members) {
  const auto document = Document::parse(concat(R"({"Statement":{)", members, "}}"));
  if (!document) {
    return document.error().message;
  }
  return sentence_of(**document, (*document)->statements().front());
}

TEST(SentenceOf, SaysWhatMayBeDoneOnWhat) {
  EXPECT_EQ(said_of(R"("Effect":"Allow","Action":["a:B","a:C"],"Resource":"arn:x")"),
            "It may do a:B, a:C on arn:x.");
  EXPECT_EQ(said_of(R"("Effect":"Allow","Action":"*","Resource":"*")"),
            "It may do everything on every resource.");
}

TEST(SentenceOf, SaysExceptForWhatIsNegated) {
  EXPECT_EQ(said_of(R"("Effect":"Deny","NotAction":"a:*","NotResource":["arn:x","arn:y"])"),
            "It may never do everything except a:* on everything except arn:x, arn:y.");
  EXPECT_EQ(
      said_of(R"("Effect":"Deny","NotPrincipal":{"AWS":"arn:u"},"Action":"a:B","Resource":"*")"),
      "Everybody except AWS arn:u may never do a:B on every resource.");
}

TEST(SentenceOf, SaysWhoIsTrusted) {
  EXPECT_EQ(said_of(R"("Effect":"Allow","Principal":"*","Action":"sts:AssumeRole")"),
            "Everybody may do sts:AssumeRole.");
  EXPECT_EQ(said_of(R"("Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole")"),
            "Everybody may do sts:AssumeRole.");
  EXPECT_EQ(
      said_of(
          R"("Effect":"Allow","Principal":{"AWS":["1","2"],"Service":"x.amazonaws.com"},"Action":"a:B")"),
      "AWS 1, 2, Service x.amazonaws.com may do a:B.");
}

TEST(SentenceOf, LeavesNoConditionOut) {
  EXPECT_EQ(
      said_of(
          R"("Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{"k":"true"},"StringLike":{"l":["x","y"]}})"),
      "It may do a:B on every resource, only if Bool k true; StringLike l x, y.");
}

}  // namespace
}  // namespace signet::policy
