#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "http/client_message.h"

namespace signet::http {

class TlsClient;

// The client's side of a connection, plain or over TLS, for other protocols than HTTP, of which the
// peer says nothing. Blocks; one thread at a time.
class ClientLink {
 public:
  // Of the options, deadline_ms and max_body_bytes have no meaning here.
  explicit ClientLink(ClientOptions options);
  ClientLink(const ClientLink&) = delete;
  ClientLink& operator=(const ClientLink&) = delete;
  ClientLink(ClientLink&&) = delete;
  ClientLink& operator=(ClientLink&&) = delete;
  ~ClientLink();

  // Connects anew, within options.timeout_seconds. The error is a sentence.
  [[nodiscard]] std::expected<void, std::string> connect();

  // Whether a connection stands: the peer has neither ended it nor said anything.
  [[nodiscard]] bool is_open();

  // False: it broke, or the peer has taken nothing for options.timeout_seconds.
  [[nodiscard]] bool send(std::string_view bytes);

  void close();

  // Of the connection, to ask the system about it.
  [[nodiscard]] int socket() const { return socket_.get(); }

 private:
  const ClientOptions options_;
  UniqueFd socket_;
  std::unique_ptr<TlsClient> tls_;  // over the socket; null: plain
};

}  // namespace signet::http
