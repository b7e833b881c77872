#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/message.h"

namespace signet::http {

class Connection;

// How the body of a request is wanted. A longer body is answered 413 without the handler seeing it.
struct BodyPlan {
  enum class Mode : std::uint8_t {
    Buffer,  // finish() gets the whole body
    Stream,  // body() gets pieces as they arrive, finish() gets an empty view
  };
  Mode mode = Mode::Buffer;
  std::uint64_t max_bytes = 1024 * 1024;
};

// The right and the duty to answer one request later, from any thread. While it exists the
// request's head, body and Exchange stay valid, even if the peer is gone. Destroyed unused it
// answers 500. On the loop, answering or destroying it may serve the connection's next request
// before it returns; one kept where the next may be put is moved out first.
class Responder {
 public:
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  Responder(Responder&& other) noexcept;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  // At most once.
  void answer(Response response);

 private:
  friend class Call;

  explicit Responder(Connection* connection) : connection_(connection) {}

  Connection* connection_;
};

// Holds the body back while it exists; the piece given to body() stays valid meanwhile. Destroying
// it, on any thread, lets the next piece come (the first one, if it was taken in begin()), on the
// loop before it returns.
class BodyPause {
 public:
  BodyPause(const BodyPause&) = delete;
  BodyPause& operator=(const BodyPause&) = delete;
  BodyPause(BodyPause&& other) noexcept;
  BodyPause& operator=(BodyPause&& other) noexcept;
  ~BodyPause();

  // So many bytes of the piece were framing (Call::take_off_framing). On the thread that has the
  // pause.
  void take_off_framing(std::size_t bytes);

 private:
  friend class Call;

  explicit BodyPause(Connection* connection) : connection_(connection) {}

  void resume();

  Connection* connection_;
};

// What an Exchange can do with its request, on the connection's loop, inside the Exchange's own
// functions.
class Call {
 public:
  explicit Call(Connection& connection) : connection_(connection) {}

  // Answers. Before finish() this is an early answer: body() and finish() are not called any more.
  void answer(Response response);
  // Promises to answer later. Not together with answer(), and once. Before finish() the body goes
  // on arriving.
  [[nodiscard]] Responder defer();
  // Only inside body(), and inside begin(): then ready() is called when it ends.
  [[nodiscard]] BodyPause pause();
  // Only inside body(): so many bytes of the piece were framing, which is no progress (limits.h).
  void take_off_framing(std::size_t bytes);

 private:
  Connection& connection_;
};

// The handling of one request. All functions run on the connection's loop, one at a time, in the
// order begin, ready, body*, finish; after an answer none is called. Then, when no Responder or
// BodyPause is left, retire().
class Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  Exchange(Exchange&&) = delete;
  Exchange& operator=(Exchange&&) = delete;
  virtual ~Exchange() = default;

  // `head` stays valid until the request is answered.
  virtual BodyPlan begin(const RequestHead& head, Call call) = 0;

  // The pause that begin() took has ended, and no byte of the body was asked for yet: an answer is
  // an early one.
  virtual void ready(Call /*call*/) {}

  // The piece is valid during the call, and as long as a BodyPause taken in it exists.
  virtual void body(std::string_view /*piece*/, Call /*call*/) {}

  // The body is complete. Must answer or defer; a return without either is answered 500.
  virtual void finish(std::string_view whole_body, Call call) = 0;

  // The answer when there is no memory for the body at this moment, in the words of the protocol.
  // Before finish(); abort() follows.
  virtual Response no_room();

  // The peer left, broke the protocol or was too slow before finish(). No answer is possible any
  // more.
  virtual void abort() {}

  // Gives the object back; pooled implementations override it.
  virtual void retire() { delete this; }
};

struct RetireExchange {
  void operator()(Exchange* exchange) const { exchange->retire(); }
};

using ExchangePtr = std::unique_ptr<Exchange, RetireExchange>;

class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  Handler(Handler&&) = delete;
  Handler& operator=(Handler&&) = delete;
  virtual ~Handler() = default;

  // Called on the loop `head.loop` for every well-formed request. Never null.
  virtual ExchangePtr open(const RequestHead& head) = 0;

  // Once per loop, on its thread, before its first connection.
  virtual void loop_started(int /*loop*/) {}

  // A request that never reached open() was refused with this status (400, 408, 413, 431, 501, 505
  // ...).
  virtual void refused(int /*loop*/, int /*status*/, std::string_view /*remote_address*/) {}
};

}  // namespace signet::http
