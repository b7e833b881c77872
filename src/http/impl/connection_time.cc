// What a connection may take of time: deadlines, and the rate of bodies and answers.
#include <algorithm>

#include "base/assertion.h"
#include "http/impl/connection.h"

namespace signet::http {
namespace {

constexpr Refusal kTooSlow{408, "The request did not arrive in time."};

}  // namespace

void Connection::on_deadline() {
  deadline_ = 0;
  if (phase_ == Phase::Closed) {
    return;
  }
  const bool is_timed = is_awaiting_writable_ || phase_ == Phase::Body;
  if (is_timed && kept_the_rate() && !is_body_overdue()) {
    start_rate_window();
    return;
  }
  time_out();
}

void Connection::time_out() {
  const bool is_idle = phase_ == Phase::Head && in_.empty() && !is_first_request_;
  if (!is_idle) {
    loop_.timeouts.add();
  }
  const bool can_tell = !is_awaiting_writable_ && !in_.empty() &&
                        (phase_ == Phase::Head || (phase_ == Phase::Body && !is_paused_));
  if (!can_tell) {
    close();
    return;
  }
  refuse(kTooSlow);
  run();
}

void Connection::take_off_framing(std::size_t bytes) {
  SIGNET_ASSERT(phase_ == Phase::Body && bytes <= window_bytes_);
  window_bytes_ -= bytes;
  body_framing_ += bytes;
}

void Connection::set_deadline_in(std::int64_t seconds) {
  const std::int64_t when = seconds == 0 ? 0 : loop_.now_seconds() + seconds;
  if (when != deadline_) {
    deadline_ = when;
    transport_.set_deadline(when);
  }
}

void Connection::start_rate_window() {
  window_bytes_ = 0;
  set_deadline_in(loop_.limits->rate_window_seconds);
}

bool Connection::kept_the_rate() const {
  return window_bytes_ >=
         loop_.limits->rate_bytes * static_cast<std::uint64_t>(loop_.limits->rate_window_seconds);
}

bool Connection::is_body_overdue() const {
  if (phase_ != Phase::Body) {
    return false;
  }
  const bool is_streamed = plan_.mode == BodyPlan::Mode::Stream;
  const std::uint64_t extra =
      is_streamed ? (body_seen_ - body_framing_) / loop_.limits->stream_rate_bytes : 0;
  return loop_.now_seconds() - body_began_ >
         loop_.limits->body_seconds + static_cast<std::int64_t>(extra);
}

}  // namespace signet::http
