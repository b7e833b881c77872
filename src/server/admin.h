#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "api/web.h"
#include "base/clock.h"

namespace signet::server {

// What the endpoints under /_signet/ can do.
struct AdminHooks {
  std::function<std::string()> metrics;  // Prometheus text
  // Dev mode only; empty otherwise.
  std::function<Status()> reset;          // back to the bootstrap state
  std::function<Status()> clock_changed;  // after the clock was set or shifted
};

// Health, readiness and metrics for operators; in dev mode also POST /_signet/reset and POST
// /_signet/clock, which are answered 404 otherwise. Nothing here needs credentials, so a server
// that listens beyond loopback offers health and readiness only.
class AdminService final : public api::WebService {
 public:
  AdminService(AdminHooks hooks, SystemClock& clock, bool is_dev, bool is_loopback);

  [[nodiscard]] bool handles(std::string_view method,
                             std::string_view path,
                             std::string_view raw_query) const override;

  [[nodiscard]] bool is_unrecorded() const override { return true; }

  [[nodiscard]] http::Response serve(const api::WebRequest& request,
                                     const api::WebContext& context) override;

 private:
  http::Response serve_reset();
  http::Response serve_clock(const api::WebRequest& request);

  AdminHooks hooks_;
  SystemClock& clock_;
  bool is_dev_;
  bool is_loopback_;
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
