#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

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
};

class TlsClient;

// A blocking HTTP/1.1 client over one kept connection, for what may block: the command
// line, tests, and threads of a pool. Not for an event loop.
class Client {
 public:
  explicit Client(ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // One request and its answer. Connects when needed; a kept connection that the server closed
  // meanwhile is replaced once. The error is a sentence for a person: what was tried and what
  // happened.
  [[nodiscard]] std::expected<ClientResponse, std::string> send(const ClientRequest& request);

  // Gets the pieces of a body as they come, and an empty one every kStreamTickMs while none does;
  // false ends the request.
  using TakePiece = std::function<bool(std::string_view piece)>;
  static constexpr int kStreamTickMs = 100;

  // One request whose answer may never end, over a connection of its own. Answers its head once it
  // has ended, or `take` has; the body of another status than 200 is in the answer, not taken.
  [[nodiscard]] std::expected<ClientResponse, std::string> stream(const ClientRequest& request,
                                                                  const TakePiece& take);

  // Whether the last request failed because the server's certificate is not accepted.
  [[nodiscard]] bool was_certificate_refused() const { return was_certificate_refused_; }

 private:
  [[nodiscard]] std::expected<void, std::string> connect();

  ClientOptions options_;
  UniqueFd socket_;
  std::unique_ptr<TlsClient> tls_;  // over the socket; null: plain
  bool was_certificate_refused_ = false;
};

}  // namespace signet::http
