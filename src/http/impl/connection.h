#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/handler.h"
#include "http/impl/buffer.h"
#include "http/impl/peer.h"
#include "http/impl/transport.h"
#include "http/request_parser.h"

namespace signet::http {

// HTTP/1.1 on one byte stream: a state machine without sockets. It serves one request at a time, so
// pipelined answers keep their order and a slow handler holds its own connection only.
//
// Memory is bounded: the head by Limits, a buffered body by the handler's plan, a streamed one by
// one stage block, and all of it together by the loop's budget. Nothing is read while an answer
// waits for the peer to take it.
class Connection {
 public:
  Connection(LoopServices& loop, Transport& transport);

  // Begins a fresh life with a newly accepted stream.
  void start(Peer peer);

  // Where the transport reads into, once there is something to read; never empty.
  [[nodiscard]] std::span<char> room();

  // Events from the transport. on_nothing_read: there was nothing to read after all, reading goes
  // on. on_read_end: the peer ended its stream, or reading failed.
  void on_read(std::size_t bytes);
  void on_nothing_read();
  void on_read_end();
  void on_writable();
  // After Transport::flush_soon().
  void on_flush();
  // From the loop.
  void on_deadline();
  // Closes an idle connection; one with a request in progress closes after its answer.
  void drain();
  // Closes whatever is going on.
  void close();

  // For Call, on the loop.
  void answer_now(Response response);
  void defer();
  void pause();

  // Any thread, while the body is paused: counts when it goes on.
  void take_off_framing_later(std::size_t bytes) { paused_framing_ += bytes; }

  void take_off_framing(std::size_t bytes);
  // For Responder and BodyPause, on any thread. No response: the Responder was dropped.
  void answer_from_anywhere(std::optional<Response> response);
  void resume_from_anywhere();
  // For PieceTaker, on any thread. Nothing: there is no piece.
  void take_piece_from_anywhere(std::optional<std::string> piece);

 private:
  enum class Phase : std::uint8_t {
    Head,       // reading a head, or waiting for one
    Body,       // reading a body for the exchange
    Answering,  // the exchange has everything; its answer is awaited
    Flushing,   // what is queued must be with the peer before anything else
    Discard,    // reading the rest of a body nobody wants, to keep the connection
    Linger,     // our side is shut; reading until the peer notices
    Closed,
  };

  enum class Framing : std::uint8_t { None, Counted, Chunked };
  enum class Piece : std::uint8_t { Data, NeedMore, End, Refused };

  // connection.cc: the state machine. A step returns true when the next step can follow at once.
  void run();
  bool step();
  bool step_head();
  bool step_head_incomplete();
  void begin_request();
  void want_body();
  void invite_body();
  void start_body();
  bool step_body();
  bool step_body_in_place();
  Piece next_piece(std::string_view& piece);
  void finish_body(std::string_view whole);
  bool step_answering();
  bool step_discard();
  bool step_linger();
  void end_request();
  void refuse(Refusal why);
  void abort_exchange();
  void accept_answer(std::optional<Response> response);
  void accept_resume();
  bool read_head();
  void close_stream();
  void release_if_unused();

  // connection_time.cc: deadlines and rates.
  void set_deadline_in(std::int64_t seconds);
  void start_rate_window();
  [[nodiscard]] bool kept_the_rate() const;
  [[nodiscard]] bool is_body_overdue() const;
  void time_out();

  // connection_memory.cc: where bytes go, and what that costs.
  bool read_stage();
  bool make_head_room();
  void borrow_head_memory();
  void give_head_memory_back();
  bool keep_piece(std::string_view piece);
  [[nodiscard]] std::uint64_t memory_held() const;
  bool afford(std::uint64_t more);
  void settle_memory();
  void refuse_for_memory();

  // connection_output.cc: answers and their way out.
  void queue_answer(Response response);
  [[nodiscard]] bool keeps_rest_of_body() const;
  void write_head(const Response& response, bool has_length, std::uint64_t length);
  bool flush();
  bool flush_text();
  bool flush_file();
  bool flush_source();
  void fetch_piece(std::string spare);
  void accept_piece(std::optional<std::string> piece);
  bool blocked();
  bool step_flushing();
  bool flushed_before_waiting();
  [[nodiscard]] bool has_output() const;

  LoopServices& loop_;
  Transport& transport_;
  Peer peer_;
  RequestParser parser_;
  ChunkDecoder chunks_;

  Phase phase_ = Phase::Closed;
  Phase phase_after_flush_ = Phase::Head;
  bool is_running_ = false;
  bool is_reading_ = false;
  bool is_reading_stage_ = false;
  bool is_awaiting_writable_ = false;
  bool is_write_timed_ = false;  // a rate window runs for what the peer does not take
  bool is_peer_done_ = false;
  bool is_first_request_ = true;
  bool is_closing_ = false;    // nothing more is served; close after the queued answers
  bool is_lingering_ = false;  // the peer may still be sending: read a little before closing
  bool is_released_ = true;

  // Bytes received: heads and small bodies. Borrowed from the loop while a request is on its way.
  Buffer in_;
  // When the head, or the rest of a discarded body, must be here.
  std::int64_t head_deadline_ = 0;
  std::int64_t deadline_ = 0;

  // The request in progress. `pending_` is what was received behind its head and is not used yet;
  // it lies in `in_` or in `stage_`.
  ExchangePtr exchange_;
  BodyPlan plan_;
  std::string_view pending_;
  bool is_pending_staged_ = false;
  std::unique_ptr<char[]> stage_;
  std::size_t stage_size_ = 0;
  std::string body_;
  Framing framing_ = Framing::None;
  bool is_in_place_ = false;
  bool is_body_complete_ = true;
  bool is_body_wanted_ = false;  // false: begin() has it held back
  bool is_continue_owed_ = false;
  bool is_deferred_ = false;
  bool is_paused_ = false;
  bool is_aborted_ = false;
  std::uint64_t body_left_ = 0;  // Counted: bytes still to come
  std::uint64_t body_seen_ = 0;
  std::uint64_t body_framing_ = 0;  // of those, what the handler took off
  std::int64_t body_began_ = 0;     // pauses left out
  std::int64_t paused_at_ = 0;
  std::int64_t deadline_at_pause_ = 0;
  std::size_t paused_framing_ = 0;
  std::uint64_t discarded_ = 0;
  std::optional<Response> answer_;

  // Output: `out_`, then `tail_` and what `source_` makes, or `file_`.
  std::string out_;
  std::size_t out_sent_ = 0;
  std::string tail_;
  std::size_t tail_sent_ = 0;
  std::optional<FileRange> file_;
  // What follows `tail_`, piece by piece: the next one is made while this one is sent.
  std::unique_ptr<BodySource> source_;
  std::uint64_t source_left_ = 0;  // bytes that were not in tail_ yet
  std::optional<std::string> next_piece_;
  bool is_fetching_ = false;

  std::uint64_t window_bytes_ = 0;
  std::uint64_t charged_ = 0;  // what the budget knows of
};

}  // namespace signet::http
