#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"

namespace signet::server {

// The socket `control.sock` in a data folder (mode 0600), over which the operator of a running
// server reaches it. Takes one line and answers one, for processes of the server's own user and of
// root only, one at a time. A client that is slow is dropped after some seconds.
class ControlSocket {
 public:
  // The answer to a line; `who` is "uid N". Called on the socket's thread.
  using Answer = std::function<std::string(std::string_view request, std::string_view who)>;

  // The caller holds the folder.
  [[nodiscard]] static Result<std::unique_ptr<ControlSocket>> listen(const std::string& folder,
                                                                     Answer answer);

  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;
  ControlSocket(ControlSocket&&) = delete;
  ControlSocket& operator=(ControlSocket&&) = delete;
  // Finishes the answer that is being made, then removes the socket.
  ~ControlSocket();

 private:
  ControlSocket(UniqueFd folder, UniqueFd socket, UniqueFd wake, Answer answer);

  void run();
  void serve(int connection);
  [[nodiscard]] std::optional<std::string> read_line(int connection) const;
  [[nodiscard]] bool wait_for(int fd, short events, std::int64_t until_ms) const;

  UniqueFd folder_;
  UniqueFd socket_;
  UniqueFd wake_;  // readable: stop
  Answer answer_;
  std::thread thread_;
};

// Milliseconds that a client waits for its answer.
inline constexpr std::int64_t kAnswerMs = 60'000;

// Sends a line to the server that runs on the folder. Nothing: none does.
[[nodiscard]] Result<std::optional<std::string>> ask_server(const std::string& folder,
                                                            std::string_view line,
                                                            std::int64_t wait_ms = kAnswerMs);

}  // namespace signet::server
