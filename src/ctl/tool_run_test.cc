#include "ctl/tool_run.h"

#include <csignal>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace signet::ctl {
namespace {

std::optional<ToolRun> shell(const std::string& script,
                             const Variables& variables = {},
                             int timeout_seconds = 60) {
  return run_tool({"sh", "-c", script}, variables, timeout_seconds);
}

TEST(RunTool, TellsWhatAProgramSaidOnBothStreams) {
  const auto run = shell("echo out; echo err >&2");
  ASSERT_TRUE(run);
  EXPECT_TRUE(run->is_done);
  EXPECT_EQ(run->output, "out\nerr\n");
}

TEST(RunTool, AFailureIsNotDone) {
  for (const char* script : {"echo said; exit 1", "echo said; kill -TERM $$"}) {
    const auto run = shell(script);
    ASSERT_TRUE(run) << script;
    EXPECT_FALSE(run->is_done) << script;
    EXPECT_EQ(run->output, "said\n") << script;
  }
  EXPECT_FALSE(run_tool({"no-such-program-here"}, {}, 60));
}

TEST(RunTool, ThereIsNothingOnStandardInput) {
  EXPECT_EQ(shell("cat; echo end")->output, "end\n");
}

TEST(RunTool, ItsVariablesWinOverThoseOfThisProcess) {
  ::setenv("SIGNET_TOOL_TEST", "outer", 1);
  EXPECT_EQ(shell("printf %s \"$SIGNET_TOOL_TEST\"")->output, "outer");
  EXPECT_EQ(shell("printf %s \"$SIGNET_TOOL_TEST\"", {{"SIGNET_TOOL_TEST", "a b=$c"}})->output,
            "a b=$c");
  EXPECT_EQ(run_tool({"env"}, {{"SIGNET_TOOL_TEST", "inner"}}, 60)->output.find("TEST=outer"),
            std::string::npos)
      << "not beside it";
  ::unsetenv("SIGNET_TOOL_TEST");
}

TEST(RunTool, KeepsTheFirst64KiBAndReadsOn) {
  const auto run = shell("i=0; while [ $i -lt 200 ]; do printf '%01000d' $i; i=$((i+1)); done");
  ASSERT_TRUE(run);
  EXPECT_TRUE(run->is_done);
  EXPECT_EQ(run->output.size(), 65'536U);
  EXPECT_TRUE(run->output.starts_with(std::string(1000, '0')));
}

// With what it started: the pipe would stay open otherwise.
TEST(RunTool, WhatTakesTooLongIsEnded) {
  const auto run = shell("echo begun; sleep 600 & sleep 600", {}, 1);
  ASSERT_TRUE(run);
  EXPECT_FALSE(run->is_done);
  EXPECT_EQ(run->output, "begun\n");
}

class Foreground : public testing::Test {
 protected:
  Foreground() { pthread_sigmask(SIG_SETMASK, nullptr, &before_); }

  ~Foreground() override { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  static std::optional<int> shell(const std::string& script,
                                  const Variables& variables = {},
                                  const std::vector<std::string>& without = {}) {
    return run_in_foreground({"sh", "-c", script}, variables, without);
  }

 private:
  sigset_t before_{};
};

TEST_F(Foreground, PassesTheExitCodeOnAsAShellDoes) {
  EXPECT_EQ(shell("exit 0"), 0);
  EXPECT_EQ(shell("exit 7"), 7);
  EXPECT_EQ(shell("exit 255"), 255);
  EXPECT_EQ(shell("kill -TERM $$"), 128 + SIGTERM);
  EXPECT_EQ(shell("kill -KILL $$"), 128 + SIGKILL);
  EXPECT_EQ(run_in_foreground({"no-such-program-here"}, {}, {}), std::nullopt);
}

TEST_F(Foreground, SignalsAreAsUsualInTheProgram) {
  ::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(shell("kill -PIPE $$"), 128 + SIGPIPE);
  EXPECT_EQ(shell("kill -HUP $$"), 128 + SIGHUP) << "blocked here, not there";
  ::signal(SIGPIPE, SIG_DFL);
}

TEST_F(Foreground, HasTheVariablesAndNotThoseThatAreLeftOut) {
  ::setenv("SIGNET_TOOL_TEST", "outer", 1);
  EXPECT_EQ(shell("test \"$SIGNET_TOOL_TEST\" = outer"), 0);
  EXPECT_EQ(shell("test \"$SIGNET_TOOL_TEST\" = inner", {{"SIGNET_TOOL_TEST", "inner"}}), 0);
  EXPECT_EQ(shell("test -z \"${SIGNET_TOOL_TEST+set}\"", {}, {"SIGNET_TOOL_TEST"}), 0);
  EXPECT_EQ(shell("test -n \"$PATH\"", {}, {"PAT", "PATHS"}), 0) << "names are whole";
  ::unsetenv("SIGNET_TOOL_TEST");
}

TEST(HasVariable, IsOneThatIsNotEmpty) {
  ::setenv("SIGNET_TOOL_TEST", "", 1);
  EXPECT_FALSE(has_variable("SIGNET_TOOL_TEST"));
  ::setenv("SIGNET_TOOL_TEST", "x", 1);
  EXPECT_TRUE(has_variable("SIGNET_TOOL_TEST"));
  EXPECT_FALSE(has_variable("SIGNET_TOOL"));
  ::unsetenv("SIGNET_TOOL_TEST");
  EXPECT_FALSE(has_variable("SIGNET_TOOL_TEST"));
}

}  // namespace
}  // namespace signet::ctl
