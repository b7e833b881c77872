#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "server/options.h"

namespace signet::server {

// Adds a data key to a folder on which no server runs. Secrets are sealed under it as their records
// are next written; the others stay, to open what they sealed. Answers what was done. Fails while
// another process has the folder, and on the folder of a node, whose state is elsewhere.
[[nodiscard]] Result<std::string> rotate_data_key(const Options& options, Random& random);

}  // namespace signet::server
