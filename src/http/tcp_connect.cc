#include "http/tcp_connect.h"

#include <cerrno>
#include <memory>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/errno_text.h"
#include "base/strings.h"

namespace signet::http {
namespace {

struct AddressesFreer {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

using Addresses = std::unique_ptr<addrinfo, AddressesFreer>;

}  // namespace

std::expected<UniqueFd, std::string> connect_tcp(const TcpTarget& target) {
  const std::string host = target.host == "localhost" ? "127.0.0.1" : target.host;
  const std::string port = std::to_string(target.port);
  const auto failure = [&](std::string_view why) {
    return std::unexpected(concat("cannot connect to ", host, " port ", port, ": ", why));
  };
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (target.resolves_names ? 0 : AI_NUMERICHOST);
  addrinfo* raw = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &raw); error != 0) {
    return failure(target.resolves_names ? ::gai_strerror(error) : "not an IP address");
  }
  const Addresses addresses(raw);
  int failed = 0;
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    UniqueFd fd(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval timeout{.tv_sec = target.timeout_seconds, .tv_usec = 0};
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd.get(), one->ai_addr, one->ai_addrlen) == 0) {
      return fd;
    }
    failed = errno;
  }
  return failure(errno_text(failed));
}

}  // namespace signet::http
