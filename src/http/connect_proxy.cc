#include "http/connect_proxy.h"

#include <array>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "http/impl/tls.h"
#include "http/impl/tunnel.h"
#include "http/proxy_target.h"

namespace signet::http {
namespace {

constexpr std::size_t kMaxHead = 64 * 1024;
constexpr int kHeadTimeoutMs = 30'000;

void make_non_blocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

// What comes until the head of a request is whole, which is `*end` bytes long; nothing if it never
// is.
std::optional<std::string> read_head(int fd, int stop, std::size_t& end) {
  std::string head;
  std::array<char, 4096> buffer{};
  while (head.size() < kMaxHead) {
    std::array<pollfd, 2> waits{
        {{.fd = fd, .events = POLLIN, .revents = 0}, {.fd = stop, .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(waits.data(), waits.size(), kHeadTimeoutMs);
    if (ready == 0 || waits[1].revents != 0) {
      return std::nullopt;
    }
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      return std::nullopt;
    }
    head.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t blank = head.find("\r\n\r\n");
    if (blank != std::string::npos) {
      end = blank + 4;
      return head;
    }
  }
  return std::nullopt;
}

void say(int fd, std::string_view status, std::string_view text) {
  const std::string answer = concat("HTTP/1.1 ",
                                    status,
                                    "\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                                    "Content-Length: ",
                                    std::to_string(text.size()),
                                    "\r\n\r\n",
                                    text);
  [[maybe_unused]] const ssize_t sent = ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
}

UniqueFd connect_to(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) {
    return {};
  }
  UniqueFd fd;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    fd = UniqueFd(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd.valid() && ::connect(fd.get(), one->ai_addr, one->ai_addrlen) == 0) {
      break;
    }
    fd.reset();
  }
  ::freeaddrinfo(found);
  return fd;
}

// What a program reaches on its own machine goes nowhere: servers of its own, and the one upstream.
bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

// Whether the client speaks TLS in its tunnel: a handshake begins with that byte.
bool begins_tls(int fd, int stop) {
  constexpr char kHandshake = 0x16;
  std::array<pollfd, 2> waits{
      {{.fd = fd, .events = POLLIN, .revents = 0}, {.fd = stop, .events = POLLIN, .revents = 0}}};
  char first = 0;
  return ::poll(waits.data(), waits.size(), kHeadTimeoutMs) > 0 && waits[1].revents == 0 &&
         ::recv(fd, &first, 1, MSG_PEEK) == 1 && first == kHandshake;
}

}  // namespace

struct ConnectProxy::Impl {
  ConnectProxyOptions options;
  UniqueFd listener;
  UniqueFd stop;
  std::uint16_t port = 0;
  std::thread acceptor;
  std::mutex mutex;  // of what follows
  std::condition_variable idle;
  int connections = 0;
  std::map<std::string, std::shared_ptr<TlsContext>, std::less<>> contexts;

  void accept_all();
  void serve(UniqueFd client);
  void tunnel(int client, const ProxyTarget& target);
  void pass_on(int client, const ProxyTarget& target, std::string_view rest);
  bool is_refused(int client, const ProxyTarget& target);
  UniqueFd reach(const ProxyTarget& target);

