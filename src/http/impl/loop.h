#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "http/impl/connection.h"
#include "http/impl/timer_wheel.h"
#include "http/impl/tls.h"
#include "http/impl/transport.h"

namespace signet::http {

namespace asio = boost::asio;

// The concrete executor spares asio's type-erased one (performance.md, trap 4).
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

class Loop;

// A socket with its Connection. Slots are reused and live as long as their loop.
class Slot final : public Transport, private TimerNode {
 public:
  explicit Slot(Loop& loop);

  // `tls`: null for plain HTTP.
  void start(TcpSocket socket, Peer peer, const TlsContext* tls);

  [[nodiscard]] Connection& connection() { return connection_; }

  void read(std::span<char> into) override;
  std::ptrdiff_t write(std::string_view first, std::string_view second, bool more) override;
  std::ptrdiff_t write_file(int fd, std::uint64_t offset, std::uint64_t length) override;
  void await_writable() override;
  void shutdown_write() override;
  void close() override;
  void set_deadline(std::int64_t when) override;
  void release() override;

 private:
  friend class Loop;

  // An asynchronous operation came back; true if the stream is still open.
  bool completed();
  void reuse_if_quiet();
  void tls_read();
  void wait_then_tls_read(TcpSocket::wait_type what);
  std::ptrdiff_t tls_write(std::string_view bytes);

  Loop& loop_;
  TcpSocket socket_;
  std::unique_ptr<TlsSession> tls_;
  std::span<char> tls_into_;
  Connection connection_;
  int operations_ = 0;
  bool is_open_ = false;
  bool is_released_ = true;
};

// One event loop and its thread.
class Loop final : public LoopServices {
 public:
  Loop(int loop_index, Handler& loop_handler, const Limits& loop_limits, const Clock& clock);
  ~Loop() override;

  // Starts the thread.
  void start();
  // Ends the thread; slots must be quiet.
  void join();

  // Thread-safe: serves this socket, which was accepted for this loop's io_context.
  void adopt(TcpSocket socket, Peer peer, const TlsContext* tls);
  // Thread-safe: closes idle connections and lets the others finish.
  void drain();
  // Thread-safe: closes all connections.
  void close_all();

  [[nodiscard]] asio::io_context& io() { return io_; }

  // Thread-safe. Slots in use: open connections, and closed ones whose Responder is still out.
  [[nodiscard]] std::size_t slots_in_use() const { return in_use_.load(); }

  [[nodiscard]] std::int64_t now_seconds() const override { return wheel_.now(); }

  [[nodiscard]] std::string_view common_headers() override;
  [[nodiscard]] bool is_loop_thread() const override;
  void post(std::move_only_function<void()> work) override;

 private:
  friend class Slot;

  void run();
  void arm_tick();

  const Clock& clock_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>,
                             asio::io_context::executor_type>
      tick_;
  TimerWheel wheel_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
  std::atomic<std::size_t> in_use_ = 0;
  std::int64_t headers_second_ = -1;
  std::string headers_;
  std::thread thread_;
};

}  // namespace signet::http
