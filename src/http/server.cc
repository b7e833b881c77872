#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "base/check.h"
#include "base/log.h"
#include "http/impl/loop.h"

namespace signet::http {
namespace {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>,
                                         asio::io_context::executor_type>;

constexpr std::chrono::milliseconds kAcceptPause(100);
constexpr std::chrono::milliseconds kStopPoll(2);

std::string address_text(const asio::ip::address& address) {
  return std::string(unmapped_address(address.to_string()));
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions given, Handler& handler, const Clock& clock) : options(std::move(given)) {
    for (int i = 0; i < std::max(options.loops, 1); ++i) {
      loops.push_back(std::make_unique<Loop>(i, handler, options.limits, clock));
    }
  }

  std::expected<void, std::string> bind(const Listener& listener);
  void accept(int listener);
  void accepted(int listener, Loop& loop, TcpSocket socket);
  [[nodiscard]] std::size_t open() const;

  ServerOptions options;
  std::vector<std::unique_ptr<Loop>> loops;
  // Acceptors live on the first loop and deal connections to all in turn: SO_REUSEPORT would hash
  // few long-lived connections very unevenly (performance.md, trap 5).
  std::vector<std::unique_ptr<Acceptor>> acceptors;
  // Beside the acceptors; null for plain HTTP.
  std::vector<std::shared_ptr<TlsContext>> tls;
  // Beside the acceptors: when to try again after a failure.
  std::vector<std::unique_ptr<Timer>> pauses;
  std::size_t next_loop = 0;
  bool is_stopped = false;
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> refused = 0;
};

std::expected<void, std::string> Server::Impl::bind(const Listener& listener) {
  std::shared_ptr<TlsContext> context;
  if (listener.tls) {
    auto loaded = TlsContext::load(listener.tls->chain, listener.tls->key);
    if (!loaded) {
      return std::unexpected(loaded.error());
    }
    context = std::move(*loaded);
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(listener.address, error);
  const std::string name = listener.address + " port " + std::to_string(listener.port);
  if (error) {
    return std::unexpected("cannot listen on " + name + ": not an IP address");
  }
  const asio::ip::tcp::endpoint endpoint(address, listener.port);
  auto acceptor = std::make_unique<Acceptor>(loops.front()->io());
  acceptor->open(endpoint.protocol(), error);
  if (!error) {
    acceptor->set_option(Acceptor::reuse_address(true), error);
  }
  if (!error && address.is_v6()) {
    acceptor->set_option(asio::ip::v6_only(!address.is_unspecified()), error);
  }
  if (!error) {
    acceptor->bind(endpoint, error);
  }
  if (!error) {
    acceptor->listen(options.backlog, error);
  }
  if (error) {
    return std::unexpected("cannot listen on " + name + ": " + error.message());
  }
  acceptors.push_back(std::move(acceptor));
  tls.push_back(std::move(context));
  pauses.push_back(std::make_unique<Timer>(loops.front()->io()));
  return {};
}

void Server::Impl::accept(int listener) {
  Acceptor& acceptor = *acceptors[static_cast<std::size_t>(listener)];
  Loop& loop = *loops[next_loop];
  next_loop = (next_loop + 1) % loops.size();
  acceptor.async_accept(
      loop.io().get_executor(),
      [this, listener, &loop](const boost::system::error_code& error, TcpSocket socket) {
        if (!acceptors[static_cast<std::size_t>(listener)]->is_open()) {
          return;
        }
        if (!error) {
          accepted(listener, loop, std::move(socket));
          accept(listener);
          return;
        }
        if (error == asio::error::connection_aborted) {
          accept(listener);
          return;
        }
        // Out of descriptors or memory: existing connections go on, new ones wait in the backlog.
        log(LogLevel::Warning, "accept_failed", {{"reason", error.message()}});
        Timer& pause = *pauses[static_cast<std::size_t>(listener)];
        pause.expires_after(kAcceptPause);
        pause.async_wait([this, listener](const boost::system::error_code& stopped) {
          if (!stopped) {
            accept(listener);
          }
        });
      });
}

void Server::Impl::accepted(int listener, Loop& loop, TcpSocket socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) {
    return;  // gone already
  }
  if (open() >= options.limits.max_connections) {
    refused.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  connections.fetch_add(1, std::memory_order_relaxed);
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  const TlsContext* context = tls[static_cast<std::size_t>(listener)].get();
  loop.adopt(std::move(socket),
             Peer{.address = address_text(endpoint.address()),
                  .port = endpoint.port(),
                  .tls = context != nullptr,
                  .listener = listener},
             context);
}

std::size_t Server::Impl::open() const {
  std::size_t sum = 0;
  for (const auto& loop : loops) {
    sum += loop->slots_in_use();
  }
  return sum;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::expected<std::unique_ptr<Server>, std::string> Server::start(ServerOptions options,
                                                                  Handler& handler,
                                                                  const Clock& clock) {
  auto impl = std::make_unique<Impl>(std::move(options), handler, clock);
  for (const Listener& listener : impl->options.listeners) {
    if (auto bound = impl->bind(listener); !bound) {
      return std::unexpected(bound.error());
    }
  }
  for (std::size_t i = 0; i < impl->acceptors.size(); ++i) {
    impl->accept(static_cast<int>(i));
  }
  for (const auto& loop : impl->loops) {
    loop->start();
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::~Server() {
  stop(0);
  while (impl_->open() > 0) {
    std::this_thread::sleep_for(kStopPoll);
  }
  for (const auto& loop : impl_->loops) {
    loop->join();
  }
}

std::uint16_t Server::port(std::size_t listener) const {
  boost::system::error_code error;
  const auto endpoint = impl_->acceptors.at(listener)->local_endpoint(error);
  return error ? std::uint16_t{0} : endpoint.port();
}

ServerCounters Server::counters() const {
  ServerCounters sum{.connections = impl_->connections.load(),
                     .open_connections = impl_->open(),
                     .refused_connections = impl_->refused.load()};
  for (const auto& loop : impl_->loops) {
    sum.requests += loop->requests.load();
    sum.refused_requests += loop->refused_requests.load();
    sum.timeouts += loop->timeouts.load();
  }
  return sum;
}

void Server::post(int loop, std::move_only_function<void()> work) {
  impl_->loops.at(static_cast<std::size_t>(loop))->post(std::move(work));
}

void Server::stop(int drain_seconds) {
  SIGNET_CHECK(std::none_of(impl_->loops.begin(), impl_->loops.end(), [](const auto& loop) {
    return loop->is_loop_thread();
  }));
  if (std::exchange(impl_->is_stopped, true)) {
    return;
  }
  impl_->loops.front()->post([impl = impl_.get()] {
    boost::system::error_code ignored;
    for (const auto& pause : impl->pauses) {
      pause->cancel();
    }
    for (const auto& acceptor : impl->acceptors) {
      acceptor->close(ignored);
    }
  });
  // After this wait no loop takes a new connection, so that open() can only fall.
  std::latch are_draining(static_cast<std::ptrdiff_t>(impl_->loops.size()));
  for (const auto& loop : impl_->loops) {
    loop->drain();
    loop->post([&are_draining] { are_draining.count_down(); });
  }
  are_draining.wait();
  const std::int64_t deadline = monotonic_ms() + 1000LL * drain_seconds;
  while (impl_->open() > 0 && monotonic_ms() < deadline) {
    std::this_thread::sleep_for(kStopPoll);
  }
  for (const auto& loop : impl_->loops) {
    loop->close_all();
  }
}

}  // namespace signet::http
