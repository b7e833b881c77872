#pragma once

// A loop, a stream and a handler for tests of Connection: no sockets, no threads, time by hand.

#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/impl/connection.h"

namespace signet::http {

class FakeLoop : public LoopServices {
 public:
  FakeLoop() { limits = &own_limits; }

  [[nodiscard]] std::int64_t now_seconds() const override { return now; }

  [[nodiscard]] std::string_view common_headers() override { return "Date: D\r\n"; }

  [[nodiscard]] bool is_loop_thread() const override { return on_loop; }

  void post(std::move_only_function<void()> work) override { posted.push_back(std::move(work)); }

  void run_posted() {
    while (!posted.empty()) {
      auto work = std::move(posted.front());
      posted.pop_front();
      work();
      flush();
    }
    flush();
  }

  // What a loop that gathers answers does after the events that came together.
  void flush() {
    for (Connection* connection : std::exchange(unflushed, {})) {
      connection->on_flush();
    }
  }

  Limits own_limits;
  std::int64_t now = 1000;
  bool on_loop = true;
  bool gathers = false;
  std::vector<Connection*> unflushed;
  std::deque<std::move_only_function<void()>> posted;
};

// The peer's end: feed() is what it sends, `sent` what it got, `window` what it is willing to take.
class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(FakeLoop& loop) : loop_(loop), connection(loop, *this) {}

  void read() override { is_reading_ = true; }

  std::ptrdiff_t write(std::string_view first, std::string_view second, bool /*more*/) override {
    if (is_broken) {
      return kFailed;
    }
    ++writes;
    const std::string all = std::string(first) + std::string(second);
    return take(all);
  }

  std::ptrdiff_t write_file(int /*fd*/, std::uint64_t offset, std::uint64_t length) override {
    return take(file.substr(offset, length));
  }

  void await_writable() override { is_awaiting_writable = true; }

  bool flush_soon() override {
    if (loop_.gathers) {
      loop_.unflushed.push_back(&connection);
    }
    return loop_.gathers;
  }

  void shutdown_write() override { is_shut = true; }

  void close() override {
    is_closed = true;
    is_reading_ = false;
  }

  void set_deadline(std::int64_t when) override { deadline = when; }

  void release() override { ++releases; }

  // Delivers bytes for as long as the connection reads, at most `step` at a time; returns what it
  // did not take.
  std::string feed(std::string bytes, std::size_t step = 1 << 20) {
    while (!bytes.empty() && std::exchange(is_reading_, false)) {
      const std::span<char> into = connection.room();
      const std::size_t n = std::min({bytes.size(), into.size(), step});
      std::memcpy(into.data(), bytes.data(), n);
      bytes.erase(0, n);
      connection.on_read(n);
      loop_.flush();
    }
    return bytes;
  }

  void end() {
    if (std::exchange(is_reading_, false)) {
      connection.on_read_end();
      loop_.flush();
    }
  }

  // The peer takes `bytes` more.
  void open_window(std::size_t bytes) {
    window = bytes;
    if (std::exchange(is_awaiting_writable, false)) {
      connection.on_writable();
      loop_.flush();
    }
  }

  // Time passes; the deadline fires if it is due.
  void pass_seconds(std::int64_t seconds) {
    for (; seconds > 0; --seconds) {
      ++loop_.now;
      if (deadline != 0 && loop_.now >= deadline) {
        deadline = 0;
        connection.on_deadline();
        loop_.flush();
      }
    }
  }

  [[nodiscard]] bool is_reading() const { return is_reading_; }

  std::string sent;
  std::string file;
  std::size_t window = std::string::npos;
  int writes = 0;
  int releases = 0;
  bool is_broken = false;
  bool is_awaiting_writable = false;
  bool is_shut = false;
  bool is_closed = false;
  std::int64_t deadline = 0;

 private:
  std::ptrdiff_t take(std::string_view bytes) {
    const std::size_t n = std::min(bytes.size(), window);
    sent += bytes.substr(0, n);
    if (window != std::string::npos) {
      window -= n;
    }
    return static_cast<std::ptrdiff_t>(n);
  }

  FakeLoop& loop_;
  bool is_reading_ = false;

 public:
  Connection connection;
};

// Answers every request with its method, target and body. Targets choose other behaviours: see
// begin() and finish().
class ScriptedHandler final : public Handler {
 public:
  ExchangePtr open(const RequestHead& head) override;

  void refused(int /*loop*/, int status, std::string_view /*address*/) override {
    refusals.push_back(status);
  }

  // The handle is taken out of its place before it is let go of: the connection may serve the next
  // request at once, which puts a new one there.
  void answer(Response response) {
    if (auto held = std::exchange(responder, std::nullopt)) {
      held->answer(std::move(response));
    }
  }

  void resume() { std::exchange(pause, std::nullopt).reset(); }

