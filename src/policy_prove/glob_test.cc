#include "policy_prove/glob.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace signet::policy::prove {
namespace {

// A text in all of `inside` and none of `outside`.
FoundText find(const std::vector<std::string_view>& inside,
               const std::vector<std::string_view>& outside,
               std::uint64_t units = 100'000'000) {
  std::vector<Language> languages;
  for (const auto* list : {&inside, &outside}) {
    for (const std::string_view pattern : *list) {
      languages.push_back({.globs = {make_glob(pattern)}});
    }
  }
  std::vector<Side> sides;
  for (std::size_t i = 0; i < languages.size(); ++i) {
    sides.push_back({.language = &languages[i], .is_inside = i < inside.size()});
  }
  Budget budget(units);
  FoundText found = find_text(sides, {}, budget);
  for (std::size_t i = 0; i < languages.size() && found.outcome == FoundText::Outcome::Found; ++i) {
    EXPECT_EQ(languages[i].contains(found.text), i < inside.size()) << found.text;
  }
  return found;
}

TEST(Glob, FindsATextOrProvesThatThereIsNone) {
  using enum FoundText::Outcome;
  EXPECT_EQ(find({"a*"}, {"ab*"}).outcome, Found);
  EXPECT_EQ(find({"ab*"}, {"a*"}).outcome, None);
  EXPECT_EQ(find({"a*c", "*bc"}, {}).text, "abc");
  EXPECT_EQ(find({"*a*", "*b*"}, {"*ab*"}).text, "ba");
  EXPECT_EQ(find({"a?c"}, {"abc"}).outcome, Found);
  EXPECT_EQ(find({"*"}, {"", "?", "??*"}).outcome, None);
  EXPECT_EQ(find({"x\xC3\xA9?"}, {}).text.size(), 4U) << "one code point is one question mark";
  EXPECT_EQ(find({"a*b*c"}, {"a*c"}).outcome, None);
  EXPECT_EQ(find({"a*c"}, {"a*b*c"}).text, "ac");
}

TEST(Glob, NamesThePatternsThatContradict) {
  const FoundText found = find({"a*", "*z"}, {"*q*", "a*", "*w"});
  ASSERT_EQ(found.outcome, FoundText::Outcome::None);
  EXPECT_EQ(found.is_needed, (std::vector<bool>{true, false, false, true, false}));
}

TEST(Glob, GivesUpWhereTheBudgetEnds) {
  EXPECT_EQ(find({"*a*b*c*d*e*f*"}, {"*f*e*d*c*b*a*", "*aa*"}, 10).outcome,
            FoundText::Outcome::TooLarge);
}

TEST(Glob, PartsOfArnsTakeNoColon) {
  const Language head{.globs = {make_glob("a*", true)}};
  EXPECT_TRUE(head.contains("abc"));
  EXPECT_FALSE(head.contains("ab:c"));
}

TEST(Glob, AtomsAreTheSetsOfPatternsThatATextLiesIn) {
  const std::vector<Glob> globs{make_glob("get*"), make_glob("*object"), make_glob("getobject")};
  std::vector<Atom> atoms;
  Budget budget(100'000'000);
  ASSERT_TRUE(find_atoms(globs, {}, budget, atoms));
  EXPECT_EQ(atoms.size(), 5U);  // none, get, object, get and object, all three
  for (const Atom& atom : atoms) {
    for (std::size_t g = 0; g < globs.size(); ++g) {
      const Language language{.globs = {globs[g]}};
      EXPECT_EQ(language.contains(atom.text), atom.inside[g]) << atom.text;
    }
  }
}

}  // namespace
}  // namespace signet::policy::prove
