#include "identity/settings.h"

#include <gtest/gtest.h>

namespace signet::identity {
namespace {

std::string text_of(const std::vector<model::Tag>& settings) {
  std::string text;
  for (const model::Tag& one : settings) {
    text += one.key + "=" + one.value + ";";
  }
  return text;
}

TEST(Settings, AreReplacedAndTakenAwayInTheOrderOfTheirNames) {
  std::vector<model::Tag> settings;
  set_setting(settings, "b", "1");
  set_setting(settings, "c", "2");
  set_setting(settings, "a", "");
  set_setting(settings, "none", std::nullopt);
  EXPECT_EQ(text_of(settings), "a=;b=1;c=2;");
  set_setting(settings, "b", "3");
  set_setting(settings, "c", std::nullopt);
  EXPECT_EQ(text_of(settings), "a=;b=3;");
}

TEST(Settings, AreFoundByTheirWholeNames) {
  const std::vector<model::Tag> settings{{.key = "ab", .value = "1"}};
  ASSERT_NE(find_setting(settings, "ab"), nullptr);
  EXPECT_EQ(*find_setting(settings, "ab"), "1");
  EXPECT_EQ(find_setting(settings, "a"), nullptr);
  EXPECT_EQ(find_setting(settings, "abc"), nullptr);
}

}  // namespace
}  // namespace signet::identity