  // Drops the handles that are held, and those of the requests served thereupon.
  void drop_all() {
    while (responder || pause) {
      resume();
      std::exchange(responder, std::nullopt).reset();
    }
  }

  // What a source was asked for and did not give yet.
  void give(std::string piece) {
    if (auto held = std::exchange(taker, std::nullopt)) {
      held->give(std::move(piece));
    }
  }

  std::optional<PieceTaker> taker;
  int asked = 0;  // how often sources were asked
  std::vector<std::string> events;
  std::vector<int> refusals;
  std::vector<std::string> pieces;
  std::optional<Responder> responder;
  std::optional<BodyPause> pause;
  std::uint64_t max_body = 1024 * 1024;
};

// A source whose pieces the test gives by hand.
class ScriptedSource final : public BodySource {
 public:
  explicit ScriptedSource(ScriptedHandler& handler) : handler_(handler) {}

  ScriptedSource(const ScriptedSource&) = delete;
  ScriptedSource& operator=(const ScriptedSource&) = delete;
  ScriptedSource(ScriptedSource&&) = delete;
  ScriptedSource& operator=(ScriptedSource&&) = delete;

  ~ScriptedSource() override { handler_.events.emplace_back("source gone"); }

  void fetch(PieceTaker to, std::string /*spare*/) override {
    handler_.asked += 1;
    handler_.taker.emplace(std::move(to));
  }

 private:
  ScriptedHandler& handler_;
};

class ScriptedExchange final : public Exchange {
 public:
  explicit ScriptedExchange(ScriptedHandler& handler) : handler_(handler) {}

  ScriptedExchange(const ScriptedExchange&) = delete;
  ScriptedExchange& operator=(const ScriptedExchange&) = delete;

  ~ScriptedExchange() override { handler_.events.emplace_back("gone"); }

  BodyPlan begin(const RequestHead& head, Call call) override {
    head_ = &head;
    if (head.path() == "/early") {
      call.answer(text(403, "early"));
    } else if (head.path() == "/hold") {
      own_responder_ = call.defer();
    } else if (head.path().starts_with("/stream-begin")) {
      handler_.pause = call.pause();
    }
    return {.mode = head.path().starts_with("/stream") ? BodyPlan::Mode::Stream
                                                       : BodyPlan::Mode::Buffer,
            .max_bytes = handler_.max_body};
  }

  void ready(Call call) override {
    handler_.events.emplace_back("ready");
    if (head_->path() == "/stream-begin-refuse") {
      call.answer(text(403, "no"));
    }
  }

  void body(std::string_view piece, Call call) override {
    handler_.pieces.emplace_back(piece);
    streamed_ += piece;
    if (head_->path() == "/stream-pause") {
      handler_.pause = call.pause();
    } else if (head_->path() == "/stream-pause-framing") {
      handler_.pause = call.pause();
      handler_.pause->take_off_framing(piece.size() - 1);
    } else if (head_->path() == "/stream-refuse") {
      call.answer(text(403, "enough"));
    } else if (head_->path() == "/stream-framing") {
      call.take_off_framing(piece.size() - 1);
    }
  }

  void finish(std::string_view whole_body, Call call) override {
    const std::string_view path = head_->path();
    if (path == "/later") {
      handler_.responder = call.defer();
      return;
    }
    if (path == "/forget") {
      return;
    }
    if (path == "/hold" && own_responder_) {
      own_responder_->answer(text(200, "held"));
      return;
    }
    if (path == "/big") {
      call.answer(text(200, std::string(100000, 'b')));
      return;
    }
    if (path == "/none") {
      call.answer(Response{.status = 204});
      return;
    }
    if (path == "/source") {
      Response response{.status = 200};
      response.body = "01";
      response.content_length = 8;
      response.source = std::make_unique<ScriptedSource>(handler_);
      call.answer(std::move(response));
      return;
    }
    if (path == "/file") {
      Response response;
      response.file = FileRange{.fd = UniqueFd(), .offset = 2, .length = 5};
      call.answer(std::move(response));
      return;
    }
    call.answer(text(200, concat(head_->method, " ", head_->target, " ", whole_body, streamed_)));
  }

  void abort() override {
    handler_.events.emplace_back("abort");
    own_responder_.reset();
  }

 private:
  static Response text(int status, std::string body) {
    Response response{.status = status};
    response.body = std::move(body);
    return response;
  }

  template <class... Pieces>
  static std::string concat(const Pieces&... pieces) {
    std::string out;
    (out.append(std::string_view(pieces)), ...);
    return out;
  }

  ScriptedHandler& handler_;
  const RequestHead* head_ = nullptr;
  std::string streamed_;
  std::optional<Responder> own_responder_;
};

inline ExchangePtr ScriptedHandler::open(const RequestHead& /*head*/) {
  return ExchangePtr(new ScriptedExchange(*this));
}

}  // namespace signet::http
