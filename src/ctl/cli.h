#pragma once

#include "http/web_bundle.h"

namespace signet::ctl {

// Exit codes of every command (docs/guide/command-line.md).
inline constexpr int kOk = 0;
// The command worked and found what it looks for (policy check), or a batch line failed.
inline constexpr int kFindings = 1;
// Wrong flags or arguments.
inline constexpr int kUsage = 2;
// The command could not do its work; standard error says why.
inline constexpr int kFailure = 3;
// The command worked and could neither prove nor refute (policy prove).
inline constexpr int kUndecided = 4;

// The command line tool: reads the arguments, runs one command, returns the exit code. `console` is
// what a server runs at /_console/.
int run(int argc, char** argv, const http::WebBundle& console = {});

}  // namespace signet::ctl
