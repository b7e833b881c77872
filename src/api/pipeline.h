#pragma once

#include <cstdint>

#include "base/result.h"
#include "http/message.h"

namespace signet::api {

// The steps of every request, in their order.
enum class Step : std::uint8_t {
  Admit,         // there is room for it, and its record can be kept
  Route,         // which operation of which service it is
  Authenticate,  // who asks
  Decode,        // what is asked
  Checks,        // which decisions that takes
  Authorize,     // all of them allow it: the proof
  Handle,        // the work, on exactly the state that was decided on
  Encode,        // the answer, or the refusal, in the protocol's words
  Record,        // the audit record, before the answer leaves
};

// What one request does at each step. The protocols' exchanges (exchange_base.h) are Steps, and so
// are the calls of tests (steps_for_test.h).
class Steps {
 public:
  Steps() = default;
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;
  Steps(Steps&&) = delete;
  Steps& operator=(Steps&&) = delete;
  virtual ~Steps() = default;

  // What came of the steps so far.
  [[nodiscard]] Status& outcome() { return outcome_; }

  // Whether the request stops before a step: until the rest of its body is here, or because it goes
  // on on another thread, and then it may be gone already. Whoever lets it go on calls proceed().
  [[nodiscard]] virtual bool must_wait(Step step) = 0;

  // Each may fail with the caller's error; Encode is next then.
  [[nodiscard]] virtual Status admit() = 0;
  [[nodiscard]] virtual Status route() = 0;
  [[nodiscard]] virtual Status authenticate() = 0;
  [[nodiscard]] virtual Status decode() = 0;
  [[nodiscard]] virtual Status checks() = 0;
  [[nodiscard]] virtual Status authorize() = 0;
  [[nodiscard]] virtual Status handle() = 0;

  [[nodiscard]] virtual http::Response encode(const Status& outcome) = 0;

  // Fails where the record must be kept and cannot be: that is answered instead.
  [[nodiscard]] virtual Status record(const Status& outcome, const http::Response& answer) = 0;

  // The request may be gone when this returns.
  virtual void send(http::Response answer) = 0;

 private:
  Status outcome_;
};

// Takes a request through the steps, from `step` on, until it waits or its answer is sent. The one
// place where their order stands: every door and every test goes through it.
void proceed(Steps& request, Step step);

// The last two steps: what is answered to what came of the others.
[[nodiscard]] http::Response conclude(Steps& request);

}  // namespace signet::api
