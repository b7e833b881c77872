#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/unique_fd.h"
#include "http/impl/connection.h"
#include "http/impl/timer_wheel.h"
#include "http/impl/tls.h"
#include "http/impl/transport.h"

namespace signet::http {

class Loop;

// What epoll tells about one descriptor. Called on the loop.
class Watcher {
 public:
  Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  Watcher(Watcher&&) = delete;
  Watcher& operator=(Watcher&&) = delete;
  virtual ~Watcher() = default;

  // `events`: EPOLLIN, EPOLLOUT and so on.
  virtual void on_events(std::uint32_t events) = 0;
};

// A socket with its Connection. Slots are reused and live as long as their loop.
//
// The socket is watched once, for edges in both directions. What it said last is kept in
// is_readable_ and is_writable_, so that an idle connection costs one recv() a request: one that
// gets less than it asked for has emptied the socket, and the next bytes are a new edge (epoll(7)).
class Slot final : public Transport, public Watcher, private TimerNode {
 public:
  explicit Slot(Loop& loop);

  // `socket` is non-blocking; `tls`: null for plain HTTP.
  void start(UniqueFd socket, Peer peer, const TlsContext* tls);
  // Goes on with what is wanted and possible.
  void deliver();

  [[nodiscard]] Connection& connection() { return connection_; }

  void on_events(std::uint32_t events) override;
  void read() override;
  std::ptrdiff_t write(std::string_view first, std::string_view second, bool more) override;
  std::ptrdiff_t write_file(int fd, std::uint64_t offset, std::uint64_t length) override;
  void await_writable() override;
  bool flush_soon() override;
  void shutdown_write() override;
  void close() override;
  void set_deadline(std::int64_t when) override;
  void release() override;
  [[nodiscard]] std::string_view tls_version() const override;

 private:
  friend class Loop;

  void deliver_soon();
  void receive();
  void receive_tls();
  std::ptrdiff_t tls_write(std::string_view bytes);
  // After a failed call: 0 if the peer is slow, else kFailed.
  std::ptrdiff_t blocked_or_failed();

  Loop& loop_;
  UniqueFd socket_;
  std::unique_ptr<TlsSession> tls_;
  bool is_open_ = false;
  bool is_readable_ = false;  // recv() may have something
  bool is_writable_ = false;
  bool is_ended_ = false;  // the peer closed its side, or the connection broke
  bool wants_read_ = false;
  bool wants_writable_ = false;
  bool is_queued_ = false;  // in Loop::ready_
  bool is_free_ = true;     // in Loop::free_
  Connection connection_;
};

}  // namespace signet::http
