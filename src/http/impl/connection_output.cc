#include <charconv>
#include <utility>

#include <sys/types.h>

#include "http/impl/connection.h"
#include "http/impl/memory_blocks.h"

// How answers leave: small ones are gathered in `out_` and written at once, several pipelined ones
// together; a large body is written from where it lies; a file goes from its descriptor to the
// socket.
namespace signet::http {
namespace {

constexpr std::size_t kLargeBody = 16 * 1024;
constexpr std::size_t kOutputHighWater = 64 * 1024;
// What lies in the text object itself.
const std::size_t kShortText = std::string().capacity();
// An unwanted rest of a body up to this size is read so that the connection can be kept.
constexpr std::uint64_t kKeptRestBytes = 256 * 1024;

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  out.append(digits, end);
}

}  // namespace

void Connection::queue_answer(Response response) {
  const RequestHead& head = parser_.head();
  is_closing_ = is_closing_ || response.close || head.wants_close || loop_.is_draining;
  if (!is_body_complete_ && !keeps_rest_of_body()) {
    is_closing_ = true;
    is_lingering_ = true;
  }
  const bool is_bare = has_no_body(response.status);
  const bool sends_body = !is_bare && head.method != "HEAD";
  const std::uint64_t length = response.file ? response.file->length
                               : response.content_length
                                   ? *response.content_length
                                   : static_cast<std::uint64_t>(response.body.size());
  const auto body_size = static_cast<std::uint64_t>(response.body.size());
  write_head(response, !is_bare, length);
  if (sends_body && response.file) {
    file_ = std::move(response.file);
  } else if (sends_body && response.body.size() > kLargeBody) {
    tail_ = std::move(response.body);
    tail_sent_ = 0;
    settle_memory();
  } else if (sends_body) {
    out_ += response.body;
  }
  if (sends_body && response.source && length > body_size) {
    source_ = std::move(response.source);
    source_left_ = length - body_size;
    fetch_piece({});
  }

  if (is_closing_) {
    phase_ = Phase::Flushing;
    return;
  }
  if (is_body_complete_) {
    end_request();
  } else {
    phase_ = Phase::Discard;
  }
  if (file_ || source_ || !tail_.empty() || out_.size() > kOutputHighWater) {
    phase_after_flush_ = phase_;
    phase_ = Phase::Flushing;
  }
}

bool Connection::keeps_rest_of_body() const {
  return framing_ == Framing::Counted && !is_in_place_ && !is_continue_owed_ &&
         body_left_ <= kKeptRestBytes;
}

void Connection::write_head(const Response& response, bool has_length, std::uint64_t length) {
  if (out_.empty() && out_.capacity() == kShortText) {
    out_ = loop_.spare_texts.take();
  }
  if (response.status == 200) {
    out_ += "HTTP/1.1 200 OK\r\n";
  } else {
    out_ += "HTTP/1.1 ";
    append_number(out_, static_cast<std::uint64_t>(response.status));
    out_ += ' ';
    out_ += reason_phrase(response.status);
    out_ += "\r\n";
  }
  out_ += loop_.common_headers();
  out_ += response.headers.wire();
  if (has_length) {
    out_ += "Content-Length: ";
    append_number(out_, length);
    out_ += "\r\n";
  }
  if (is_closing_) {
    out_ += "Connection: close\r\n";
  } else if (parser_.head().minor_version == 0) {
    out_ += "Connection: keep-alive\r\n";
  }
  out_ += "\r\n";
}

bool Connection::has_output() const {
  return out_sent_ < out_.size() || tail_sent_ < tail_.size() || file_.has_value() ||
         source_ != nullptr;
}

// True when everything queued is with the system. False: the peer is slow and on_writable() will
// come, or the stream is gone.
bool Connection::flush() {
  if (is_awaiting_writable_) {
    return false;
  }
  if (!flush_text() || !flush_file() || !flush_source()) {
    return false;
  }
  is_write_timed_ = false;
  out_sent_ = tail_sent_ = 0;
  out_.clear();
  if (out_.capacity() > kShortText && out_.capacity() <= kKeptBlock) {
    loop_.spare_texts.give(std::move(out_));
  }
  http::release(out_);
  http::release(tail_);
  settle_memory();
  return true;
}

