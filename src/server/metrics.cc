#include "server/metrics.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/strings.h"

namespace signet::server {
namespace {

enum class Kind : std::uint8_t { Counter, Gauge, Histogram };

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::Counter:
      return "counter";
    case Kind::Gauge:
      return "gauge";
    case Kind::Histogram:
      break;
  }
  return "histogram";
}

// One name with one value, or several with labels.
class Writer {
 public:
  void add(std::string_view name, Kind kind, std::uint64_t value) {
    begin(name, kind);
    sample(name, {}, value);
  }

  void begin(std::string_view name, Kind kind) {
    text_ += concat("# TYPE signet_", name, " ", name_of(kind), "\n");
  }

  void sample(std::string_view name, std::string_view labels, std::uint64_t value) {
    sample(name, labels, std::to_string(value));
  }

  void sample(std::string_view name, std::string_view labels, std::string_view value) {
    text_ += concat("signet_", name, labels, " ", value, "\n");
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_http(Writer& out, const http::ServerCounters& counters) {
  out.add("http_connections_total", Kind::Counter, counters.connections);
  out.add("http_connections_open", Kind::Gauge, counters.open_connections);
  out.add("http_connections_refused_total", Kind::Counter, counters.refused_connections);
  out.add("http_requests_total", Kind::Counter, counters.requests);
  out.add("http_requests_refused_total", Kind::Counter, counters.refused_requests);
  out.add("http_timeouts_total", Kind::Counter, counters.timeouts);
  out.add("http_connections_refused_by_address_total", Kind::Counter, counters.refused_by_address);
  out.add("http_buffered_bytes", Kind::Gauge, counters.buffered_bytes);
  out.add("http_requests_refused_for_memory_total", Kind::Counter, counters.refused_for_memory);
}

void add_requests(Writer& out, const std::vector<api::RequestHandler::Count>& counts) {
  out.begin("requests_total", Kind::Counter);
  for (const api::RequestHandler::Count& count : counts) {
    out.sample("requests_total",
               concat("{service=\"",
                      count.service,
                      "\",operation=\"",
                      count.operation,
                      "\",result=\"",
                      count.result,
                      "\"}"),
               count.requests);
  }
}

// Seconds with six decimals.
std::string seconds(std::uint64_t microseconds) {
  const std::string fraction = std::to_string(microseconds % 1'000'000);
  return concat(std::to_string(microseconds / 1'000'000),
                ".",
                std::string(6 - fraction.size(), '0'),
                fraction);
}

void add_durations(Writer& out, const std::vector<api::RequestHandler::Duration>& durations) {
  out.begin("request_duration_seconds", Kind::Histogram);
  constexpr const auto& kBounds = api::RequestDurations::kBounds;
  for (const api::RequestHandler::Duration& duration : durations) {
    const std::string label = concat("{service=\"", duration.service, "\"");
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < duration.sum.counts.size(); ++i) {
      count += duration.sum.counts[i];
      const std::string bound =
          i < kBounds.size() ? seconds(static_cast<std::uint64_t>(kBounds[i])) : "+Inf";
      out.sample("request_duration_seconds_bucket", concat(label, ",le=\"", bound, "\"}"), count);
    }
    out.sample("request_duration_seconds_sum", label + "}", seconds(duration.sum.microseconds));
    out.sample("request_duration_seconds_count", label + "}", count);
  }
}

void add_pools(Writer& out, const api::WorkerPools& pools) {
  struct Column {
    std::string_view name;
    Kind kind;
    std::uint64_t (*value)(const api::WorkerPoolCounters&);
  };

  using Counters = api::WorkerPoolCounters;
  static constexpr Column kColumns[] = {
      {"pool_waiting",
       Kind::Gauge,
       [](const Counters& c) -> std::uint64_t {
         return c.waiting;
       }},
      {"pool_running",
       Kind::Gauge,
       [](const Counters& c) -> std::uint64_t {
         return c.running;
       }},
      {"pool_jobs_total",
       Kind::Counter,
       [](const Counters& c) {
         return c.jobs;
       }},
      {"pool_refused_by_share_total",
       Kind::Counter,
       [](const Counters& c) {
         return c.refused_by_share;
       }},
      {"pool_refused_full_total",
       Kind::Counter,
       [](const Counters& c) {
         return c.refused_full;
       }},
  };
  for (const Column& column : kColumns) {
    out.begin(column.name, column.kind);
    for (const auto& pool : pools.all()) {
      out.sample(
          column.name, concat("{pool=\"", pool->name(), "\"}"), column.value(pool->counters()));
    }
  }
}

void add_directory(Writer& out, const identity::Directory& directory) {
  const identity::WriteStats stats = directory.write_stats();
  out.add("directory_revision", Kind::Gauge, directory.revision());
  out.add("directory_writes_waiting", Kind::Gauge, stats.waiting);
  out.add("directory_commits_total", Kind::Counter, stats.commits);
  out.add("directory_commits_failed_total", Kind::Counter, stats.failed_commits);
  out.add("directory_commit_microseconds_total", Kind::Counter, stats.commit_microseconds);
  if (!directory.is_shared()) {
    return;
  }
  const identity::FollowStats follow = directory.follow_stats();
  out.begin("store_behind_seconds", Kind::Gauge);
  out.sample(
      "store_behind_seconds",
      "",
      seconds(static_cast<std::uint64_t>(std::max<std::int64_t>(0, follow.behind_ms)) * 1000));
  out.add("store_changes_followed_total", Kind::Counter, follow.changes);
  out.add("store_conflicts_total", Kind::Counter, follow.conflicts);
  out.add("store_reloads_total", Kind::Counter, follow.reloads);
  out.add("store_in_office", Kind::Gauge, directory.is_in_office() ? 1 : 0);
}

}  // namespace

std::string metrics_text(const MetricsSources& sources) {
  Writer out;
  add_http(out, sources.http);
  add_requests(out, sources.requests);
  add_durations(out, sources.durations);
  add_pools(out, sources.pools);
  add_directory(out, sources.directory);
  out.add("disk_free_bytes", Kind::Gauge, sources.disk.free);
  out.add("disk_total_bytes", Kind::Gauge, sources.disk.total);
  out.add("disk_reserve_bytes", Kind::Gauge, sources.disk_reserve);
  const audit::SinkHealth audit = sources.audit.health();
  out.add("audit_lines_lost_total", Kind::Counter, audit.lost);
  out.add("audit_unauthenticated_dropped_total", Kind::Counter, audit.dropped_unauthenticated);
  out.add("audit_well", Kind::Gauge, audit.is_well ? 1 : 0);
  return out.take();
}

}  // namespace signet::server
