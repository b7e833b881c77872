#include "http/impl/acceptor.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/log.h"
#include "http/impl/loop.h"

namespace signet::http {
namespace {

// So many connections are taken before others are served again.
constexpr int kAcceptsAtOnce = 64;

std::string reason_of(int error) {
  return std::error_code(error, std::system_category()).message();
}

struct FreeAddress {
  void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};

using AddressPtr = std::unique_ptr<addrinfo, FreeAddress>;

// Null unless `address` is an IPv4 or IPv6 address.
AddressPtr resolve(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  // No name is looked up, so nothing blocks.
  const int error = ::getaddrinfo(address.c_str(), service.c_str(), &hints, &found);
  return error == 0 ? AddressPtr(found) : nullptr;
}

bool set_option(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

// `::` takes IPv4 too; every other IPv6 address is itself.
bool set_v6_only(int fd, const addrinfo& address) {
  if (address.ai_family != AF_INET6) {
    return true;
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address.ai_addr);
  return set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr) ? 0 : 1);
}

Peer peer_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  Peer peer;
  if (address.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    peer.port = ntohs(v4->sin_port);
  } else {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    peer.port = ntohs(v6->sin6_port);
  }
  peer.address = unmapped_address(text.data());
  return peer;
}

}  // namespace

std::expected<std::unique_ptr<Acceptor>, std::string> Acceptor::bind(const std::string& address,
                                                                     std::uint16_t port,
                                                                     int backlog) {
  const AddressPtr found = resolve(address, port);
  if (!found) {
    return std::unexpected("not an IP address");
  }
  UniqueFd socket(
      ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  const int fd = socket.get();
  const bool is_listening =
      socket.valid() && set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) && set_v6_only(fd, *found) &&
      ::bind(fd, found->ai_addr, found->ai_addrlen) == 0 && ::listen(fd, backlog) == 0;
  if (!is_listening) {
    return std::unexpected(reason_of(errno));
  }
  return std::unique_ptr<Acceptor>(new Acceptor(std::move(socket)));
}

bool Acceptor::watch(Loop& loop, Accepted accepted) {
  loop_ = &loop;
  accepted_ = std::move(accepted);
  return loop.watch(socket_.get(), EPOLLIN, *this);
}

void Acceptor::on_events(std::uint32_t /*events*/) {
  for (int i = 0; i < kAcceptsAtOnce && socket_.valid(); ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    UniqueFd socket(::accept4(
        socket_.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
      accepted_(std::move(socket), peer_of(address));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    }
    const bool is_out_of_something =
        errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (is_out_of_something) {
      pause();
      return;
    }
    // Whatever else was wrong is wrong with that one connection (accept(2)).
  }
}

// Out of descriptors or memory: existing connections go on, new ones wait in the backlog.
void Acceptor::pause() {
  log(LogLevel::Warning, "accept_failed", {{"reason", reason_of(errno)}});
  loop_->unwatch(socket_.get());
  loop_->at_next_tick([this] {
    if (socket_.valid() && !loop_->watch(socket_.get(), EPOLLIN, *this)) {
      pause();
    }
  });
}

void Acceptor::close() {
  socket_.reset();
}

std::uint16_t Acceptor::port() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 0;
  }
  return address.ss_family == AF_INET
             ? ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port)
             : ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
}

}  // namespace signet::http
