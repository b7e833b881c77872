#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "server/options.h"
#include "server/state.h"

namespace signet::ctl {

// Commands that look at a folder, or change something in it, must not make one where its path was
// mistyped and then report success: an error that says so.
[[nodiscard]] Status require_data_folder(const std::string& folder);

// The state of a data folder that is there.
[[nodiscard]] Result<server::State> open_existing(const server::Options& options, Random& random);

}  // namespace signet::ctl
