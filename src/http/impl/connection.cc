#include "http/impl/connection.h"

#include <algorithm>
#include <utility>

#include "base/assertion.h"
#include "http/impl/memory_blocks.h"

namespace signet::http {
namespace {

constexpr Refusal kBodyTooLong{413, "The request body is too long."};
constexpr Refusal kBadChunk{400, "The chunked body is malformed."};

}  // namespace

Connection::Connection(LoopServices& loop, Transport& transport)
    : loop_(loop), transport_(transport), parser_(*loop.limits), chunks_(*loop.limits) {}

void Connection::start(Peer peer) {
  SIGNET_ASSERT(is_released_);
  peer_ = std::move(peer);
  phase_ = Phase::Head;
  is_reading_ = is_awaiting_writable_ = is_write_timed_ = false;
  is_peer_done_ = is_closing_ = is_lingering_ = false;
  is_aborted_ = is_released_ = false;
  is_first_request_ = true;
  is_body_complete_ = true;
  discarded_ = 0;
  deadline_ = 0;
  head_deadline_ = loop_.now_seconds() + loop_.limits->head_seconds;
  parser_.reset();
  run();
}

void Connection::run() {
  if (is_running_) {
    return;  // the outer run() picks up what changed
  }
  is_running_ = true;
  while (step()) {
  }
  is_running_ = false;
  release_if_unused();
}

bool Connection::step() {
  switch (phase_) {
    case Phase::Head:
      return step_head();
    case Phase::Body:
      return is_in_place_ ? step_body_in_place() : step_body();
    case Phase::Answering:
      return step_answering();
    case Phase::Flushing:
      return step_flushing();
    case Phase::Discard:
      return step_discard();
    case Phase::Linger:
      return step_linger();
    case Phase::Closed:
      break;
  }
  return false;
}

// --- Events ---

void Connection::on_read(std::size_t bytes) {
  is_reading_ = false;
  if (phase_ == Phase::Closed) {
    return;
  }
  if (phase_ == Phase::Body && is_in_place_) {
    window_bytes_ += bytes;  // all of it is body; what is staged counts once it is taken apart
  }
  if (phase_ == Phase::Linger) {
    discarded_ += bytes;
  } else if (is_reading_stage_) {
    pending_ = std::string_view(stage_.get(), bytes);
    is_pending_staged_ = true;
  } else {
    in_.commit(bytes);
  }
  run();
}

void Connection::on_nothing_read() {
  if (!is_reading_stage_ && in_.empty()) {
    give_head_memory_back();
  }
}

void Connection::on_read_end() {
  is_reading_ = false;
  is_peer_done_ = true;
  if (phase_ == Phase::Closed) {
    return;
  }
  run();
}

void Connection::on_writable() {
  is_awaiting_writable_ = false;
  run();
}

void Connection::on_flush() {
  if (phase_ != Phase::Closed) {
    flushed_before_waiting();  // if not, on_writable() goes on
    release_if_unused();
  }
}

void Connection::drain() {
  if (phase_ == Phase::Head && in_.empty() && !has_output()) {
    close();
  }
}

void Connection::close() {
  close_stream();
  release_if_unused();
}

// --- Reading a head ---

bool Connection::step_head() {
  if (in_.empty()) {
    return step_head_incomplete();
  }
  switch (parser_.parse(in_.data())) {
    case RequestParser::Outcome::NeedMore:
      return step_head_incomplete();
    case RequestParser::Outcome::Refused:
      refuse(parser_.refusal());
      return true;
    case RequestParser::Outcome::Complete:
      begin_request();
      return true;
  }
  return false;
}

bool Connection::step_head_incomplete() {
  if (is_peer_done_ || (loop_.is_draining && in_.empty())) {
    is_closing_ = true;
    phase_ = Phase::Flushing;
    return true;
  }
  const bool flushes_soon = has_output() && !is_awaiting_writable_ && transport_.flush_soon();
  if (!flushes_soon && !flushed_before_waiting()) {
    return false;
  }
  return !is_reading_ && !read_head();
}

// False: refused for lack of memory.
bool Connection::read_head() {
  if (in_.empty()) {
    stage_.reset();
    give_head_memory_back();
    settle_memory();
  } else {
    if (head_deadline_ == 0) {
      head_deadline_ = loop_.now_seconds() + loop_.limits->head_seconds;
    }
    if (!make_head_room()) {
      refuse_for_memory();
      return false;
    }
  }
  set_deadline_in(head_deadline_ == 0
                      ? loop_.limits->idle_seconds
                      : std::max<std::int64_t>(head_deadline_ - loop_.now_seconds(), 1));
  is_reading_ = true;
  is_reading_stage_ = false;
  transport_.read();
  return true;
}

void Connection::begin_request() {
  loop_.requests.add();
  is_first_request_ = false;
  head_deadline_ = 0;
  RequestHead& head = parser_.head();
  peer_.introduce(head, transport_.tls_version());
  head.loop = loop_.index;

  pending_ = in_.data().substr(parser_.size());
  is_pending_staged_ = false;
  body_seen_ = body_framing_ = 0;
  body_left_ = head.content_length.value_or(0);
  framing_ = head.chunked ? Framing::Chunked : body_left_ > 0 ? Framing::Counted : Framing::None;
  is_body_complete_ = framing_ == Framing::None;
  is_continue_owed_ = head.expects_continue && pending_.empty();
  is_in_place_ = false;
  is_body_wanted_ = false;
  phase_ = Phase::Body;
  exchange_ = loop_.handler->open(head);
  SIGNET_ASSERT(exchange_ != nullptr);
  plan_ = exchange_->begin(head, Call(*this));
  if (!is_paused_) {
    want_body();
  }
}

void Connection::want_body() {
  is_body_wanted_ = true;
  if (is_continue_owed_ && framing_ == Framing::None) {
    // RFC 9110 10.1.1 does not ask for it where no body follows, but botocore 1.44 waits for it
    // before every body that can be read, and after an answer without it reads the next answer of
    // the connection wrongly.
    invite_body();
  }
  if (answer_.has_value()) {
    phase_ = Phase::Answering;
  } else if (is_body_complete_) {
    finish_body({});
  } else {
    start_body();
  }
}

// --- Reading a body ---

void Connection::invite_body() {
  out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  is_continue_owed_ = false;
}

void Connection::start_body() {
  const bool is_counted = framing_ == Framing::Counted;
  if (is_counted && body_left_ > plan_.max_bytes) {
    refuse(kBodyTooLong);
    return;
  }
  if (is_continue_owed_) {
    invite_body();
  }
  chunks_.reset();
  body_.clear();
  is_in_place_ = is_counted && plan_.mode == BodyPlan::Mode::Buffer &&
                 parser_.size() + body_left_ <= in_.reach();
  body_began_ = loop_.now_seconds();
  start_rate_window();
}

// A small body with a known length: it is completed behind its head, and nothing is copied.
bool Connection::step_body_in_place() {
  if (answer_.has_value()) {
    phase_ = Phase::Answering;
    return true;
  }
  const std::size_t wanted = parser_.size() + static_cast<std::size_t>(body_left_);
  if (in_.data().size() >= wanted) {
    pending_ = in_.data().substr(wanted);
    const std::string_view whole =
        in_.data().substr(parser_.size(), static_cast<std::size_t>(body_left_));
    body_left_ = 0;
    finish_body(whole);
    return true;
  }
  if (is_peer_done_) {
    close_stream();
    return false;
  }
  if (flushed_before_waiting() && !is_reading_) {
    is_reading_ = true;
    is_reading_stage_ = false;
    transport_.read();
  }
  return false;
}

bool Connection::step_body() {
  if (is_paused_) {
    return false;
  }
  if (!is_body_wanted_) {
    exchange_->ready(Call(*this));
    want_body();
    return true;
  }
  if (answer_.has_value()) {
    phase_ = Phase::Answering;
    return true;
  }
  std::string_view piece;
  switch (next_piece(piece)) {
    case Piece::Data:
      body_seen_ += piece.size();
      window_bytes_ += piece.size();
      if (body_seen_ > plan_.max_bytes) {
        refuse(kBodyTooLong);
      } else if (plan_.mode == BodyPlan::Mode::Stream) {
        exchange_->body(piece, Call(*this));
      } else if (!keep_piece(piece)) {
        refuse_for_memory();
      }
      return true;
    case Piece::End:
      finish_body(body_);
      return true;
    case Piece::Refused:
      refuse(kBadChunk);
      return true;
    case Piece::NeedMore:
      break;
  }
  if (is_peer_done_) {
    close_stream();
    return false;
  }
  if (flushed_before_waiting() && !is_reading_ && !read_stage()) {
    refuse_for_memory();
    return true;
  }
  return false;
}

Connection::Piece Connection::next_piece(std::string_view& piece) {
  if (framing_ == Framing::Chunked) {
    switch (chunks_.next(pending_, piece)) {
      case ChunkDecoder::Step::Data:
        return Piece::Data;
      case ChunkDecoder::Step::NeedMore:
        return Piece::NeedMore;
      case ChunkDecoder::Step::End:
        return Piece::End;
      case ChunkDecoder::Step::Refused:
        break;
    }
    return Piece::Refused;
  }
  if (body_left_ == 0) {
    return Piece::End;
  }
  if (pending_.empty()) {
    return Piece::NeedMore;
  }
  const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, pending_.size()));
  piece = pending_.substr(0, take);
  pending_.remove_prefix(take);
  body_left_ -= take;
  return Piece::Data;
}

