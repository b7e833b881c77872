#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet::http {

struct ClientRequest {
  std::string method = "GET";
  // Origin form, already percent-encoded.
  std::string target = "/";
  // Host, Content-Length and Connection are added when absent.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // First value of that name, ignoring case.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
};

struct ClientOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  // For connecting, and for each wait for bytes.
  int timeout_seconds = 10;
  // Monotonic moment after which a request is given up, whatever came; 0: none. Over TLS it holds
  // to the byte; a plain connection may outlast it by one wait.
  std::int64_t deadline_ms = 0;
  std::size_t max_body_bytes = 64 * 1024 * 1024;
  bool is_tls = false;
  std::string ca_file = {};           // of the authorities that are trusted; empty: the system's
  std::string tls_name = {};          // that the certificate must have; empty: `host`
  std::string certificate_file = {};  // the client's own, PEM with its chain; empty: none
  std::string key_file = {};          // PEM
  bool resolves_names = false;  // `host` may be a name; otherwise an IP address or "localhost"
};

}  // namespace signet::http
