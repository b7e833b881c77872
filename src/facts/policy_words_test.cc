#include "facts/policy_words.h"

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

TEST(LanguageOf, KnowsTheLanguagesOfTheTable) {
  EXPECT_EQ(language_of("en"), Language::English);
  EXPECT_EQ(language_of("EN-us"), Language::English);
  EXPECT_EQ(language_of("de_AT"), Language::German);
  EXPECT_EQ(language_of("ja-JP"), Language::Japanese);
  EXPECT_EQ(language_of("zh-CN"), Language::Chinese);
  EXPECT_EQ(language_of("zh-Hans"), Language::Chinese);
}

TEST(LanguageOf, KnowsNoOther) {
  for (const char* other : {"", "-", "fr", "eng", "d", "zh-TW", "zh_Hant", "zh-HK"}) {
    EXPECT_EQ(language_of(other), std::nullopt) << other;
  }
}

TEST(Phrase, FillsPlacesOnce) {
  EXPECT_EQ(
      phrase(Words::SummaryNamed, Language::English, {{"account", "1"}, {"name", "{account}"}}),
      "{account} (account 1)");
  EXPECT_EQ(phrase(Words::Hours, Language::German, {{"number", "2"}}), "2 Stunden");
}

TEST(Phrase, LeavesAPlaceWithoutValueEmpty) {
  EXPECT_EQ(phrase(Words::Hour, Language::English), " hour");
}

}  // namespace
}  // namespace signet::facts