void Connection::finish_body(std::string_view whole) {
  is_body_complete_ = true;
  phase_ = Phase::Answering;
  exchange_->finish(whole, Call(*this));
  if (!answer_.has_value() && !is_deferred_) {
    accept_answer(std::nullopt);
  }
}

// --- Answering ---

bool Connection::step_answering() {
  if (!answer_.has_value() || is_paused_) {
    set_deadline_in(0);
    flush();  // earlier pipelined answers do not wait for this one
    return false;
  }
  Response response = std::move(*answer_);
  answer_.reset();
  queue_answer(std::move(response));
  exchange_.reset();
  return true;
}

void Connection::end_request() {
  if (is_pending_staged_) {
    in_.consume(in_.data().size());
    in_.append(pending_);
  } else {
    in_.consume(in_.data().size() - pending_.size());
  }
  pending_ = {};
  is_pending_staged_ = false;
  if (body_.capacity() > kKeptBlock) {
    http::release(body_);
  }
  settle_memory();
  head_deadline_ = 0;
  parser_.reset();
  phase_ = Phase::Head;
}

bool Connection::step_discard() {
  std::string_view piece;
  switch (next_piece(piece)) {
    case Piece::Data:
      return true;
    case Piece::End:
      is_body_complete_ = true;
      end_request();
      return true;
    case Piece::Refused:
      close_stream();
      return false;
    case Piece::NeedMore:
      break;
  }
  if (is_peer_done_) {
    close_stream();
    return false;
  }
  if (flushed_before_waiting() && !is_reading_) {
    if (head_deadline_ == 0) {
      head_deadline_ = loop_.now_seconds() + loop_.limits->linger_seconds;
    }
    set_deadline_in(std::max<std::int64_t>(head_deadline_ - loop_.now_seconds(), 1));
    if (!read_stage()) {
      close_stream();
    }
  }
  return false;
}

