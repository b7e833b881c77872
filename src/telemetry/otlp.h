#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

// OpenTelemetry's protocol over HTTP, with bodies in JSON (OTLP 1.x, "OTLP/HTTP").
namespace signet::telemetry {

// Where and how a collector is asked.
struct CollectorOptions {
  std::string url;      // http://HOST:PORT or https://..., perhaps with a path
  std::string ca_file;  // PEM, of the authorities that vouch for it; empty: the system's
  std::vector<std::pair<std::string, std::string>> headers;  // that it wants to see
};

// Adds headers of a file to those that collectors are shown: one a line, NAME: VALUE. The file is
// its owner's alone, since it may hold a token.
[[nodiscard]] Status read_headers(const std::string& path, CollectorOptions& options);

// Whether a URL is one of a collector.
[[nodiscard]] bool is_collector_url(std::string_view url);

// Who reports, in every message.
struct Reporter {
  std::string version;
  std::string instance;  // tells this process from others of the service
};

// One request of a trace, as a JSON object on one line, without a newline.
struct Span {
  std::string_view trace_id;   // 32 hexadecimal digits
  std::string_view span_id;    // 16
  std::string_view parent_id;  // 16; empty: it begins the trace
  std::string_view name;
  bool is_internal = false;  // a part of another span, not a request
  Instant end;
  std::int64_t took_us = 0;
  bool is_fault = false;  // of ours
  std::span<const std::pair<std::string_view, std::string_view>> attributes;
};

void append_span(std::string& out, const Span& span);

// ExportTraceServiceRequest of spans, each on a line.
[[nodiscard]] std::string trace_request(const Reporter& reporter, std::string_view spans);

// One audit record (a line of the trail) as a log record.
void append_log_record(std::string& out, std::string_view record, Instant now);

// ExportLogsServiceRequest of log records with commas between.
[[nodiscard]] std::string logs_request(const Reporter& reporter, std::string_view records);

enum class Delivery : std::uint8_t {
  Taken,
  Refused,  // for good: sending it again would not help
  Failed,   // may be tried again
};

struct DeliveryResult {
  Delivery delivery = Delivery::Failed;
  std::uint64_t rejected = 0;  // of what was taken, what the collector says it did not want
  std::string reason;          // unless it was taken as a whole
};

// Sends messages to a collector, over one kept connection. One thread at a time; blocks.
class Collector {
 public:
  // `path` is what follows the URL: v1/traces, v1/logs.
  Collector(const CollectorOptions& options, std::string_view path);
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  Collector(Collector&&) = delete;
  Collector& operator=(Collector&&) = delete;
  ~Collector();

  [[nodiscard]] DeliveryResult send(std::string body);

 private:
  struct Connection;

  std::unique_ptr<Connection> connection_;
};

// What an answer of a collector says of a message.
[[nodiscard]] DeliveryResult judge_answer(int status, std::string_view body);

}  // namespace signet::telemetry
