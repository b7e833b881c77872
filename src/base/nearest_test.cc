#include "base/nearest.h"

#include <gtest/gtest.h>

namespace signet {
namespace {

std::string question(std::string_view word) {
  Nearest nearest(word);
  for (const std::string_view candidate : {"name", "path", "trust_policy", "policies"}) {
    nearest.offer(candidate);
  }
  return nearest.question("; ");
}

TEST(Nearest, AsksForWhatIsALetterAway) {
  EXPECT_EQ(question("polices"), "; did you mean \"policies\"?");
  EXPECT_EQ(question("Trust-Policy"), "; did you mean \"trust_policy\"?");
}

TEST(Nearest, TwoLettersSwappedAreOneChange) {
  EXPECT_EQ(question("nmae"), "; did you mean \"name\"?");
}

TEST(Nearest, SaysNothingOfWhatIsFar) {
  EXPECT_EQ(question("seed"), "");
  EXPECT_EQ(question(""), "");
  EXPECT_EQ(question("nwve"), "");
}

}  // namespace
}  // namespace signet