bool Connection::step_linger() {
  const bool is_over = is_peer_done_ || discarded_ > loop_.limits->linger_bytes;
  if (is_over || (!is_reading_ && !read_stage())) {
    close_stream();
  }
  return false;
}

// Answers without the handler, and closes: after this nothing the peer sends can be trusted to
// begin a request.
void Connection::refuse(Refusal why) {
  loop_.refused_requests.add();
  loop_.handler->refused(loop_.index, why.status, peer_.address);
  abort_exchange();
  is_closing_ = true;
  is_lingering_ = true;
  Response response{.status = why.status};
  response.headers.add("Content-Type", "application/xml");
  response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>";
  for (const char c : reason_phrase(why.status)) {
    response.body += c == ' ' ? std::string_view() : std::string_view(&c, 1);
  }
  response.body += "</Code><Message>";
  response.body += why.message;
  response.body += "</Message></Error>";
  queue_answer(std::move(response));
}

void Connection::abort_exchange() {
  if (exchange_ != nullptr && !answer_.has_value() && !is_aborted_ && !is_body_complete_) {
    is_aborted_ = true;
    exchange_->abort();
  }
}

// --- Calls from the handler ---

void Connection::answer_now(Response response) {
  SIGNET_ASSERT(!answer_.has_value() && !is_deferred_ && !is_aborted_);
  answer_ = std::move(response);
}

