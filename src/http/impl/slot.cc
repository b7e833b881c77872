#include "http/impl/slot.h"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "http/impl/loop.h"

namespace signet::http {
namespace {

// sendfile's own limit for one call.
constexpr std::uint64_t kSendfileMax = 0x7ffff000;
// One TLS record.
constexpr std::size_t kTlsFileBlock = 16 * 1024;

}  // namespace

Slot::Slot(Loop& loop) : loop_(loop), connection_(loop, *this) {}

void Slot::start(UniqueFd socket, Peer peer, const TlsContext* tls) {
  socket_ = std::move(socket);
  if (tls != nullptr) {
    tls_ = std::make_unique<TlsSession>(*tls, socket_.get());
  }
  is_open_ = true;
  is_free_ = false;
  is_readable_ = is_ended_ = wants_read_ = wants_writable_ = false;
  is_writable_ = true;
  constexpr std::uint32_t kEdges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  const bool is_watched = loop_.watch(socket_.get(), kEdges, *this);
  connection_.start(std::move(peer));
  if (!is_watched) {
    connection_.close();  // out of memory
  }
}

void Slot::on_events(std::uint32_t events) {
  constexpr std::uint32_t kEnds = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  is_ended_ = is_ended_ || (events & kEnds) != 0;
  // A TLS session may wait for either direction to read.
  is_readable_ = is_readable_ || is_ended_ || (events & EPOLLIN) != 0 || tls_ != nullptr;
  is_writable_ = is_writable_ || (events & (EPOLLOUT | kEnds)) != 0;
  deliver();
}

void Slot::deliver() {
  if (is_open_ && wants_read_ && is_readable_) {
    tls_ != nullptr ? receive_tls() : receive();
  }
  if (is_open_ && wants_writable_ && is_writable_) {
    wants_writable_ = false;
    connection_.on_writable();
  }
}

void Slot::deliver_soon() {
  if (!is_queued_) {
    is_queued_ = true;
    loop_.ready_.push_back(this);
  }
}

void Slot::receive() {
  const std::span<char> into = connection_.room();
  ssize_t got = -1;
  do {
    got = ::recv(socket_.get(), into.data(), into.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    is_readable_ = false;
    connection_.on_nothing_read();
    return;
  }
  wants_read_ = false;
  if (got <= 0) {
    connection_.on_read_end();
    return;
  }
  // The end of the stream gives no second edge.
  is_readable_ = is_ended_ || static_cast<std::size_t>(got) == into.size();
  connection_.on_read(static_cast<std::size_t>(got));
}

void Slot::receive_tls() {
  const TlsSession::Result result = tls_->read(connection_.room());
  switch (result.outcome) {
    case TlsSession::Outcome::NeedsRead:
    case TlsSession::Outcome::NeedsWrite:
      is_readable_ = false;  // until the next event
      connection_.on_nothing_read();
      break;
    case TlsSession::Outcome::Done:
      wants_read_ = false;
      connection_.on_read(result.bytes);
      break;
    case TlsSession::Outcome::Ended:
      wants_read_ = false;
      connection_.on_read_end();
      break;
  }
}

void Slot::read() {
  wants_read_ = true;
  // Decrypted bytes may be at hand already, but no event may come from inside this call.
  is_readable_ = is_readable_ || tls_ != nullptr;
  if (is_readable_) {
    deliver_soon();
  }
}

std::ptrdiff_t Slot::blocked_or_failed() {
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    is_writable_ = false;
    return 0;
  }
  return errno == EINTR ? 0 : kFailed;
}

std::ptrdiff_t Slot::tls_write(std::string_view bytes) {
  std::ptrdiff_t total = 0;
  while (!bytes.empty()) {
    const TlsSession::Result result = tls_->write(bytes);
    if (result.outcome == TlsSession::Outcome::NeedsWrite) {
      is_writable_ = false;
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
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0);
  ssize_t sent = -1;
  if (second.empty()) {
    sent = ::send(socket_.get(), first.data(), first.size(), flags);
  } else {
    // NOLINTBEGIN(cppcoreguidelines-pro-type-const-cast): iovec lacks const, sendmsg only reads
    iovec parts[2] = {{const_cast<char*>(first.data()), first.size()},
                      {const_cast<char*>(second.data()), second.size()}};
    // NOLINTEND(cppcoreguidelines-pro-type-const-cast)
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    sent = ::sendmsg(socket_.get(), &message, flags);
  }
  if (sent < 0) {
    return blocked_or_failed();
  }
  // A short write has filled the socket: the next room is a new edge.
  is_writable_ = static_cast<std::size_t>(sent) == first.size() + second.size();
  return sent;
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
  const ssize_t sent = ::sendfile(socket_.get(), fd, &at, count);
  if (sent > 0) {
    return sent;
  }
  // 0: the file is shorter than promised. The length is announced, so only closing tells the truth.
  return sent < 0 ? blocked_or_failed() : kFailed;
}

void Slot::await_writable() {
  wants_writable_ = true;
  if (is_writable_) {
    deliver_soon();
  }
}

bool Slot::flush_soon() {
  loop_.unflushed_.push_back(this);
  return true;
}

void Slot::shutdown_write() {
  if (tls_ != nullptr) {
    tls_->say_goodbye();
  }
  ::shutdown(socket_.get(), SHUT_WR);
}

void Slot::close() {
  is_open_ = wants_read_ = wants_writable_ = false;
  if (tls_ != nullptr) {
    tls_->say_goodbye();
    tls_.reset();
  }
  socket_.reset();  // and with it what epoll knows of it
}

std::string_view Slot::tls_version() const {
  return tls_ != nullptr ? tls_->version() : std::string_view();
}

void Slot::set_deadline(std::int64_t when) {
  loop_.wheel_.set(*this, when);
}

void Slot::release() {
  loop_.wheel_.remove(*this);
  is_free_ = true;
  loop_.free_.push_back(this);
  loop_.in_use_.fetch_sub(1);
}

}  // namespace signet::http
