#include "policy_telling/words.h"

#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"

namespace signet::policy {
namespace {

std::string said_of(std::string_view members, facts::Language language = facts::Language::English) {
  const auto document = Document::parse(concat(R"({"Statement":{)", members, "}}"));
  if (!document) {
    return document.error().message;
  }
  return sentence_of(**document, (*document)->statements().front(), language);
}

TEST(SentenceOf, SaysWhatMayBeDoneOnWhat) {
  EXPECT_EQ(said_of(R"("Effect":"Allow","Action":["a:B","a:C"],"Resource":"arn:x")"),
            "It may do a:B, a:C on arn:x.");
  EXPECT_EQ(said_of(R"("Effect":"Allow","Action":"*","Resource":"*")"),
            "It may do everything on every resource.");
}

TEST(SentenceOf, SaysExceptForWhatIsNegated) {
  EXPECT_EQ(said_of(R"("Effect":"Deny","NotAction":"a:*","NotResource":["arn:x","arn:y"])"),
            "It may never do anything except a:* on anything except arn:x, arn:y.");
  EXPECT_EQ(
      said_of(R"("Effect":"Deny","NotPrincipal":{"AWS":"arn:u"},"Action":"a:B","Resource":"*")"),
      "Everybody except AWS arn:u may never do a:B on any resource.");
  EXPECT_EQ(said_of(R"("Effect":"Deny","Action":"*","Resource":"*")"),
            "It may never do anything on any resource.");
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
  EXPECT_EQ(
      said_of(
          R"("Effect":"Deny","Action":"a:B","Resource":"*","Condition":{"Bool":{"k":"false"}})"),
      "It may never do a:B on any resource, if Bool k false.");
}

// Names, values and operators stand in every language as they are written.
TEST(SentenceOf, LeavesNothingOutInAnyLanguage) {
  const std::string_view statement =
      R"("Effect":"Deny","NotPrincipal":{"AWS":"arn:u"},"NotAction":"a:B","NotResource":"arn:x","Condition":{"Bool":{"k":"false"}})";
  for (const auto language :
       {facts::Language::German, facts::Language::Japanese, facts::Language::Chinese}) {
    const std::string said = said_of(statement, language);
    for (const char* part : {"AWS arn:u", "a:B", "arn:x", "Bool k false"}) {
      EXPECT_NE(said.find(part), std::string::npos) << said << " lacks " << part;
    }
  }
}

TEST(SentenceOf, SpeaksTheLanguage) {
  const std::string_view statement = R"("Effect":"Allow","Action":"a:B","Resource":"*")";
  EXPECT_EQ(said_of(statement, facts::Language::German),
            "Die Identit\u00e4t darf ausf\u00fchren: a:B auf allen Ressourcen.");
  EXPECT_EQ(said_of(R"("Effect":"Deny","Principal":"*","Action":"*","Resource":"*")",
                    facts::Language::German),
            "Jeder darf niemals ausf\u00fchren: alle Aktionen auf allen Ressourcen.");
  EXPECT_EQ(said_of(statement, facts::Language::Chinese),
            "\u8be5\u8eab\u4efd\u53ef\u4ee5\u5bf9\u6240\u6709\u8d44\u6e90\u6267\u884c a:B\u3002");
}

}  // namespace
}  // namespace signet::policy
