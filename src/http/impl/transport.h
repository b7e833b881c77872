#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "http/body_budget.h"
#include "http/handler.h"
#include "http/impl/spares.h"
#include "http/limits.h"

namespace signet::http {

class Connection;

// The byte stream and the timer under one Connection. Used on the connection's loop only.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  Transport(Transport&&) = delete;
  Transport& operator=(Transport&&) = delete;
  virtual ~Transport() = default;

  // Bytes taken (0: the peer is slow, see await_writable), or kFailed.
  static constexpr std::ptrdiff_t kFailed = -1;

  // Starts reading: bytes that come go to Connection::room(), and on_read() follows, never from
  // inside this call. One at a time.
  virtual void read() = 0;
  // Offers the two pieces, in order, to the network at once. `more`: a file follows directly.
  virtual std::ptrdiff_t write(std::string_view first, std::string_view second, bool more) = 0;
  virtual std::ptrdiff_t write_file(int fd, std::uint64_t offset, std::uint64_t length) = 0;
  // Connection::on_writable() follows, never from inside this call.
  virtual void await_writable() = 0;

  // Whether Connection::on_flush() follows before any other event: what is ready to be written may
  // wait for it. Sockets gather so what several requests that came together are answered with.
  [[nodiscard]] virtual bool flush_soon() { return false; }

  // 1.2 or 1.3 once a TLS handshake is over; empty without TLS.
  [[nodiscard]] virtual std::string_view tls_version() const { return {}; }

  // Tells the peer that no more bytes will come.
  virtual void shutdown_write() = 0;
  // Ends the stream. No event follows any more.
  virtual void close() = 0;

  // Connection::on_deadline() follows at `when` (LoopServices::now_seconds()) or up to two seconds
  // later; replaces the former deadline. 0: none.
  virtual void set_deadline(std::int64_t when) = 0;
  // The stream is closed and nothing refers to the connection any more: it may serve another
  // stream.
  virtual void release() = 0;
};

// Written by the loop's thread only, so that adding costs no locked instruction; read by any.
class LoopCounter {
 public:
  void add() {
    value_.store(value_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t load() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// What connections need from the loop they live on.
class LoopServices {
 public:
  LoopServices() = default;
  LoopServices(const LoopServices&) = delete;
  LoopServices& operator=(const LoopServices&) = delete;
  LoopServices(LoopServices&&) = delete;
  LoopServices& operator=(LoopServices&&) = delete;
  virtual ~LoopServices() = default;

  // Seconds of the monotonic clock, advanced by the loop's tick.
  [[nodiscard]] virtual std::int64_t now_seconds() const = 0;
  // `Date: ...` and `Server: ...` as they stand in every answer.
  [[nodiscard]] virtual std::string_view common_headers() = 0;
  [[nodiscard]] virtual bool is_loop_thread() const = 0;
  // Thread-safe: runs `work` on the loop.
  virtual void post(std::move_only_function<void()> work) = 0;

  Handler* handler = nullptr;
  const Limits* limits = nullptr;
  BodyBudget* budget = nullptr;  // null: memory is not counted
  int index = 0;
  bool is_draining = false;
  Spares<HeadMemory> spare_heads;
  Spares<std::string> spare_texts;
  LoopCounter requests;
  LoopCounter refused_requests;
  LoopCounter timeouts;
};

}  // namespace signet::http
