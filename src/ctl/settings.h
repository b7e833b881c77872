#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace signet::ctl {

// Gives a flag the variable, the bounds and the text that its setting has (facts/settings.tsv).
CLI::Option* describe(CLI::Option* option);

// The arguments of a command line, those of the TOML file added that `signet serve --config` or
// SIGNET_CONFIG names: keys that neither a flag nor a variable sets. Nothing is added for other
// commands. Fails with InvalidInput for a file that cannot be read, or a key that is no setting.
[[nodiscard]] Result<std::vector<std::string>> with_settings_file(
    std::vector<std::string> arguments);

}  // namespace signet::ctl
