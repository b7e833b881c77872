#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/web.h"
#include "base/clock.h"

namespace signet::server {

// What the endpoints under /_signet/ can do. The first two are called on event loops: they must not
// wait for anything.
struct AdminHooks {
  std::function<std::string()> metrics;  // Prometheus text
  // Why the server cannot do everything it should, one lower-case clause each; empty: it can.
  std::function<std::vector<std::string>()> troubles;
  // Dev mode only; empty otherwise.
  std::function<Status()> reset;          // back to the bootstrap state
  std::function<Status()> clock_changed;  // after the clock was set or shifted
};

// Who sees what under /_signet/.
struct AdminAccess {
  bool is_dev = false;         // reset and clock exist
  bool shows_metrics = false;  // metrics also for peers on other machines
};

// Health, readiness and metrics for operators, answered on the event loop however busy the server
// is; in dev mode also POST /_signet/reset and POST /_signet/clock, which are answered 404
// otherwise. Nothing here needs credentials: peers on other machines, and requests that a proxy
// passes on, see health and readiness only.
//
// /_signet/health, which is also /_signet/live, answers 200 while the process serves requests, and
// says what ails it;
// /_signet/ready answers 503 then, so that nobody is sent here.
class AdminService final : public api::WebService {
 public:
  AdminService(AdminHooks hooks, SystemClock& clock, const AdminAccess& access);

  [[nodiscard]] bool handles(std::string_view method,
                             std::string_view path,
                             std::string_view raw_query) const override;

  [[nodiscard]] std::vector<std::string_view> operations() const override;
  [[nodiscard]] std::unique_ptr<api::WebInvocation> match(const api::WebRequest& request) override;

 private:
  friend class AdminCall;

  // Whether a request that changes something is for what there is.
  [[nodiscard]] bool is_there(const api::WebRequest& request) const;
  [[nodiscard]] http::Response serve(const api::WebRequest& request, std::string_view peer);
  [[nodiscard]] http::Response serve_state(bool is_readiness) const;
  [[nodiscard]] http::Response serve_metrics(const api::WebRequest& request,
                                             std::string_view peer) const;
  http::Response serve_reset();
  http::Response serve_clock(const api::WebRequest& request);

  AdminHooks hooks_;
  SystemClock& clock_;
  AdminAccess access_;
};

// What POST /_signet/clock asks for: a time to be, or milliseconds to shift by, or (neither) back
// to the machine's clock. Taken from the query, a form, or a JSON object: {"set":
// "2026-01-01T00:00:00Z"} (or seconds since 1970),
// {"shift": 3600} (seconds, may be negative), {"reset": true}. `set` is also called now or time;
// `shift` is also called advance, offset or seconds, each with or without `_seconds`. Exactly one
// of them.
struct ClockChange {
  enum class Kind : unsigned char { Set, Shift, Reset };
  Kind kind = Kind::Reset;
  Instant target;
  std::int64_t shift_ms = 0;
};

[[nodiscard]] Result<ClockChange> read_clock_change(const api::WebRequest& request);

}  // namespace signet::server
