#include "server/listen_options.h"

#include <string>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "http/trusted_proxies.h"

namespace signet::server {
namespace {

std::unexpected<Error> failure(std::string cause) {
  return std::unexpected(facts::service_failure(std::move(cause)));
}

Status check_address(const Options& options) {
  const bool has_tls = !options.tls_certificate.empty();
  if (http::is_loopback(options.address)) {
    return {};
  }
  if (options.is_dev) {
    return options.allows_remote_dev
               ? Status{}
               : failure(
                     "--dev listens on loopback only (127.0.0.1 or ::1): it hands out reset and "
                     "clock control to anybody. In a network of your tests' own, such as one "
                     "between containers, add --dev-allow-remote");
  }
  if (has_tls || !options.trusted_proxies.empty() || options.is_insecure_listen) {
    return {};
  }
  return failure(
      concat("listening on ",
             options.address,
             " without TLS would show session tokens, cookies and sign-in links to the network. "
             "Give --tls-cert and --tls-key, or --trust-proxy with the address of the TLS proxy in "
             "front, or --insecure-listen if the network itself is safe"));
}

}  // namespace

Result<http::ServerOptions> listen_options(const Options& options) {
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return failure("--tls-cert and --tls-key belong together: give both or neither");
  }
  TRY_STATUS(check_address(options));
  http::Listener listener{.address = options.address, .port = options.port};
  if (!options.tls_certificate.empty()) {
    listener.tls = http::TlsFiles{.chain = options.tls_certificate, .key = options.tls_key};
  }
  http::ServerOptions made;
  made.listeners.push_back(std::move(listener));
  made.loops = options.threads;
  made.limits.max_connections = options.limits.size(Limit::ConnectionsMax);
  made.limits.max_connections_per_address = options.limits.size(Limit::ConnectionsPerAddress);
  made.limits.buffered_bytes = options.limits.size(Limit::MemoryBodies);
  for (const std::string& range : options.trusted_proxies) {
    if (auto added = made.trusted_proxies.add(range); !added) {
      return failure("--trust-proxy " + added.error());
    }
  }
  return made;
}

std::string listening_url(const Options& options, std::uint16_t port) {
  const bool has_tls = !options.tls_certificate.empty();
  const bool is_v6 = options.address.find(':') != std::string::npos;
  const bool is_any = options.address == "0.0.0.0" || options.address == "::";
  std::string host = is_v6 ? concat("[", options.address, "]") : options.address;
  if (is_any || http::is_loopback(options.address)) {
    host = has_tls ? "localhost" : is_v6 && !is_any ? host : "127.0.0.1";
  }
  return concat(has_tls ? "https://" : "http://", host, ":", std::to_string(port));
}

}  // namespace signet::server
