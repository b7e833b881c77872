#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signet::telemetry {

// Where a request stands in somebody's trace (W3C Trace Context, 3.2).
struct TraceParent {
  std::string trace_id;  // 32 hexadecimal digits, not all zero
  std::string span_id;   // 16, likewise
  bool is_sampled = false;
};

// The value of a traceparent header. Nothing for what is none: such a request begins a trace.
[[nodiscard]] std::optional<TraceParent> parse_traceparent(std::string_view text);

}  // namespace signet::telemetry
