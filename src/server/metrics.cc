#include "server/metrics.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/strings.h"
#include "server/version.h"

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

struct Metric {
  std::string_view name;  // without "signet_"
  Kind kind;
  std::string_view help;
};

// Seconds with six decimals.
std::string seconds(std::uint64_t microseconds) {
  const std::string fraction = std::to_string(microseconds % 1'000'000);
  return concat(std::to_string(microseconds / 1'000'000),
                ".",
                std::string(6 - fraction.size(), '0'),
                fraction);
}

// One name with one value, or several with labels.
class Writer {
 public:
  template <class Value>
  void add(const Metric& metric, const Value& value) {
    begin(metric);
    sample(metric.name, {}, value);
  }

  void begin(const Metric& metric) {
    text_ += concat("# HELP signet_", metric.name, " ", metric.help, "\n");
    text_ += concat("# TYPE signet_", metric.name, " ", name_of(metric.kind), "\n");
  }

  void sample(std::string_view name, std::string_view labels, std::uint64_t value) {
    sample(name, labels, std::to_string(value));
  }

  void sample(std::string_view name, std::string_view labels, std::string_view value) {
    text_ += concat("signet_", name, labels.empty() ? "" : "{", labels);
    text_ += concat(labels.empty() ? "" : "}", " ", value, "\n");
  }

  // `ranges` has how many lie between two bounds each, and above the last one; the bounds and the
  // sum are in microseconds.
  template <std::size_t kRanges>
  void histogram(std::string_view name,
                 std::string_view labels,
                 const std::array<std::int64_t, kRanges - 1>& bounds,
                 const std::array<std::uint64_t, kRanges>& ranges,
                 std::uint64_t sum) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < kRanges; ++i) {
      count += ranges.at(i);
      const std::string bound =
          i < bounds.size() ? seconds(static_cast<std::uint64_t>(bounds.at(i))) : "+Inf";
      sample(concat(name, "_bucket"),
             concat(labels, labels.empty() ? "" : ",", "le=\"", bound, "\""),
             count);
    }
    sample(concat(name, "_sum"), labels, seconds(sum));
    sample(concat(name, "_count"), labels, count);
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_process(Writer& out, const MetricsSources& sources) {
  const ProcessState& process = sources.process;
  out.begin({"build_info", Kind::Gauge, "1, with the version of the program."});
  out.sample("build_info", concat("version=\"", kVersion, "\""), 1);
  out.add({"process_resident_memory_bytes", Kind::Gauge, "Memory of the process."},
          process.resident_bytes);
  out.add({"process_open_fds", Kind::Gauge, "Open files and connections."}, process.open_files);
  out.add({"process_max_fds", Kind::Gauge, "How many of them there may be."},
          process.open_files_max);
  out.add({"process_cpu_seconds_total", Kind::Counter, "CPU time that the process used."},
          seconds(process.cpu_microseconds));
  if (sources.certificate) {
    out.add({"tls_certificate_not_before_timestamp_seconds",
             Kind::Gauge,
             "From when the chain that is served is valid, seconds since 1970."},
            static_cast<std::uint64_t>(sources.certificate->not_before.seconds()));
    out.add({"tls_certificate_not_after_timestamp_seconds",
             Kind::Gauge,
             "Until when the chain that is served is valid, seconds since 1970."},
            static_cast<std::uint64_t>(sources.certificate->not_after.seconds()));
  }
}

