#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "codec/json.h"
#include "server/control_socket.h"
#include "server/options.h"

namespace signet::ctl {

// The members of an answer of the control socket, or what was answered instead.
[[nodiscard]] Result<codec::Json> read_answer(const std::string& answer);

// Has a command (server/control.h) carried out by the server that runs on the data folder; where
// none runs, by this process on the folder itself. The answer's members, "done" among them, or
// what was answered instead.
[[nodiscard]] Result<codec::Json> ask(const server::Options& options,
                                      const std::string& request,
                                      std::int64_t wait_ms = server::kAnswerMs);

// The same for commands that say what they did and no more: prints it; an exit code.
int ask_and_print(const server::Options& options, const std::string& request);

}  // namespace signet::ctl
