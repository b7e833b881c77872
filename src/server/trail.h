#pragma once

#include <memory>

#include "audit/sink.h"
#include "base/clock.h"
#include "base/result.h"
#include "server/options.h"

namespace signet::server {

// Opens the audit trail that the options name. One that lies in the data folder is noted in the
// folder's marker, so that its loss shows. `clock` outlives it.
[[nodiscard]] Result<std::unique_ptr<audit::Sink>> open_trail(const Options& options,
                                                              const Clock& clock);

}  // namespace signet::server
