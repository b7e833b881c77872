#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signet::ctl {

using Variables = std::vector<std::pair<std::string, std::string>>;

// What another program did.
struct ToolRun {
  bool is_done = false;  // it ended by itself, with exit code 0
  std::string output;    // both of its streams, the first 64 KiB
};

// Runs a program of the PATH with this environment and these variables besides, without standard
// input, for `timeout_seconds` at most. Nothing: there is no such program.
[[nodiscard]] std::optional<ToolRun> run_tool(const std::vector<std::string>& words,
                                              const Variables& variables,
                                              int timeout_seconds);

// Runs a program of the PATH as a shell would, with its own standard streams, with these variables
// and without those, until it ends. SIGTERM and SIGHUP are passed on to it; SIGINT reaches it from
// the terminal. Its exit code, or 128 and its signal; nothing if there is no such program. Call
// before any other thread is started, or with these signals blocked.
[[nodiscard]] std::optional<int> run_in_foreground(const std::vector<std::string>& words,
                                                   const Variables& variables,
                                                   const std::vector<std::string>& without);

// Waits for SIGTERM, SIGINT or SIGHUP, which have to be blocked.
void await_signal();

// Blocks the signals that run_in_foreground() waits for, in this thread and those it starts.
void block_signals();

// Whether the environment has a variable that is not empty.
[[nodiscard]] bool has_variable(const std::string& name);

}  // namespace signet::ctl