void Connection::defer() {
  SIGNET_ASSERT(!answer_.has_value() && !is_deferred_ && !is_aborted_);
  is_deferred_ = true;
}

void Connection::pause() {
  SIGNET_ASSERT(phase_ == Phase::Body && !is_paused_);
  is_paused_ = true;
  paused_at_ = loop_.now_seconds();
  deadline_at_pause_ = deadline_;
  set_deadline_in(0);
}

void Connection::answer_from_anywhere(std::optional<Response> response) {
  if (loop_.is_loop_thread()) {
    is_deferred_ = false;
    accept_answer(std::move(response));
    return;
  }
  // `this` stays: is_deferred_ keeps the connection from being released.
  loop_.post([this, moved = std::move(response)]() mutable {
    is_deferred_ = false;
    accept_answer(std::move(moved));
  });
}

void Connection::accept_answer(std::optional<Response> response) {
  if (phase_ == Phase::Closed || is_aborted_) {
    release_if_unused();
    return;
  }
  if (!response.has_value()) {
    response = Response{.status = 500};
    response->headers.add("Content-Type", "application/xml");
    response->body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InternalFailure</Code>"
        "<Message>The request was given up.</Message></Error>";
  }
  answer_ = std::move(response);
  run();
}

void Connection::resume_from_anywhere() {
  if (loop_.is_loop_thread()) {
    accept_resume();
    return;
  }
  loop_.post([this] { accept_resume(); });
}

void Connection::accept_resume() {
  is_paused_ = false;
  if (phase_ == Phase::Closed) {
    release_if_unused();
    return;
  }
  take_off_framing(std::exchange(paused_framing_, 0));
  // What was left of the window is left still: who is paused often gets no new one each time. Whole
  // seconds are counted, so the pause is taken for one shorter, never for longer than it was.
  const std::int64_t now = loop_.now_seconds();
  const std::int64_t paused = std::max<std::int64_t>(0, now - paused_at_ - 1);
  body_began_ += paused;
  if (deadline_at_pause_ != 0) {
    set_deadline_in(std::max<std::int64_t>(1, deadline_at_pause_ + paused - now));
  }
  run();
}

// --- End ---

void Connection::close_stream() {
  if (phase_ == Phase::Closed) {
    return;
  }
  const bool was_running = std::exchange(is_running_, true);
  abort_exchange();
  phase_ = Phase::Closed;
  set_deadline_in(0);
  transport_.close();
  is_running_ = was_running;
}

void Connection::release_if_unused() {
  if (phase_ != Phase::Closed || is_released_ || is_running_ || is_deferred_ || is_paused_ ||
      is_fetching_) {
    return;
  }
  is_released_ = true;
  exchange_.reset();
  answer_.reset();
  file_.reset();
  source_.reset();
  source_left_ = 0;
  next_piece_.reset();
  http::release(out_);
  http::release(tail_);
  http::release(body_);
  out_sent_ = tail_sent_ = 0;
  pending_ = {};
  stage_.reset();
  in_.consume(in_.data().size());
  give_head_memory_back();
  settle_memory();
  peer_ = Peer();
  transport_.release();
}

}  // namespace signet::http
