#include "http/impl/loop.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include <boost/asio/post.hpp>
#include <pthread.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "http/impl/http_date.h"

namespace signet::http {
namespace {

thread_local const Loop* current_loop = nullptr;

constexpr std::int64_t kMsPerSecond = 1000;
// sendfile's own limit for one call.
constexpr std::uint64_t kSendfileMax = 0x7ffff000;
// One TLS record.
constexpr std::size_t kTlsFileBlock = 16 * 1024;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

// --- Slot ---

Slot::Slot(Loop& loop) : loop_(loop), socket_(loop.io()), connection_(loop, *this) {}

void Slot::start(TcpSocket socket, Peer peer, const TlsContext* tls) {
  socket_ = std::move(socket);
  if (tls != nullptr) {
    boost::system::error_code ignored;
    socket_.native_non_blocking(true, ignored);
    tls_ = std::make_unique<TlsSession>(*tls, socket_.native_handle());
  }
  is_open_ = true;
  is_released_ = false;
  connection_.start(std::move(peer));
}

bool Slot::completed() {
  --operations_;
  if (is_open_) {
    return true;
  }
  reuse_if_quiet();
  return false;
}

void Slot::reuse_if_quiet() {
  if (is_released_ && operations_ == 0) {
    loop_.free_.push_back(this);
    loop_.in_use_.fetch_sub(1);
  }
}

void Slot::read(std::span<char> into) {
  ++operations_;
  if (tls_ != nullptr) {
    // Decrypted bytes may be at hand already, but no event may come from inside this call.
    tls_into_ = into;
    asio::post(loop_.io(), [this] {
      if (completed()) {
        tls_read();
      }
    });
    return;
  }
  socket_.async_read_some(asio::buffer(into.data(), into.size()),
                          [this](const boost::system::error_code& error, std::size_t bytes) {
                            if (!completed()) {
                              return;
                            }
                            if (error) {
                              connection_.on_read_end();
                            } else {
                              connection_.on_read(bytes);
                            }
                          });
}

void Slot::tls_read() {
  const TlsSession::Result result = tls_->read(tls_into_);
  switch (result.outcome) {
    case TlsSession::Outcome::Done:
      connection_.on_read(result.bytes);
      break;
    case TlsSession::Outcome::NeedsRead:
      wait_then_tls_read(TcpSocket::wait_read);
      break;
    case TlsSession::Outcome::NeedsWrite:
      wait_then_tls_read(TcpSocket::wait_write);
      break;
    case TlsSession::Outcome::Ended:
      connection_.on_read_end();
      break;
  }
}

void Slot::wait_then_tls_read(TcpSocket::wait_type what) {
  ++operations_;
  socket_.async_wait(what, [this](const boost::system::error_code& error) {
    if (!completed()) {
      return;
    }
    if (error) {
      connection_.on_read_end();
    } else {
      tls_read();
    }
  });
}

std::ptrdiff_t Slot::tls_write(std::string_view bytes) {
  std::ptrdiff_t total = 0;
  while (!bytes.empty()) {
    const TlsSession::Result result = tls_->write(bytes);
    if (result.outcome == TlsSession::Outcome::NeedsWrite) {
      return total;
    }
    // NeedsRead would be a renegotiation, which is off.
    if (result.outcome != TlsSession::Outcome::Done) {
      return kFailed;
    }
    total += static_cast<std::ptrdiff_t>(result.bytes);
    bytes.remove_prefix(result.bytes);
  }
  return total;
}

std::ptrdiff_t Slot::write(std::string_view first, std::string_view second, bool more) {
  if (tls_ != nullptr) {
    const std::ptrdiff_t sent = tls_write(first);
    if (sent < static_cast<std::ptrdiff_t>(first.size())) {
      return sent;
    }
    const std::ptrdiff_t rest = tls_write(second);
    return rest < 0 ? kFailed : sent + rest;
  }
  // const_cast: iovec serves reading and writing; sendmsg only reads.
  iovec parts[2] = {{const_cast<char*>(first.data()), first.size()},
                    {const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = second.empty() ? 1 : 2;
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0);
  const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, flags);
  if (sent >= 0) {
    return sent;
  }
  return would_block() ? 0 : kFailed;
}

std::ptrdiff_t Slot::write_file(int fd, std::uint64_t offset, std::uint64_t length) {
  if (tls_ != nullptr) {
    char block[kTlsFileBlock];
    const std::size_t want = std::min<std::uint64_t>(length, sizeof block);
    const ssize_t got = ::pread(fd, block, want, static_cast<off_t>(offset));
    return got > 0 ? tls_write({block, static_cast<std::size_t>(got)}) : kFailed;
  }
  auto at = static_cast<off_t>(offset);
  const auto count = static_cast<std::size_t>(std::min(length, kSendfileMax));
  const ssize_t sent = ::sendfile(socket_.native_handle(), fd, &at, count);
  if (sent > 0) {
    return sent;
  }
  // 0: the file is shorter than promised. The length is announced, so only closing tells the truth.
  return sent < 0 && would_block() ? 0 : kFailed;
}

void Slot::await_writable() {
  ++operations_;
  socket_.async_wait(TcpSocket::wait_write, [this](const boost::system::error_code&) {
    if (completed()) {
      connection_.on_writable();
    }
  });
}

void Slot::shutdown_write() {
  if (tls_ != nullptr) {
    tls_->say_goodbye();
  }
  boost::system::error_code ignored;
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void Slot::close() {
  is_open_ = false;
  if (tls_ != nullptr) {
    tls_->say_goodbye();
    tls_.reset();
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Slot::set_deadline(std::int64_t when) {
  loop_.wheel_.set(*this, when);
}

void Slot::release() {
  loop_.wheel_.remove(*this);
  is_released_ = true;
  reuse_if_quiet();
}

// --- Loop ---

Loop::Loop(int loop_index, Handler& loop_handler, const Limits& loop_limits, const Clock& clock)
    : clock_(clock),
      io_(1),
      work_(asio::make_work_guard(io_)),
      tick_(io_),
      wheel_(monotonic_ms() / kMsPerSecond) {
  handler = &loop_handler;
  limits = &loop_limits;
  index = loop_index;
}

Loop::~Loop() {
  join();
}

void Loop::start() {
  // Signals belong to the thread that waits for them, not to a loop.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Loop::run() {
  pthread_setname_np(pthread_self(), "signet-loop");
  current_loop = this;
  handler->loop_started(index);
  arm_tick();
  io_.run();
}

void Loop::join() {
  if (thread_.joinable()) {
    work_.reset();
    io_.stop();
    thread_.join();
  }
}

void Loop::arm_tick() {
  tick_.expires_after(std::chrono::seconds(1));
  tick_.async_wait([this](const boost::system::error_code& error) {
    if (error) {
      return;
    }
    wheel_.advance(monotonic_ms() / kMsPerSecond,
                   [](TimerNode& node) { static_cast<Slot&>(node).connection().on_deadline(); });
    arm_tick();
  });
}

void Loop::adopt(TcpSocket socket, Peer peer, const TlsContext* tls) {
  asio::post(io_, [this, tls, moved = std::move(socket), who = std::move(peer)]() mutable {
    if (is_draining) {
      return;
    }
    if (free_.empty()) {
      slots_.push_back(std::make_unique<Slot>(*this));
      free_.push_back(slots_.back().get());
    }
    Slot& slot = *free_.back();
    free_.pop_back();
    in_use_.fetch_add(1);
    slot.start(std::move(moved), std::move(who), tls);
  });
}

void Loop::drain() {
  asio::post(io_, [this] {
    is_draining = true;
    for (const auto& slot : slots_) {
      slot->connection().drain();
    }
  });
}

void Loop::close_all() {
  asio::post(io_, [this] {
    for (const auto& slot : slots_) {
      slot->connection().close();
    }
  });
}

std::string_view Loop::common_headers() {
  const std::int64_t second = clock_.now().seconds();
  if (second != headers_second_) {
    headers_second_ = second;
    headers_ = "Date: " + http_date(second) + "\r\nServer: Signet\r\n";
  }
  return headers_;
}

bool Loop::is_loop_thread() const {
  return current_loop == this;
}

void Loop::post(std::move_only_function<void()> work) {
  asio::post(io_, std::move(work));
}

}  // namespace signet::http