void add_http(Writer& out, const http::ServerCounters& counters) {
  out.add({"http_connections_total", Kind::Counter, "Connections that were accepted."},
          counters.connections);
  out.add({"http_connections_open", Kind::Gauge, "Connections at this moment."},
          counters.open_connections);
  out.add({"http_connections_refused_total", Kind::Counter, "Connections beyond a limit."},
          counters.refused_connections);
  out.add({"http_requests_total", Kind::Counter, "Requests whose head was understood."},
          counters.requests);
  out.add({"http_requests_refused_total", Kind::Counter, "Bytes that were no request."},
          counters.refused_requests);
  out.add({"http_timeouts_total", Kind::Counter, "Connections closed since nothing came."},
          counters.timeouts);
  out.add({"http_connections_refused_by_address_total",
           Kind::Counter,
           "Of the refused connections, those beyond the bound of one address."},
          counters.refused_by_address);
  out.add({"http_buffered_bytes", Kind::Gauge, "Memory in use for bodies and answers."},
          counters.buffered_bytes);
  out.add({"http_requests_refused_for_memory_total",
           Kind::Counter,
           "Requests that found no room in it."},
          counters.refused_for_memory);
}

void add_requests(Writer& out, const MetricsSources& sources) {
  const auto labels = [](const api::RequestHandler::Count& count) {
    return concat("service=\"",
                  count.service,
                  "\",operation=\"",
                  count.operation,
                  "\",result=\"",
                  count.result,
                  "\"");
  };
  out.begin({"requests_total", Kind::Counter, "Requests by how they ended."});
  for (const api::RequestHandler::Count& count : sources.requests) {
    out.sample("requests_total", labels(count), count.sum.requests());
  }
  out.begin({"request_duration_seconds",
             Kind::Histogram,
             "From the head of a request to its answer, the body and waiting included."});
  for (const api::RequestHandler::Count& count : sources.requests) {
    out.histogram("request_duration_seconds",
                  labels(count),
                  api::RequestCounters::kBounds,
                  count.sum.counts,
                  count.sum.microseconds);
  }
  out.begin({"denials_total", Kind::Counter, "Denied requests, by the kind of policy."});
  for (const api::RequestHandler::Refusals& refused : sources.refusals) {
    out.sample(
        "denials_total",
        concat("policy=\"", refused.by.policy(), "\",verdict=\"", refused.by.verdict(), "\""),
        refused.requests);
  }
  out.begin({"authentication_failures_total",
             Kind::Counter,
             "Requests of which nobody knows who sent them, by the error they got."});
  for (const api::RequestHandler::Failures& failed : sources.authentication_failures) {
    out.sample(
        "authentication_failures_total", concat("reason=\"", failed.code, "\""), failed.requests);
  }
}

void add_pools(Writer& out, const api::WorkerPools& pools) {
  struct Column {
    Metric metric;
    std::uint64_t (*value)(const api::WorkerPoolCounters&);
  };

  using Counters = api::WorkerPoolCounters;
  static constexpr Column kColumns[] = {
      {{"pool_waiting", Kind::Gauge, "Jobs in the queue of a pool."},
       [](const Counters& c) -> std::uint64_t {
         return c.waiting;
       }},
      {{"pool_running", Kind::Gauge, "Jobs at work."},
       [](const Counters& c) -> std::uint64_t {
         return c.running;
       }},
      {{"pool_jobs_total", Kind::Counter, "Jobs that ended."},
       [](const Counters& c) {
         return c.jobs;
       }},
      {{"pool_refused_by_share_total", Kind::Counter, "Jobs of callers that had their share."},
       [](const Counters& c) {
         return c.refused_by_share;
       }},
      {{"pool_refused_full_total", Kind::Counter, "Jobs that found the queue full."},
       [](const Counters& c) {
         return c.refused_full;
       }},
  };
  for (const Column& column : kColumns) {
    out.begin(column.metric);
    for (const auto& pool : pools.all()) {
      out.sample(column.metric.name,
                 concat("pool=\"", pool->name(), "\""),
                 column.value(pool->counters()));
    }
  }
}