bool Connection::flush_text() {
  const std::string_view first = std::string_view(out_).substr(out_sent_);
  const std::string_view second = std::string_view(tail_).substr(tail_sent_);
  if (first.empty() && second.empty()) {
    return true;
  }
  const std::ptrdiff_t sent = transport_.write(first, second, file_.has_value());
  if (sent < 0) {
    close_stream();
    return false;
  }
  const auto taken = static_cast<std::size_t>(sent);
  const std::size_t from_first = std::min(taken, first.size());
  out_sent_ += from_first;
  tail_sent_ += taken - from_first;
  window_bytes_ += taken;
  return taken == first.size() + second.size() || blocked();
}

bool Connection::flush_file() {
  while (file_ && file_->length > 0) {
    const std::ptrdiff_t sent =
        transport_.write_file(file_->fd.get(), file_->offset, file_->length);
    if (sent < 0) {
      close_stream();
      return false;
    }
    if (sent == 0) {
      return blocked();
    }
    file_->offset += static_cast<std::uint64_t>(sent);
    file_->length -= static_cast<std::uint64_t>(sent);
    window_bytes_ += static_cast<std::uint64_t>(sent);
  }
  file_.reset();
  return true;
}

bool Connection::flush_source() {
  while (source_left_ > 0) {
    if (!next_piece_) {
      // accept_piece() goes on; nobody but us is slow meanwhile.
      is_write_timed_ = false;
      set_deadline_in(0);
      return false;
    }
    std::string sent = std::exchange(tail_, *std::move(next_piece_));
    next_piece_.reset();
    tail_sent_ = 0;
    source_left_ -= tail_.size();
    if (source_left_ > 0) {
      fetch_piece(std::move(sent));
    }
    settle_memory();
    if (!flush_text()) {
      return false;
    }
  }
  source_.reset();
  return true;
}

void Connection::fetch_piece(std::string spare) {
  is_fetching_ = true;
  source_->fetch(PieceTaker(this), std::move(spare));
}

void Connection::take_piece_from_anywhere(std::optional<std::string> piece) {
  // Never at once: fetch() may have been asked from anywhere in here. `this` stays, since
  // is_fetching_ keeps the connection from being released.
  loop_.post([this, moved = std::move(piece)]() mutable { accept_piece(std::move(moved)); });
}

void Connection::accept_piece(std::optional<std::string> piece) {
  is_fetching_ = false;
  if (phase_ == Phase::Closed) {
    release_if_unused();
    return;
  }
  // A length was announced, so only closing tells the truth.
  if (!piece || piece->empty() || piece->size() > source_left_) {
    close();
    return;
  }
  next_piece_ = std::move(piece);
  settle_memory();
  run();
}

bool Connection::blocked() {
  is_awaiting_writable_ = true;
  if (!is_write_timed_) {
    is_write_timed_ = true;
    start_rate_window();
  }
  transport_.await_writable();
  return false;
}

bool Connection::step_flushing() {
  if (!flush()) {
    return false;
  }
  if (!is_closing_) {
    phase_ = phase_after_flush_;
    return true;
  }
  if (!is_lingering_ || is_peer_done_) {
    close_stream();
    return false;
  }
  transport_.shutdown_write();
  phase_ = Phase::Linger;
  set_deadline_in(loop_.limits->linger_seconds);
  return true;
}

// Before waiting for the peer's bytes, everything it may be waiting for must be out.
bool Connection::flushed_before_waiting() {
  if (!has_output() || flush()) {
    return true;
  }
  if (phase_ != Phase::Closed) {
    phase_after_flush_ = phase_;
    phase_ = Phase::Flushing;
  }
  return false;
}

}  // namespace signet::http
