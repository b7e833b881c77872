#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/handler.h"
#include "http/limits.h"
#include "http/trusted_proxies.h"

namespace signet::http {

// PEM files: the certificate with its chain, and its key. An ECDSA certificate costs half of an RSA
// one.
struct TlsFiles {
  std::string chain;
  std::string key;
};

struct Listener {
  // An IPv4 or IPv6 address, not a name. `::` also takes IPv4.
  std::string address = "127.0.0.1";
  // 0 lets the system choose; see Server::port().
  std::uint16_t port = 0;
  // Absent: plain HTTP.
  std::optional<TlsFiles> tls = std::nullopt;
};

struct ServerOptions {
  std::vector<Listener> listeners;
  // Event loops, one thread each; at least 1.
  int loops = 1;
  Limits limits;
  int backlog = 1024;
  // Peers whose Forwarded and X-Forwarded-* headers are read; those of all others are ignored.
  TrustedProxies trusted_proxies = {};
};

// Sums over all loops since the start, unless said otherwise (open_connections: at this moment).
struct ServerCounters {
  std::uint64_t connections = 0;
  std::uint64_t open_connections = 0;
  std::uint64_t refused_connections = 0;
  std::uint64_t refused_by_address = 0;  // of these, by the bound of one address
  std::uint64_t requests = 0;
  std::uint64_t refused_requests = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t buffered_bytes = 0;      // Limits::buffered_bytes in use, at this moment
  std::uint64_t refused_for_memory = 0;  // requests that found no room in them
};

// An HTTP/1.1 server. `handler` and `clock` must outlive it.
class Server {
 public:
  // Binds every listener and starts the loops. Fails, with the reason as text, if an address cannot
  // be bound.
  static std::expected<std::unique_ptr<Server>, std::string> start(ServerOptions options,
                                                                   Handler& handler,
                                                                   const Clock& clock);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  Server(Server&&) = delete;
  Server& operator=(Server&&) = delete;
  // stop(0), then waits until the last Responder and BodyPause is gone.
  ~Server();

  [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const;
  [[nodiscard]] ServerCounters counters() const;

  // Runs `work` on a loop's thread, soon. Ignored after stop().
  void post(int loop, std::move_only_function<void()> work);

  // Whether the files of every TLS listener are of use; the error says which is not and why.
  [[nodiscard]] static std::expected<void, std::string> check_tls(const ServerOptions& options);

  // Reads the files of every TLS listener again, for the connections that come from now on. If one
  // is of no use nothing changes, and the error says which and why. Thread-safe.
  std::expected<void, std::string> reload_tls();

  // Stops accepting, lets requests in progress finish for at most `drain_seconds`, closes the rest.
  // Blocks; must not be called on a loop's thread. Later calls do nothing.
  void stop(int drain_seconds);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace signet::http