void add_directory(Writer& out, const identity::Directory& directory) {
  const identity::WriteStats stats = directory.write_stats();
  out.add({"directory_revision", Kind::Gauge, "Number of the state that is served."},
          directory.revision());
  out.add({"directory_writes_waiting", Kind::Gauge, "Changes that wait for the writer."},
          stats.waiting);
  out.add({"directory_commits_total", Kind::Counter, "Commits that the store took."},
          stats.commits);
  out.add({"directory_commits_failed_total", Kind::Counter, "Commits that the store refused."},
          stats.failed_commits);
  constexpr std::string_view kCommits = "directory_commit_duration_seconds";
  out.begin({kCommits, Kind::Histogram, "How long commits took until they were durable."});
  out.histogram(
      kCommits, "", identity::kCommitBounds, stats.commit_ranges, stats.commit_microseconds);
  if (!directory.is_shared()) {
    return;
  }
  const identity::FollowStats follow = directory.follow_stats();
  out.add({"store_behind_seconds",
           Kind::Gauge,
           "The state held all that there was in the cluster so long ago."},
          seconds(static_cast<std::uint64_t>(std::max<std::int64_t>(0, follow.behind_ms)) * 1000));
  out.add({"store_changes_followed_total", Kind::Counter, "Commits of others."}, follow.changes);
  out.add({"store_conflicts_total", Kind::Counter, "Own commits that were run again."},
          follow.conflicts);
  out.add({"store_reloads_total", Kind::Counter, "Loads of the whole state."}, follow.reloads);
  out.add({"store_in_office", Kind::Gauge, "1 on the node that does what is due."},
          directory.is_in_office() ? 1U : 0U);
}

void add_disk(Writer& out, const MetricsSources& sources) {
  out.add({"disk_free_bytes", Kind::Gauge, "Room on the disk of the data folder."},
          sources.disk.free);
  out.add({"disk_total_bytes", Kind::Gauge, "Size of that disk."}, sources.disk.total);
  out.add({"disk_reserve_bytes", Kind::Gauge, "Room below which objects are refused."},
          sources.disk_reserve);
}

void add_audit(Writer& out, const audit::SinkHealth& audit) {
  out.add({"audit_lines_lost_total", Kind::Counter, "Audit records that were lost."}, audit.lost);
  out.add({"audit_unauthenticated_dropped_total",
           Kind::Counter,
           "Records of strangers beyond their budget."},
          audit.dropped_unauthenticated);
  out.add({"audit_well", Kind::Gauge, "1 while audit records are kept."}, audit.is_well ? 1U : 0U);
}

void add_reporting(Writer& out, const ReportingCounts& counts) {
  if (counts.access_log_dropped) {
    out.add({"access_log_lines_dropped_total",
             Kind::Counter,
             "Lines of the access log that were not written."},
            *counts.access_log_dropped);
  }
  if (counts.spans) {
    out.add({"traces_spans_exported_total", Kind::Counter, "Spans that the collector took."},
            counts.spans->exported);
    out.add({"traces_spans_dropped_total",
             Kind::Counter,
             "Spans that found no room, or that it did not want."},
            counts.spans->dropped);
  }
  if (counts.shipped) {
    out.add({"audit_ship_records_total", Kind::Counter, "Audit records that were shipped."},
            counts.shipped->shipped);
    out.add({"audit_ship_rejected_total",
             Kind::Counter,
             "Audit records that the receiver said it does not want."},
            counts.shipped->rejected);
    out.add({"audit_ship_failures_total", Kind::Counter, "Tries to ship that failed."},
            counts.shipped->failures);
    out.add({"audit_ship_gaps_total",
             Kind::Counter,
             "Times that files were taken away before they were shipped."},
            counts.shipped->gaps);
    out.add({"audit_ship_behind_bytes", Kind::Gauge, "Audit records that wait to be shipped."},
            counts.shipped->behind_bytes);
  }
}

}  // namespace

std::string metrics_text(const MetricsSources& sources) {
  Writer out;
  add_process(out, sources);
  add_http(out, sources.http);
  add_requests(out, sources);
  add_pools(out, sources.pools);
  add_directory(out, sources.directory);
  out.add({"ready", Kind::Gauge, "1 while /_signet/ready answers 200."},
          sources.is_ready ? 1U : 0U);
  add_disk(out, sources);
  add_audit(out, sources.audit.health());
  add_reporting(out, sources.reporting);
  return out.take();
}

}  // namespace signet::server
