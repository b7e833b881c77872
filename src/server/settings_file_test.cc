#include "server/settings_file.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::server {
namespace {

TEST(SettingsFile, IsReadInTheOrderOfItsLines) {
  const auto settings = parse_settings(
      "# comment\nlisten = \"0.0.0.0:9311\"\naudit-rotate = 16\naudit-required = true\n"
      "limit = [\"a=1\", \"b=2\"]\ntraces-share = 0.5\n",
      "f.toml");

  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->size(), 5U);
  EXPECT_EQ((*settings)[0].name, "listen");
  EXPECT_EQ((*settings)[0].line, 2);
  EXPECT_EQ((*settings)[1].values, std::vector<std::string>{"16"});
  EXPECT_EQ((*settings)[2].values, std::vector<std::string>{"true"});
  EXPECT_EQ((*settings)[3].values, (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(std::stod((*settings)[4].values[0]), 0.5);
}

TEST(SettingsFile, RefusesWhatNoFlagTakesWithItsLine) {
  for (const char* text : {"\n[serve]\nlisten = \"a\"\n",
                           "\nwhen = 2026-11-30\n",
                           "\nlist = [[1]]\n",
                           "\na.b = 1\n"}) {
    const auto settings = parse_settings(text, "f.toml");
    ASSERT_FALSE(settings) << text;
    EXPECT_TRUE(settings.error().message.starts_with("f.toml:2: ")) << settings.error().message;
  }
}

TEST(SettingsFile, RefusesWhatIsNotToml) {
  for (const char* text : {"listen", "listen = ", "listen = a", "a = 1\na = 2\n", "= 1"}) {
    EXPECT_FALSE(parse_settings(text, "f.toml")) << text;
  }
  EXPECT_FALSE(read_settings_file("/nonexistent/f.toml"));
}

}  // namespace
}  // namespace signet::server
