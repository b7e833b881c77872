#include "ctl/settings.h"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/command_for_test.h"
#include "facts/outcome_for_test.h"

namespace signet::ctl {
namespace {

using Words = std::vector<std::string>;

class SettingsFile : public CommandTest {
 protected:
  // The arguments of `signet serve` with a file of that text.
  Result<Words> with_file(std::string_view text, const Words& more = {}) {
    Words arguments = {"serve", "--config", file("signet.toml", text)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return with_settings_file(std::move(arguments));
  }

  // What the file adds.
  Words added(std::string_view text, const Words& more = {}) {
    const auto all = with_file(text, more);
    EXPECT_EQ(outcome(all), "ok");
    return all ? Words(all->begin() + 3 + static_cast<std::ptrdiff_t>(more.size()), all->end())
               : Words();
  }

  // The complaint without the file's path.
  std::string complaint(std::string_view text) {
    const auto refused = with_file(text);
    if (refused) {
      return "none";
    }
    const std::string where = path("signet.toml");
    EXPECT_TRUE(refused.error().message.starts_with(where)) << refused.error().message;
    return refused.error().message.substr(where.size());
  }
};

TEST_F(SettingsFile, KeysBecomeFlags) {
  EXPECT_EQ(added("listen = \"127.0.0.1:1\"\naudit-keep = 7\n"),
            (Words{"--listen=127.0.0.1:1", "--audit-keep=7"}));
  EXPECT_EQ(added("limit = [\"a=1\", \"b=2\"]\n"), (Words{"--limit=a=1", "--limit=b=2"}));
  EXPECT_EQ(added("dev = true\nquiet = false\n"), Words{"--dev"});
  EXPECT_EQ(added(""), Words{});
}

TEST_F(SettingsFile, FlagsAndVariablesCountBeforeIt) {
  EXPECT_EQ(added("listen = \"127.0.0.1:1\"\n", {"--listen", "127.0.0.1:2"}), Words{});
  EXPECT_EQ(added("listen = \"127.0.0.1:1\"\n", {"--listen=127.0.0.1:2"}), Words{});
  EXPECT_EQ(added("data = \"d\"\n", {"--data-of-another"}), Words{"--data=d"})
      << "a longer name is another flag";
  ::setenv("SIGNET_AUDIT_KEEP", "3", 1);
  EXPECT_EQ(added("audit-keep = 7\n"), Words{});
  ::setenv("SIGNET_AUDIT_KEEP", "", 1);
  EXPECT_EQ(added("audit-keep = 7\n"), Words{"--audit-keep=7"}) << "an empty variable is none";
  ::unsetenv("SIGNET_AUDIT_KEEP");
}

TEST_F(SettingsFile, IsNamedByAFlagOrAVariableAndIsForServeAlone) {
  const std::string named = file("signet.toml", "quiet = true\n");
  const Words flag = {"serve", "--config=" + named};
  EXPECT_EQ(with_settings_file(flag)->back(), "--quiet");
  ::setenv("SIGNET_CONFIG", named.c_str(), 1);
  EXPECT_EQ(with_settings_file({"serve"}).value(), (Words{"serve", "--quiet"}));
  EXPECT_EQ(with_settings_file({"init"}).value(), Words{"init"});
  EXPECT_EQ(with_settings_file({}).value(), Words{});
  ::unsetenv("SIGNET_CONFIG");
  EXPECT_EQ(with_settings_file({"serve"}).value(), Words{"serve"});
  EXPECT_EQ(with_settings_file({"init", "--config", named})->size(), 3U);
}

TEST_F(SettingsFile, WhatIsWrongIsToldWithItsLine) {
  EXPECT_EQ(complaint("\nlisen = \"x\"\n"),
            ":2: there is no setting lisen: did you mean \"listen\"?");
  EXPECT_TRUE(complaint("config = \"other.toml\"\n").starts_with(":1: there is no setting config"))
      << "files name no other files";
  EXPECT_EQ(complaint("dev = \"yes\"\n"), ":1: dev is true or false");
  EXPECT_EQ(complaint("dev = 1\n"), ":1: dev is true or false");
  EXPECT_EQ(complaint("dev = [true, true]\n"), ":1: dev is true or false");
  EXPECT_EQ(complaint("audit = [\"a\", \"b\"]\n"), ":1: audit takes one value");
  EXPECT_EQ(complaint("audit = []\n"), ":1: audit takes one value");
  EXPECT_NE(complaint("[serve]\nlisten = \"x\"\n"), "none");
  EXPECT_NE(complaint("listen = \n"), "none");
}

TEST_F(SettingsFile, OneThatIsNotThereIsAFailure) {
  const auto refused = with_settings_file({"serve", "--config", path("none.toml")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidInput);
}

TEST_F(SettingsFile, AServerThatCannotReadItDoesNotStart) {
  const Ran ran = signet({"serve", "--config", file("signet.toml", "lisen = 1\n")});
  EXPECT_EQ(ran.code, kUsage) << ran.err;
  EXPECT_NE(ran.err.find("there is no setting lisen"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace signet::ctl
