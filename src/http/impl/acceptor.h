#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/unique_fd.h"
#include "http/impl/connection.h"
#include "http/impl/slot.h"

namespace signet::http {

class Loop;

// One listening socket on one loop.
class Acceptor final : public Watcher {
 public:
  // Gets each new connection, non-blocking and with TCP_NODELAY. On the loop.
  using Accepted = std::function<void(UniqueFd socket, Peer peer)>;

  // Binds and listens; connections come once watch() was called. `address` is numeric. The error is
  // the reason as text.
  static std::expected<std::unique_ptr<Acceptor>, std::string> bind(const std::string& address,
                                                                    std::uint16_t port,
                                                                    int backlog);

  // Begins accepting on `loop`, which must outlive it.
  [[nodiscard]] bool watch(Loop& loop, Accepted accepted);

  void on_events(std::uint32_t events) override;

  // Ends accepting. On the loop, if watch() was called.
  void close();

  // 0 if closed.
  [[nodiscard]] std::uint16_t port() const;

 private:
  explicit Acceptor(UniqueFd socket) : socket_(std::move(socket)) {}

  void pause();

  UniqueFd socket_;
  Loop* loop_ = nullptr;
  Accepted accepted_;
};

}  // namespace signet::http
