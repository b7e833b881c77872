#pragma once

#include "base/random.h"
#include "base/result.h"
#include "server/options.h"
#include "server/state.h"

namespace signet::ctl {

// The state of a data folder that is there. Commands that look at a folder, or end something in it,
// must not make one where its path was mistyped and then report success: an error that says so.
[[nodiscard]] Result<server::State> open_existing(const server::Options& options, Random& random);

}  // namespace signet::ctl
