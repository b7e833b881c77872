#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "http/server.h"
#include "server/options.h"

namespace signet::server {

// Where and how the server listens. Refuses what would be unsafe without saying so: --dev beyond
// loopback; plain HTTP beyond loopback without a trusted proxy or --insecure-listen. Files are not
// opened.
[[nodiscard]] Result<http::ServerOptions> listen_options(const Options& options);

// The URL of the server on this machine, without a slash at the end. With TLS the name is one that
// a certificate can have.
[[nodiscard]] std::string listening_url(const Options& options, std::uint16_t port);

}  // namespace signet::server
