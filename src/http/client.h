#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/client_message.h"

namespace signet::http {

class ClientStream;

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
  // has ended, or `take` has; a body that is not chunked, or of another status than 200, is in the
  // answer, not taken.
  [[nodiscard]] std::expected<ClientResponse, std::string> stream(const ClientRequest& request,
                                                                  const TakePiece& take);

  // Whether the last request failed because the server's certificate is not accepted.
  [[nodiscard]] bool was_certificate_refused() const;

 private:
  std::size_t max_body_bytes_;
  std::unique_ptr<ClientStream> stream_;
};

}  // namespace signet::http
