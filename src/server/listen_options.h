#pragma once

#include "base/result.h"
#include "http/server.h"
#include "server/options.h"

namespace signet::server {

// Where and how the server listens. Refuses what would be unsafe without saying so: --dev beyond
// loopback; plain HTTP beyond loopback without a trusted proxy or --insecure-listen. Files are not
// opened.
[[nodiscard]] Result<http::ServerOptions> listen_options(const Options& options);

}  // namespace signet::server
