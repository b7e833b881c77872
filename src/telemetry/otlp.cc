#include "telemetry/otlp.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

#include <sys/stat.h>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "facts/errors.h"
#include "http/client.h"
#include "upstream/endpoint.h"

namespace signet::telemetry {
namespace {

constexpr std::int64_t kNanosInMs = 1'000'000;

// Nanoseconds since 1970; 0, OTLP's word for an unknown time, where they do not fit (before 1970,
// after 2262).
std::int64_t nanos_of(Instant time) {
  constexpr std::int64_t kLatestMs = std::numeric_limits<std::int64_t>::max() / kNanosInMs;
  const bool fits = time.unix_ms >= 0 && time.unix_ms <= kLatestMs;
  return fits ? time.unix_ms * kNanosInMs : 0;
}

constexpr std::size_t kAnswerMax = 64UL * 1024;

// SpanKind and status code of opentelemetry/proto/trace/v1.
constexpr int kInternal = 1;
constexpr int kServer = 2;
constexpr int kError = 2;

// SeverityNumber of opentelemetry/proto/logs/v1.
constexpr int kInfo = 9;
constexpr int kWarn = 13;

struct Where {
  upstream::Endpoint endpoint;
  std::string path;  // begins with a slash, has none at its end
};

std::optional<Where> where_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos || url.find_first_of("?# ") != std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t slash = std::min(url.find('/', scheme + 3), url.size());
  const auto endpoint = upstream::endpoint_of(url.substr(0, slash));
  if (!endpoint) {
    return std::nullopt;
  }
  std::string_view path = url.substr(slash);
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return Where{.endpoint = *endpoint, .path = std::string(path)};
}

void append_attribute(codec::JsonWriter& json, std::string_view name, std::string_view value) {
  json.begin_object();
  json.member("key", name);
  json.key("value");
  json.begin_object();
  json.member("stringValue", value);
  json.end_object();
  json.end_object();
}

// {KIND: [{"resource": ..., SCOPES: [{"scope": ..., ITEMS: [
void begin_message(codec::JsonWriter& json,
                   const Reporter& reporter,
                   const std::array<std::string_view, 3>& names) {
  json.begin_object();
  json.key(names[0]);
  json.begin_array();
  json.begin_object();
  json.key("resource");
  json.begin_object();
  json.key("attributes");
  json.begin_array();
  append_attribute(json, "service.name", "signet");
  append_attribute(json, "service.version", reporter.version);
  append_attribute(json, "service.instance.id", reporter.instance);
  json.end_array();
  json.end_object();
  json.key(names[1]);
  json.begin_array();
  json.begin_object();
  json.key("scope");
  json.begin_object();
  json.member("name", "signet");
  json.end_object();
  json.key(names[2]);
  json.begin_array();
}

void end_message(codec::JsonWriter& json) {
  json.end_array();
  json.end_object();
  json.end_array();
  json.end_object();
  json.end_array();
  json.end_object();
}

}  // namespace

Status read_headers(const std::string& path, CollectorOptions& options) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0 || (found.st_mode & 077) != 0) {
    return fail(
        ErrorCode::InvalidInput,
        concat("the file of headers ", path, " must be there, and its owner's alone (0600)"));
  }
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    if (colon == std::string::npos || colon == 0) {
      return fail(ErrorCode::InvalidInput, concat(path, ": expected NAME: VALUE on each line"));
    }
    options.headers.emplace_back(trimmed(std::string_view(line).substr(0, colon)),
                                 trimmed(std::string_view(line).substr(colon + 1), kWhiteSpace));
  }
  return {};
}

bool is_collector_url(std::string_view url) {
  return where_of(url).has_value();
}

void append_span(std::string& out, const Span& span) {
  const std::int64_t end = nanos_of(span.end);
  codec::JsonWriter json(out);
  json.begin_object();
  json.member("traceId", span.trace_id);
  json.member("spanId", span.span_id);
  if (!span.parent_id.empty()) {
    json.member("parentSpanId", span.parent_id);
  }
  json.member("name", span.name);
  json.key("kind");
  json.integer(span.is_internal ? kInternal : kServer);
  json.member("startTimeUnixNano",
              std::to_string(std::max<std::int64_t>(0, end - span.took_us * 1000)));
  json.member("endTimeUnixNano", std::to_string(end));
  json.key("attributes");
  json.begin_array();
  for (const auto& [name, value] : span.attributes) {
    if (!value.empty()) {
      append_attribute(json, name, value);
    }
  }
  json.end_array();
  if (span.is_fault) {
    json.key("status");
    json.begin_object();
    json.key("code");
    json.integer(kError);
    json.end_object();
  }
  json.end_object();
}

