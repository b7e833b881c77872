#include "http/client_link.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>

#include "http/impl/tls_client.h"
#include "http/tcp_connect.h"

namespace signet::http {

ClientLink::ClientLink(ClientOptions options) : options_(std::move(options)) {}

ClientLink::~ClientLink() = default;

void ClientLink::close() {
  tls_.reset();
  socket_.reset();
}

std::expected<void, std::string> ClientLink::connect() {
  close();
  auto connected = connect_tcp({.host = options_.host,
                                .port = options_.port,
                                .timeout_seconds = options_.timeout_seconds,
                                .resolves_names = options_.resolves_names});
  if (!connected) {
    return std::unexpected(std::move(connected).error());
  }
  socket_ = *std::move(connected);
  if (!options_.is_tls) {
    return {};
  }
  auto tls =
      TlsClient::connect(socket_.get(),
                         {.name = options_.tls_name.empty() ? options_.host : options_.tls_name,
                          .ca_file = options_.ca_file,
                          .certificate_file = options_.certificate_file,
                          .key_file = options_.key_file});
  if (!tls) {
    close();
    return std::unexpected(std::move(tls).error().text);
  }
  tls_ = *std::move(tls);
  return {};
}

// Over TLS the peer sends what is no word of its own, such as tickets for later sessions: only the
// session can tell, and is asked without waiting.
bool ClientLink::is_open() {
  if (!socket_.valid()) {
    return false;
  }
  char byte = 0;
  errno = 0;
  if (!tls_) {
    return ::recv(socket_.get(), &byte, 1, MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
  }
  const int flags = ::fcntl(socket_.get(), F_GETFL);
  ::fcntl(socket_.get(), F_SETFL, flags | O_NONBLOCK);
  errno = 0;
  const bool is_waiting = tls_->read(&byte, 1) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  ::fcntl(socket_.get(), F_SETFL, flags);
  return is_waiting;
}

bool ClientLink::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        tls_ ? tls_->write(bytes) : ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR && !tls_) {
      continue;
    }
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace signet::http
