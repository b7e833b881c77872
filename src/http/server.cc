#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/assertion.h"
#include "http/body_budget.h"
#include "http/impl/acceptor.h"
#include "http/impl/loop.h"

namespace signet::http {
namespace {

constexpr std::chrono::milliseconds kStopPoll(2);

// One a listener; null for plain HTTP.
using TlsContexts = std::vector<std::shared_ptr<const TlsContext>>;

std::expected<TlsContexts, std::string> load_tls(const std::vector<Listener>& listeners) {
  TlsContexts contexts;
  for (const Listener& listener : listeners) {
    if (!listener.tls) {
      contexts.emplace_back();
      continue;
    }
    auto loaded = TlsContext::load(listener.tls->chain, listener.tls->key);
    if (!loaded) {
      return std::unexpected(std::move(loaded.error()));
    }
    contexts.push_back(std::move(*loaded));
  }
  return contexts;
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions given, Handler& handler, const Clock& clock)
      : options(std::move(given)),
        budget(options.limits.buffered_bytes),
        addresses(options.limits.max_connections_per_address) {
    for (int i = 0; i < std::max(options.loops, 1); ++i) {
      loops.push_back(std::make_unique<Loop>(i, handler, options.limits, clock));
      loops.back()->budget = &budget;
    }
  }

  std::expected<void, std::string> bind(const Listener& listener);
  bool accept(int listener);
  void accepted(int listener, UniqueFd socket, Peer peer);
  [[nodiscard]] std::shared_ptr<const TlsContext> tls_of(int listener);
  [[nodiscard]] std::size_t open() const;

  ServerOptions options;
  BodyBudget budget;
  AddressBook addresses;
  std::vector<std::unique_ptr<Loop>> loops;
  // Acceptors live on the first loop and deal connections to all in turn: SO_REUSEPORT would hash
  // few long-lived connections very unevenly (measurements 10).
  std::vector<std::unique_ptr<Acceptor>> acceptors;
  std::mutex tls_mutex;
  TlsContexts tls;  // beside the acceptors; guarded by tls_mutex
  std::size_t next_loop = 0;
  bool is_stopped = false;
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> refused_by_address = 0;
};

std::expected<void, std::string> Server::Impl::bind(const Listener& listener) {
  auto acceptor = Acceptor::bind(listener.address, listener.port, options.backlog);
  if (!acceptor) {
    return std::unexpected("cannot listen on " + listener.address + " port " +
                           std::to_string(listener.port) + ": " + acceptor.error());
  }
  acceptors.push_back(std::move(*acceptor));
  return {};
}

bool Server::Impl::accept(int listener) {
  return acceptors[static_cast<std::size_t>(listener)]->watch(
      *loops.front(), [this, listener](UniqueFd socket, Peer peer) {
        accepted(listener, std::move(socket), std::move(peer));
      });
}

void Server::Impl::accepted(int listener, UniqueFd socket, Peer peer) {
  if (open() >= options.limits.max_connections) {
    refused.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (options.trusted_proxies.contains(peer.address)) {
    peer.proxies = &options.trusted_proxies;
  } else if (std::optional<AddressLease> lease = addresses.admit(peer.address); lease) {
    peer.lease = *std::move(lease);
  } else {
    refused.fetch_add(1, std::memory_order_relaxed);
    refused_by_address.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  connections.fetch_add(1, std::memory_order_relaxed);
  std::shared_ptr<const TlsContext> context = tls_of(listener);
  peer.tls = context != nullptr;
  peer.listener = listener;
  Loop& loop = *loops[next_loop];
  next_loop = (next_loop + 1) % loops.size();
  loop.adopt(std::move(socket), std::move(peer), std::move(context));
}

std::shared_ptr<const TlsContext> Server::Impl::tls_of(int listener) {
  const std::scoped_lock lock(tls_mutex);
  return tls[static_cast<std::size_t>(listener)];
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
  auto loaded = load_tls(impl->options.listeners);
  if (!loaded) {
    return std::unexpected(std::move(loaded.error()));
  }
  impl->tls = std::move(*loaded);
  for (const Listener& listener : impl->options.listeners) {
    if (auto bound = impl->bind(listener); !bound) {
      return std::unexpected(bound.error());
    }
  }
  for (std::size_t i = 0; i < impl->acceptors.size(); ++i) {
    if (!impl->accept(static_cast<int>(i))) {
      return std::unexpected("cannot watch a listening socket: out of memory");
    }
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
  return impl_->acceptors.at(listener)->port();
}

ServerCounters Server::counters() const {
  ServerCounters sum{.connections = impl_->connections.load(),
                     .open_connections = impl_->open(),
                     .refused_connections = impl_->refused.load(),
                     .refused_by_address = impl_->refused_by_address.load(),
                     .buffered_bytes = impl_->budget.in_use(),
                     .refused_for_memory = impl_->budget.refused()};
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

std::expected<void, std::string> Server::check_tls(const ServerOptions& options) {
  auto loaded = load_tls(options.listeners);
  return loaded ? std::expected<void, std::string>() : std::unexpected(std::move(loaded.error()));
}

std::expected<void, std::string> Server::reload_tls() {
  auto loaded = load_tls(impl_->options.listeners);
  if (!loaded) {
    return std::unexpected(std::move(loaded.error()));
  }
  const std::scoped_lock lock(impl_->tls_mutex);
  impl_->tls = std::move(*loaded);
  return {};
}

void Server::stop(int drain_seconds) {
  SIGNET_ASSERT(std::none_of(impl_->loops.begin(), impl_->loops.end(), [](const auto& loop) {
    return loop->is_loop_thread();
  }));
  if (std::exchange(impl_->is_stopped, true)) {
    return;
  }
  impl_->loops.front()->post([impl = impl_.get()] {
    for (const auto& acceptor : impl->acceptors) {
      acceptor->close();
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
