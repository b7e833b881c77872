#include "server/control_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

constexpr const char* kName = "control.sock";
constexpr std::size_t kLineMax = 1UL << 20;
constexpr std::int64_t kClientMs = 5'000;  // to send its line, and to take the answer

std::unexpected<Error> failure(const std::string& folder, std::string_view doing, int number) {
  return std::unexpected(facts::service_failure(
      concat("control socket ", folder, "/", kName, ": cannot ", doing, ": ", errno_text(number))));
}

UniqueFd open_folder(const std::string& folder) {
  return UniqueFd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

UniqueFd make_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// Through the open folder: the path of a data folder may be longer than a socket's address.
sockaddr_un address_in(int folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = concat("/proc/self/fd/", std::to_string(folder), "/", kName);
  std::ranges::copy(path, address.sun_path);
  return address;
}

bool wait_until(int fd, short events, std::int64_t until_ms) {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  while (true) {
    const std::int64_t left = until_ms - monotonic_ms();
    const int ready = left <= 0 ? 0 : poll(&entry, 1, static_cast<int>(left));
    if (ready >= 0 || errno != EINTR) {
      return ready > 0;
    }
  }
}

bool send_all(int fd, std::string_view text, std::int64_t until_ms) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      return false;
    } else if (!wait_until(fd, POLLOUT, until_ms)) {
      return false;
    }
  }
  return true;
}

// What there is to read now: some bytes; empty at the end; nothing yet: no value.
std::optional<std::string> receive(int fd) {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return std::nullopt;
  }
  return std::string(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
}

// The user at the other end.
std::optional<uid_t> peer_of(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return std::nullopt;
  }
  return peer.uid;
}

}  // namespace

Result<std::unique_ptr<ControlSocket>> ControlSocket::listen(const std::string& folder,
                                                             Answer answer) {
  UniqueFd directory = open_folder(folder);
  UniqueFd socket = make_socket();
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!directory.valid() || !socket.valid() || !wake.valid()) {
    return failure(folder, "open it", errno);
  }
  unlinkat(directory.get(), kName, 0);  // of a server that was killed
  const sockaddr_un address = address_in(directory.get());
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  // Before listen(): nobody can connect before its mode is right.
  if (bind(socket.get(), name, sizeof address) != 0 ||
      fchmodat(directory.get(), kName, 0600, 0) != 0 || ::listen(socket.get(), 8) != 0) {
    return failure(folder, "listen", errno);
  }
  return std::unique_ptr<ControlSocket>(new ControlSocket(
      std::move(directory), std::move(socket), std::move(wake), std::move(answer)));
}

ControlSocket::ControlSocket(UniqueFd folder, UniqueFd socket, UniqueFd wake, Answer answer)
    : folder_(std::move(folder)),
      socket_(std::move(socket)),
      wake_(std::move(wake)),
      answer_(std::move(answer)),
      thread_([this] { run(); }) {}

ControlSocket::~ControlSocket() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  thread_.join();
  unlinkat(folder_.get(), kName, 0);
}

// Until `fd` is ready; false when it is time to stop, or too late.
bool ControlSocket::wait_for(int fd, short events, std::int64_t until_ms) const {
  std::array<pollfd, 2> entries = {pollfd{.fd = fd, .events = events, .revents = 0},
                                   pollfd{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
  while (true) {
    const std::int64_t left = until_ms < 0 ? -1 : until_ms - monotonic_ms();
    if (until_ms >= 0 && left <= 0) {
      return false;
    }
    const int ready = poll(entries.data(), entries.size(), static_cast<int>(left));
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    return ready > 0 && entries[1].revents == 0;
  }
}

void ControlSocket::run() {
  while (wait_for(socket_.get(), POLLIN, -1)) {
    const UniqueFd connection(
        accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection.valid()) {
      serve(connection.get());
    }
  }
}

void ControlSocket::serve(int connection) {
  const std::optional<uid_t> peer = peer_of(connection);
  if (!peer || (*peer != geteuid() && *peer != 0)) {
    return;
  }
  const std::optional<std::string> line = read_line(connection);
  if (!line) {
    return;
  }
  std::string answer = answer_(*line, concat("uid ", std::to_string(*peer)));
  answer += '\n';
  send_all(connection, answer, monotonic_ms() + kClientMs);
  explicit_bzero(answer.data(), answer.size());  // it may hold new keys
}

std::optional<std::string> ControlSocket::read_line(int connection) const {
  const std::int64_t until = monotonic_ms() + kClientMs;
  std::string text;
  while (text.size() <= kLineMax && wait_for(connection, POLLIN, until)) {
    const std::optional<std::string> piece = receive(connection);
    if (piece && piece->empty()) {
      return std::nullopt;
    }
    text += piece.value_or("");
    if (const std::size_t end = text.find('\n'); end != std::string::npos) {
      return text.substr(0, end);
    }
  }
  return std::nullopt;
}

Result<std::optional<std::string>> ask_server(const std::string& folder,
                                              std::string_view line,
                                              std::int64_t wait_ms) {
  const UniqueFd directory = open_folder(folder);
  if (!directory.valid()) {
    return std::nullopt;  // there is no such folder: nobody runs on it
  }
  const UniqueFd socket = make_socket();
  const sockaddr_un address = address_in(directory.get());
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  if (!socket.valid() || connect(socket.get(), name, sizeof address) != 0) {
    const bool is_nobody = errno == ENOENT || errno == ECONNREFUSED;
    return is_nobody ? Result<std::optional<std::string>>(std::nullopt)
                     : failure(folder, "reach the server", errno);
  }
  const std::int64_t until = monotonic_ms() + wait_ms;
  std::string text;
  bool is_open = send_all(socket.get(), concat(line, "\n"), until);
  while (is_open && !text.ends_with('\n') && wait_until(socket.get(), POLLIN, until)) {
    const std::optional<std::string> piece = receive(socket.get());
    is_open = !piece || !piece->empty();
    text += piece.value_or("");
  }
  if (!text.ends_with('\n')) {
    return std::unexpected(facts::service_failure(
        concat("the server on ", folder, " did not answer: is this user allowed to ask it?")));
  }
  text.pop_back();
  return text;
}

}  // namespace signet::server