  std::shared_ptr<TlsContext> context_for(const std::string& host);
};

void ConnectProxy::Impl::accept_all() {
  while (true) {
    std::array<pollfd, 2> waits{{{.fd = listener.get(), .events = POLLIN, .revents = 0},
                                 {.fd = stop.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) {
      return;
    }
    if (waits[1].revents != 0) {
      return;
    }
    UniqueFd client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::lock_guard lock(mutex);
    if (!client.valid() || connections == kMaxConnections) {
      continue;
    }
    ++connections;
    std::thread([this, fd = std::move(client)]() mutable {
      serve(std::move(fd));
      const std::lock_guard done(mutex);
      --connections;
      idle.notify_all();
    }).detach();
  }
}

void ConnectProxy::Impl::serve(UniqueFd client) {
  std::size_t end = 0;
  const auto head = read_head(client.get(), stop.get(), end);
  if (!head) {
    return;
  }
  const auto target = read_proxy_target(std::string_view(*head).substr(0, end));
  if (!target) {
    say(client.get(), "400 Bad Request", "This is a proxy: CONNECT, or http:// in the target.\n");
  } else if (is_refused(client.get(), *target)) {
    return;
  } else if (target->is_tunnel) {
    tunnel(client.get(), *target);
  } else {
    pass_on(client.get(), *target, std::string_view(*head).substr(end));
  }
}

bool ConnectProxy::Impl::is_refused(int client, const ProxyTarget& target) {
  if (options.is_intercepted(target.host) || is_this_machine(target.host) ||
      options.allows_others) {
    return false;
  }
  options.on_refused(target.host);
  say(client,
      "403 Forbidden",
      concat("signet run --intercept answers for AWS's hosts alone, and ",
             target.host,
             " is none of them; --allow-outbound lets programs reach others.\n"));
  return true;
}

UniqueFd ConnectProxy::Impl::reach(const ProxyTarget& target) {
  UniqueFd server = options.is_intercepted(target.host)
                        ? connect_to(options.upstream_address, options.upstream_port)
                        : connect_to(target.host, target.port);

  if (server.valid()) {
    make_non_blocking(server.get());
  }
  return server;
}

void ConnectProxy::Impl::tunnel(int client, const ProxyTarget& target) {
  const UniqueFd server = reach(target);
  if (!server.valid()) {
    say(client, "502 Bad Gateway", concat(target.host, " cannot be reached.\n"));
    return;
  }
  constexpr std::string_view kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";
  if (::send(client, kEstablished.data(), kEstablished.size(), MSG_NOSIGNAL) < 0) {
    return;
  }
  const bool takes_tls = options.is_intercepted(target.host) && begins_tls(client, stop.get());
  make_non_blocking(client);
  if (!takes_tls) {
    carry(client, nullptr, server.get(), {}, stop.get());
    return;
  }
  if (const auto context = context_for(target.host)) {
    TlsSession session(*context, client);
    carry(client, &session, server.get(), {}, stop.get());
  }
}

void ConnectProxy::Impl::pass_on(int client, const ProxyTarget& target, std::string_view rest) {
  const UniqueFd server = reach(target);
  if (!server.valid()) {
    say(client, "502 Bad Gateway", concat(target.host, " cannot be reached.\n"));
    return;
  }
  make_non_blocking(client);
  carry(client, nullptr, server.get(), concat(target.origin_head, rest), stop.get());
}

// Null: there is no certificate for it.
std::shared_ptr<TlsContext> ConnectProxy::Impl::context_for(const std::string& host) {
  const std::lock_guard lock(mutex);
  std::shared_ptr<TlsContext>& context = contexts[host];
  if (context == nullptr) {
    const auto certificate = options.certificate_for(host);
    auto made = certificate ? TlsContext::of_pem(certificate->certificate, certificate->key)
                            : std::unexpected(certificate.error());
    context = made ? *made : nullptr;
  }
  return context;
}

std::expected<std::unique_ptr<ConnectProxy>, std::string> ConnectProxy::start(
    ConnectProxyOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->stop = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  impl->listener = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  constexpr int kBacklog = 128;
  if (!impl->stop.valid() || ::bind(impl->listener.get(), generic, size) != 0 ||
      ::listen(impl->listener.get(), kBacklog) != 0 ||
      ::getsockname(impl->listener.get(), generic, &size) != 0) {
    return std::unexpected(concat("no proxy can be opened on 127.0.0.1: ", errno_text(errno)));
  }
  impl->port = ntohs(address.sin_port);
  impl->acceptor = std::thread([raw = impl.get()] { raw->accept_all(); });
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  return std::unique_ptr<ConnectProxy>(new ConnectProxy(std::move(impl)));
}

ConnectProxy::ConnectProxy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ConnectProxy::~ConnectProxy() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t told = ::write(impl_->stop.get(), &one, sizeof one);
  impl_->acceptor.join();
  std::unique_lock lock(impl_->mutex);
  impl_->idle.wait(lock, [this] { return impl_->connections == 0; });
}

std::uint16_t ConnectProxy::port() const {
  return impl_->port;
}

}  // namespace signet::http
