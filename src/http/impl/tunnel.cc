#include "http/impl/tunnel.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace signet::http {
namespace {

using Outcome = TlsSession::Outcome;

constexpr std::size_t kBlock = 64 * 1024;

TlsSession::Result outcome_of(ssize_t done, Outcome if_blocked) {
  if (done > 0) {
    return {.outcome = Outcome::Done, .bytes = static_cast<std::size_t>(done)};
  }
  const bool is_blocked = done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return {.outcome = is_blocked ? if_blocked : Outcome::Ended};
}

// One end: a socket, or a session over it.
class End {
 public:
  End(int fd, TlsSession* session) : fd_(fd), session_(session) {}

  TlsSession::Result read(std::span<char> into) {
    return session_ != nullptr
               ? session_->read(into)
               : outcome_of(::recv(fd_, into.data(), into.size(), 0), Outcome::NeedsRead);
  }

  TlsSession::Result write(std::string_view bytes) {
    return session_ != nullptr ? session_->write(bytes)
                               : outcome_of(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                                            Outcome::NeedsWrite);
  }

  // Nothing more is written.
  void finish() {
    if (session_ != nullptr) {
      session_->say_goodbye();
    }
    ::shutdown(fd_, SHUT_WR);
  }

 private:
  int fd_;
  TlsSession* session_;
};

// One direction. What the ends wait for is put into `from_waits` and `to_waits`.
struct Way {
  End& from;
  End& to;
  std::string pending = {};
  std::size_t sent = 0;
  bool has_ended = false;  // nothing more comes
  bool is_over = false;    // and nothing is left to send
  bool is_broken = false;

  // True: something moved.
  bool move(short& from_waits, short& to_waits) {
    if (sent == pending.size()) {
      pending.clear();
      sent = 0;
      return take(from_waits);
    }
    const TlsSession::Result result = to.write(std::string_view(pending).substr(sent));
    sent += result.bytes;
    is_broken = result.outcome == Outcome::Ended;
    to_waits |= waits_for(result.outcome);
    return result.outcome == Outcome::Done;
  }

  static short waits_for(Outcome outcome) {
    return outcome == Outcome::NeedsRead ? POLLIN : outcome == Outcome::NeedsWrite ? POLLOUT : 0;
  }

 private:
  bool take(short& from_waits) {
    if (has_ended) {
      to.finish();
      is_over = true;
      return true;
    }
    pending.resize(kBlock);
    const TlsSession::Result result = from.read(pending);
    pending.resize(result.bytes);
    has_ended = result.outcome == Outcome::Ended;
    from_waits |= waits_for(result.outcome);
    return result.outcome == Outcome::Done || has_ended;
  }
};

}  // namespace

void carry(int client, TlsSession* session, int server, std::string first, int stop) {
  End near(client, session);
  End far(server, nullptr);
  Way up{.from = near, .to = far, .pending = std::move(first)};
  Way down{.from = far, .to = near};
  while (!down.is_over && !up.is_broken && !down.is_broken) {
    short near_waits = 0;
    short far_waits = 0;
    bool has_moved = !up.is_over && up.move(near_waits, far_waits);
    has_moved |= down.move(far_waits, near_waits);
    if (has_moved) {
      continue;
    }
    // An end that nothing is wanted of is not looked at: one that has hung up would be ready for
    // ever.
    std::array<pollfd, 3> waits{
        {{.fd = near_waits != 0 ? client : -1, .events = near_waits, .revents = 0},
         {.fd = far_waits != 0 ? server : -1, .events = far_waits, .revents = 0},
         {.fd = stop, .events = POLLIN, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) {
      return;
    }
    if (waits[2].revents != 0) {
      return;
    }
  }
}

}  // namespace signet::http
