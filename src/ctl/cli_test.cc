#include "ctl/cli.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ctl/command_for_test.h"

namespace signet::ctl {
namespace {

using CliTest = CommandTest;

TEST_F(CliTest, AsksForACommand) {
  const Ran ran = signet({});
  EXPECT_EQ(ran.code, kUsage);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("A subcommand is required"), std::string::npos) << ran.err;
}

TEST_F(CliTest, PrintsItsVersionBothWays) {
  const Ran command = signet({"version"});
  EXPECT_EQ(command.code, kOk);
  EXPECT_TRUE(command.out.starts_with("signet ")) << command.out;
  EXPECT_EQ(signet({"--version"}).out, command.out);
}

TEST_F(CliTest, HelpIsNoFailure) {
  const Ran ran = signet({"serve", "--help"});
  EXPECT_EQ(ran.code, kOk);
  EXPECT_NE(ran.out.find("--trust-proxy"), std::string::npos) << ran.out;
}

struct Wrong {
  std::vector<std::string> arguments;
  std::string complaint;
};

class WrongUsageTest : public CliTest, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongUsageTest, ExitsTwoAndSaysWhatIsWrong) {
  const Ran ran = signet(GetParam().arguments);
  EXPECT_EQ(ran.code, kUsage);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find(GetParam().complaint), std::string::npos) << ran.err;
}

INSTANTIATE_TEST_SUITE_P(
    All,
    WrongUsageTest,
    testing::Values(
        Wrong{{"serve", "--listen", "9311"}, "--listen: expected ADDRESS:PORT"},
        Wrong{{"serve", "--listen", "127.0.0.1:65536"},
              "the port must be a number from 0 to 65535"},
        Wrong{{"serve", "--listen", "127.0.0.1:-1"}, "the port must be a number from 0 to 65535"},
        Wrong{{"serve", "--listen", "127.0.0.1:"}, "the port must be a number from 0 to 65535"},
        Wrong{{"serve", "--threads", "0"}, "--threads"},
        Wrong{{"serve", "--limit", "memory.bodies=1"}, "memory.bodies"},
        Wrong{{"serve", "--limit", "nothing=1"}, "nothing"},
        Wrong{{"serve", "--nothing"}, "--nothing"},
        Wrong{{"sessions", "revoke"}, "Exactly 1 option"},
        Wrong{{"sessions", "revoke", "--everyone", "--account", "123456789012"},
              "Exactly 1 option"},
        Wrong{{"org", "show"}, "--account is required"},
        Wrong{{"org", "set", "--account", "123456789012", "--management", "--member"}, "excludes"},
        Wrong{{"policy", "check"}, "files"},
        Wrong{{"policy", "check", "--profile", "role", "-"}, "--profile: role not in"},
        Wrong{{"policy", "check", "--ignore", "Nonsense", "-"}, "no finding is called Nonsense"},
        Wrong{{"policy", "check", "--known-account", "12", "-"}, "--known-account"},
        Wrong{{"policy", "explain"}, "give --action, --request-id, or a file with the question"},
        Wrong{{"policy", "explain", "--action", "AssumeRole"},
              "--action AssumeRole: write service:Name (sts:AssumeRole)"},
        Wrong{{"policy", "explain", "--action", "s3:GetObject", "--principal", "dev"},
              "--principal dev: write an ARN (arn:aws:iam::111122223333:user/dev)"},
        Wrong{{"policy", "explain", "--data", "d", "--policy", "p"}, "excludes"},
        Wrong{{"srve"}, "there is no command `signet srve`: did you mean \"serve\"?"},
        Wrong{{"policy", "chek", "-"}, "there is no command `signet policy chek`: did you mean"},
        Wrong{{"nonsense"}, "there are: serve, init,"},
        Wrong{{"--port", "9311"}, "signet has no --port"},
        Wrong{{"serve", "--port", "9311"},
              "signet serve has no --port: write --listen ADDRESS:PORT"},
        Wrong{{"serve", "--lisen=127.0.0.1:1"},
              "signet serve has no --lisen: did you mean \"--listen\"?"},
        Wrong{{"serve", "--", "--listen", "127.0.0.1:1"},
              "signet serve: after -- nothing is an option: leave the -- out before --listen"},
        Wrong{{"policy", "check", "--json", "-"},
              "signet policy check has no --json: write --format json"},
        Wrong{{"serve", "9311", "9312"},
              "signet serve takes no more words, and there are: 9311 9312"},
        Wrong{{"sigv4", "explain"}, "give a file with the raw request"},
        Wrong{{"sigv4", "explain", "-"}, "give the secret key"}));

TEST_F(CliTest, AFlagWinsOverItsVariable) {
  ::setenv("SIGNET_DATA", path("of-the-variable").c_str(), 1);
  const Ran flag = signet({"init", "--data", path("of-the-flag")});
  const Ran variable = signet({"init"});
  ::unsetenv("SIGNET_DATA");
  EXPECT_EQ(flag.code, kOk) << flag.err;
  EXPECT_TRUE(std::filesystem::exists(path("of-the-flag")));
  EXPECT_EQ(variable.code, kOk) << variable.err;
  EXPECT_TRUE(std::filesystem::exists(path("of-the-variable")));
}

TEST_F(CliTest, AFolderIsNeverGuessedWhereThereIsNoHome) {
  const std::string home = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
  ::setenv("HOME", "", 1);
  const Ran ran = signet({"init"});
  ::setenv("HOME", home.c_str(), 1);
  EXPECT_EQ(ran.code, kUsage);
  EXPECT_NE(
      ran.err.find("signet init needs a data folder, and HOME is not set: name one with --data"),
      std::string::npos)
      << ran.err;
}

TEST_F(CliTest, LimitsAreListedWithDefaultAndBounds) {
  const Ran ran = signet({"limits"});
  EXPECT_EQ(ran.code, kOk);
  EXPECT_TRUE(ran.out.starts_with("name ")) << ran.out;
  EXPECT_NE(ran.out.find("\nmemory.bodies "), std::string::npos) << ran.out;
}

TEST_F(CliTest, ExportsNameTheEndpointThatWasGiven) {
  const Ran ran = signet({"env", "--endpoint", "https://signet.example:1"});
  EXPECT_EQ(ran.code, kOk);
  EXPECT_NE(ran.out.find("export AWS_ENDPOINT_URL='https://signet.example:1'\n"), std::string::npos)
      << ran.out;
}

TEST_F(CliTest, AStatusThatNobodyAnswersIsAFailure) {
  const Ran ran = signet({"status", "--endpoint", "http://127.0.0.1:1"});
  EXPECT_EQ(ran.code, kFailure);
  EXPECT_NE(ran.err.find("no answer from http://127.0.0.1:1"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace signet::ctl
