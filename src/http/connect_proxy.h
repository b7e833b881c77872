#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace signet::http {

// PEM texts.
struct CertificateAndKey {
  std::string certificate;
  std::string key;
};

// Called on threads of the proxy.
struct ConnectProxyOptions {
  // Where requests for intercepted hosts go, as plain HTTP and with the Host that they have: an IP
  // address and a port of a server of ours.
  std::string upstream_address = "127.0.0.1";
  std::uint16_t upstream_port = 0;
  // Whether the server upstream answers for a host (lower case).
  std::function<bool(std::string_view host)> is_intercepted;
  // A certificate for such a host; the error is a sentence.
  std::function<std::expected<CertificateAndKey, std::string>(std::string_view host)>
      certificate_for;
  // Whether other hosts are connected to, untouched. Otherwise the client gets 403, but for
  // localhost, 127.0.0.1 and ::1.

  bool allows_others = false;
  // Told of every connection that was refused for its host.
  std::function<void(std::string_view host)> on_refused;
};

// A proxy (RFC 9110 9.3.6) on loopback that answers for some hosts: it takes the client's TLS with
// a certificate for the host that was asked for, and hands what it decrypts to the server upstream,
// byte for byte. Plain requests in absolute form go there too. A thread for each connection, at
// most kMaxConnections; more are closed at once.
class ConnectProxy {
 public:
  static constexpr int kMaxConnections = 256;

  // On 127.0.0.1, at a port that the system chooses. The error is a sentence.
  static std::expected<std::unique_ptr<ConnectProxy>, std::string> start(
      ConnectProxyOptions options);

  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;
  ConnectProxy(ConnectProxy&&) = delete;
  ConnectProxy& operator=(ConnectProxy&&) = delete;
  // Cuts every connection and waits for its threads.
  ~ConnectProxy();

  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  explicit ConnectProxy(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace signet::http
