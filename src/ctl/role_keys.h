#pragma once

#include <expected>
#include <memory>
#include <string>

#include "agent/role_session.h"
#include "base/clock.h"
#include "ctl/commands.h"
#include "ctl/tool_run.h"

namespace signet::ctl {

// The keys that a credentials file of ours has, or else those of this process's environment.
[[nodiscard]] std::expected<agent::Keys, std::string> keys_of(const std::string& credentials_file);

// The session of the role that `wish` names. `clock` outlives it. The error is a sentence.
[[nodiscard]] std::expected<std::unique_ptr<agent::RoleSession>, std::string> open_role(
    const RoleOptions& wish, const agent::Keys& keys, const Clock& clock);

// The keys as variables of a process.
[[nodiscard]] Variables key_variables(const agent::Keys& keys);

}  // namespace signet::ctl
