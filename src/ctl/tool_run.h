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

// Whether the environment has a variable that is not empty.
[[nodiscard]] bool has_variable(const std::string& name);

}  // namespace signet::ctl
