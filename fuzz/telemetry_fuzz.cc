// fuzz-deps: telemetry
// Input: bytes that come from outside. A traceparent header is read or refused, and what is read
// can be written and read again; an answer of a collector is judged; the text of a position
// likewise; whatever a line of the trail is, the message made of it has the length that it says,
// and the log record is JSON.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"
#include "base/strings.h"
#include "codec/json.h"
#include "telemetry/otlp.h"
#include "telemetry/syslog_link.h"
#include "telemetry/traceparent.h"
#include "telemetry/trail_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto parent = telemetry::parse_traceparent(text)) {
    const std::string again =
        concat("00-", parent->trace_id, "-", parent->span_id, parent->is_sampled ? "-01" : "-00");
    const auto read = telemetry::parse_traceparent(again);
    SIGNET_ASSERT(read && read->trace_id == parent->trace_id);
  }
  if (const auto position = telemetry::read_position(text)) {
    SIGNET_ASSERT(telemetry::read_position(telemetry::format_position(*position)) == position);
  }
  SIGNET_ASSERT(telemetry::judge_answer(200, text).delivery == telemetry::Delivery::Taken);
  static_cast<void>(telemetry::is_collector_url(text));
  static_cast<void>(telemetry::syslog_endpoint(text));
  const std::string_view line = text.substr(0, text.find('\n'));
  std::string message;
  telemetry::append_syslog(message, line, "host", 1, Instant{});
  const std::size_t space = message.find(' ');
  SIGNET_ASSERT(parse_decimal(std::string_view(message).substr(0, space)) ==
                static_cast<std::int64_t>(message.size() - space - 1));
  std::string record;
  telemetry::append_log_record(record, line, Instant{});
  SIGNET_ASSERT(codec::Json::parse(record).has_value());
  return 0;
}
