#include "facts/finding_words.h"

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

TEST(FindingSentence, KeepsWhatTheDocumentSays) {
  EXPECT_EQ(finding_sentence("the service s3 has no action \"GetObjekt\"", Language::German),
            "Der Dienst s3 hat keine Aktion \u201eGetObjekt\u201c");
  EXPECT_EQ(finding_sentence("the service s3 has no action \"a {service} b\"", Language::German),
            "Der Dienst s3 hat keine Aktion \u201ea {service} b\u201c");
  EXPECT_EQ(finding_sentence("ForAllValues is true when aws:TagKeys is absent; add \"Null\": "
                             "{\"aws:TagKeys\": \"false\"}",
                             Language::German),
            "ForAllValues ist wahr, wenn aws:TagKeys fehlt; \"Null\": {\"aws:TagKeys\": "
            "\"false\"} hinzuf\u00fcgen");
}

TEST(FindingSentence, TellsAGuessAndThePhrasesInItsPlaces) {
  EXPECT_EQ(finding_sentence("no region is called \"eu-west-9\": did you mean \"eu-west-1\"?",
                             Language::German),
            "Keine Region hei\u00dft \u201eeu-west-9\u201c: Meinten Sie \u201eeu-west-1\u201c?");
  EXPECT_EQ(
      finding_sentence("wrong JSON type: an entry of a principal is a string", Language::German),
      "Falscher JSON-Typ: ein Eintrag von Principal ist eine Zeichenkette");
}

TEST(FindingSentence, LeavesEnglishAndWhatItDoesNotKnow) {
  const char* known = "add a Statement";
  EXPECT_EQ(finding_sentence(known, Language::English), known);
  EXPECT_NE(finding_sentence(known, Language::Japanese), known);
  EXPECT_EQ(finding_sentence("nobody says this", Language::Chinese), "nobody says this");
  EXPECT_EQ(finding_sentence("", Language::Chinese), "");
}

}  // namespace
}  // namespace signet::facts