std::string trace_request(const Reporter& reporter, std::string_view spans) {
  std::string out;
  codec::JsonWriter json(out);
  begin_message(json, reporter, {"resourceSpans", "scopeSpans", "spans"});
  while (!spans.empty()) {
    const std::size_t end = std::min(spans.find('\n'), spans.size());
    json.literal(spans.substr(0, end));
    spans.remove_prefix(std::min(end + 1, spans.size()));
  }
  end_message(json);
  return out;
}

void append_log_record(std::string& out, std::string_view record, Instant now) {
  const auto parsed = codec::Json::parse(record);
  const auto text = [&parsed](std::string_view name) {
    return parsed ? parsed->string_at(name) : std::string_view();
  };
  const Instant time = codec::parse_iso8601(text("eventTime")).value_or(now);
  const bool is_refused = !text("errorCode").empty();
  codec::JsonWriter json(out);
  json.begin_object();
  json.member("timeUnixNano", std::to_string(nanos_of(time)));
  json.member("observedTimeUnixNano", std::to_string(nanos_of(now)));
  json.key("severityNumber");
  json.integer(is_refused ? kWarn : kInfo);
  json.member("severityText", is_refused ? "WARN" : "INFO");
  json.key("body");
  json.begin_object();
  json.member("stringValue", record);
  json.end_object();
  json.key("attributes");
  json.begin_array();
  for (const std::string_view name : {"eventSource", "eventName", "eventID", "errorCode"}) {
    if (const std::string_view value = text(name); !value.empty()) {
      append_attribute(json, concat("aws.cloudtrail.", name), value);
    }
  }
  json.end_array();
  json.end_object();
}

std::string logs_request(const Reporter& reporter, std::string_view records) {
  std::string out;
  codec::JsonWriter json(out);
  begin_message(json, reporter, {"resourceLogs", "scopeLogs", "logRecords"});
  json.literal(records);
  end_message(json);
  return out;
}

struct Collector::Connection {
  Connection(const CollectorOptions& options, const Where& where, std::string_view path)
      : target(concat(where.path, "/", path)),
        headers(options.headers),
        client(http::ClientOptions{.host = where.endpoint.host,
                                   .port = where.endpoint.port,
                                   .timeout_seconds = 5,
                                   .max_body_bytes = kAnswerMax,
                                   .is_tls = where.endpoint.is_tls,
                                   .ca_file = options.ca_file,
                                   .resolves_names = true}) {
    headers.emplace_back("Content-Type", "application/json");
    headers.emplace_back("Host", where.endpoint.authority);
  }

  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  http::Client client;
};

// The URL was looked at when it was set.
Collector::Collector(const CollectorOptions& options, std::string_view path)
    : connection_(
          std::make_unique<Connection>(options, where_of(options.url).value_or(Where()), path)) {}

Collector::~Collector() = default;

DeliveryResult Collector::send(std::string body) {
  const auto answer = connection_->client.send({.method = "POST",
                                                .target = connection_->target,
                                                .headers = connection_->headers,
                                                .body = std::move(body)});
  if (!answer) {
    return {.delivery = Delivery::Failed, .rejected = 0, .reason = answer.error()};
  }
  return judge_answer(answer->status, answer->body);
}

// OTLP/HTTP, "Failures": 429, 502, 503 and 504 may be tried again.
DeliveryResult judge_answer(int status, std::string_view body) {
  if (status < 200 || status > 299) {
    const bool is_passing = status == 429 || status == 502 || status == 503 || status == 504;
    return {.delivery = is_passing ? Delivery::Failed : Delivery::Refused,
            .rejected = 0,
            .reason = concat("it answered ", std::to_string(status))};
  }
  DeliveryResult result{.delivery = Delivery::Taken, .rejected = 0, .reason = {}};
  const auto json = codec::Json::parse(body);
  const codec::Json* partial = json ? json->find("partialSuccess") : nullptr;
  if (partial == nullptr) {
    return result;
  }
  for (const std::string_view name : {"rejectedSpans", "rejectedLogRecords"}) {
    if (const codec::Json* count = partial->find(name); count != nullptr) {
      // A number of 64 bits is a string in proto3's JSON.
      result.rejected = static_cast<std::uint64_t>(parse_decimal(count->text()).value_or(0));
    }
  }
  result.reason = partial->string_at("errorMessage");
  return result;
}

}  // namespace signet::telemetry
