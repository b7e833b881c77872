#pragma once

namespace signet::ctl {

// Exit codes of every command (docs/guide/command-line.md).
enum ExitCode : int {
  kOk = 0,
  kFindings =
      1,  // the command worked and found what it looks for (policy check) or a batch line failed
  kUsage = 2,    // wrong flags or arguments
  kFailure = 3,  // the command could not do its work; standard error says why
};

// The command line tool: reads the arguments, runs one command, returns the exit code.
int run(int argc, char** argv);

}  // namespace signet::ctl
