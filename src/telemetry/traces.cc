#include "telemetry/traces.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "codec/utf8.h"
#include "telemetry/traceparent.h"

namespace signet::telemetry {
namespace {

constexpr std::size_t kBacklogBytes = std::size_t{4} << 20;
constexpr int kWaitMs = 1000;
constexpr std::size_t kSpansMax = 512;  // in one message
constexpr int kFirstRetryMs = 500;
constexpr int kLastRetryMs = 30'000;
constexpr std::size_t kLongestText = 256;

std::string hex(Random& random, std::size_t bytes) {
  std::array<std::uint8_t, 16> id{};
  const std::span<std::uint8_t> used(id.data(), bytes);
  random.fill(used);
  used.back() |= 1;  // never all zero
  std::string out;
  codec::append_hex(out, used);
  return out;
}

// The random part of a trace id decides, so that every node decides alike.
bool is_in_share(std::string_view trace_id, double share) {
  const std::optional<std::string> bytes = codec::decode_hex(trace_id.substr(16));
  std::uint64_t number = 0;
  for (const char byte : bytes.value_or("")) {
    number = (number << 8U) | static_cast<unsigned char>(byte);
  }
  return static_cast<double>(number) < share * 18446744073709551616.0;  // 2^64
}

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

}  // namespace

Traces::Traces(const CollectorOptions& options, Reporter reporter, double share, Random& random)
    : reporter_(std::move(reporter)),
      share_(share),
      random_(random),
      collector_(options, "v1/traces"),
      backlog_(kBacklogBytes),
      thread_([this] { run(); }) {}

Traces::~Traces() {
  pause_.close();
  backlog_.close();
  thread_.join();
}

void Traces::observe(const api::Observed& observed) {
  std::optional<TraceParent> parent =
      parse_traceparent(observed.head.find("traceparent").value_or(""));
  if (!parent) {
    parent = TraceParent{.trace_id = hex(random_, 16), .span_id = {}, .is_sampled = false};
    parent->is_sampled = is_in_share(parent->trace_id, share_);
  }
  if (!parent->is_sampled) {
    return;
  }
  const std::string span_id = hex(random_, 8);
  const std::string name = concat(observed.service, "/", observed.operation);
  const std::string status = std::to_string(observed.status);
  const bool is_known = observed.caller != nullptr && !observed.caller->account.empty();
  const std::array<std::pair<std::string_view, std::string_view>, 11> attributes{{
      {"rpc.system", "aws-api"},
      {"rpc.service", observed.service},
      {"rpc.method", observed.operation},
      {"http.request.method", codec::cut_utf8(observed.head.method, kLongestText)},
      {"http.response.status_code", status},
      {"aws.request_id", observed.request.request_id},
      {"client.address", observed.request.source_ip},
      {"user_agent.original", codec::cut_utf8(observed.request.user_agent, kLongestText)},
      {"error.type", observed.error},
      {"signet.result", observed.result},
      {"cloud.account.id", is_known ? std::string_view(observed.caller->account) : ""},
  }};
  std::string lines;
  append_span(lines,
              {.trace_id = parent->trace_id,
               .span_id = span_id,
               .parent_id = parent->span_id,
               .name = name,
               .end = observed.at,
               .took_us = observed.took_us,
               .is_fault = observed.status >= 500,
               .attributes = attributes});
  lines += '\n';
  backlog_.push(lines);
  if (observed.write_us == 0) {
    return;
  }
  lines.clear();
  append_span(lines,
              {.trace_id = parent->trace_id,
               .span_id = hex(random_, 8),
               .parent_id = span_id,
               .name = "commit",
               .is_internal = true,
               .end = observed.at,
               .took_us = observed.write_us,
               .attributes = {}});
  lines += '\n';
  backlog_.push(lines);
}

void Traces::run() {
  while (true) {
    const std::string lines = backlog_.take(kWaitMs);
    if (lines.empty() && backlog_.is_closed()) {
      return;
    }
    std::string_view rest = lines;
    while (!rest.empty()) {
      std::size_t end = 0;
      std::uint64_t count = 0;
      while (end < rest.size() && count < kSpansMax) {
        end = rest.find('\n', end) + 1;
        count += 1;
      }
      if (!deliver(rest.substr(0, end), count)) {
        refused_ += lines_in(rest) + lines_in(backlog_.take(0));
        return;
      }
      rest.remove_prefix(end);
    }
  }
}

bool Traces::deliver(std::string_view spans, std::uint64_t count) {
  int retry_ms = kFirstRetryMs;
  while (true) {
    const DeliveryResult result = collector_.send(trace_request(reporter_, spans));
    if (result.delivery == Delivery::Taken) {
      exported_ += count - std::min(count, result.rejected);
      refused_ += std::min(count, result.rejected);
      return true;
    }
    if (retry_ms == kFirstRetryMs) {
      log(LogLevel::Warning, "traces_failed", {{"cause", result.reason}});
    }
    if (result.delivery == Delivery::Refused) {
      refused_ += count;
      return true;
    }
    if (pause_.is_closed()) {
      return false;
    }
    static_cast<void>(pause_.take(retry_ms));
    retry_ms = std::min(2 * retry_ms, kLastRetryMs);
  }
}

}  // namespace signet::telemetry
