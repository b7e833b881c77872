#include "report.h"

#include <cstdio>
#include <fstream>
#include <string>

namespace signet::loadgen {
namespace {

double us(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

double seconds_of(const Stats& stats) {
  return stats.last_ns > stats.first_ns ? static_cast<double>(stats.last_ns - stats.first_ns) / 1e9
                                        : 0;
}

double per_second(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

void print_row(std::string_view name, const Histogram& h, double seconds) {
  std::printf("  %-14.*s %9llu %10.0f %9.0f %9.0f %9.0f %9.0f %9.0f\n",
              static_cast<int>(name.size()),
              name.data(),
              static_cast<unsigned long long>(h.count()),
              per_second(h.count(), seconds),
              us(h.quantile(.5)),
              us(h.quantile(.9)),
              us(h.quantile(.99)),
              us(h.quantile(.999)),
              us(h.max()));
}

void print_table(const Options& options, const Stats& stats, double cpu_share) {
  const double seconds = seconds_of(stats);
  const bool is_open = options.rate > 0;
  std::printf("%s loop, %d connections, %d threads, %.2f s, mix %s, %zu keys, %zu sessions\n",
              is_open ? "open" : "closed",
              options.connections,
              options.threads,
              seconds,
              options.mix_text.c_str(),
              options.credentials.size(),
              options.session_credentials.size());
  std::printf("  %-14s %9s %10s %9s %9s %9s %9s %9s (us)\n",
              "op",
              "2xx",
              "per s",
              "p50",
              "p90",
              "p99",
              "p99.9",
              "max");
  for (const OpRow& row : kOps) {
    const Histogram& h = stats.by_op[static_cast<std::size_t>(row.op)];
    if (h.count() > 0) {
      print_row(row.name, h, seconds);
    }
  }
  print_row(is_open ? "all, from due" : "all", stats.due, seconds);
  if (is_open) {
    print_row("all, service", stats.service, seconds);
    std::printf("  longest backlog %llu\n", static_cast<unsigned long long>(stats.backlog_max));
  }
  std::printf("  requests %llu, 2xx %llu, connects %llu, generator cpu %.0f %%\n",
              static_cast<unsigned long long>(stats.requests),
              static_cast<unsigned long long>(stats.ok),
              static_cast<unsigned long long>(stats.connects),
              100 * cpu_share);
  if (stats.wrong_sent > 0) {
    std::printf("  wrong signatures: %llu sent, %llu answered 403, %llu ACCEPTED\n",
                static_cast<unsigned long long>(stats.wrong_sent),
                static_cast<unsigned long long>(stats.wrong_rejected),
                static_cast<unsigned long long>(stats.wrong_accepted));
  }
  for (const auto& [what, count] : stats.errors) {
    std::printf("  error %-40s %llu\n", what.c_str(), static_cast<unsigned long long>(count));
  }
}

std::string json_of(const Histogram& h, double seconds) {
  char text[320];
  const int length = std::snprintf(
      text,
      sizeof text,
      R"({"n":%llu,"rps":%.1f,"p50_us":%.1f,"p90_us":%.1f,"p99_us":%.1f,"p999_us":%.1f,"max_us":%.1f,"mean_us":%.1f})",
      static_cast<unsigned long long>(h.count()),
      per_second(h.count(), seconds),
      us(h.quantile(.5)),
      us(h.quantile(.9)),
      us(h.quantile(.99)),
      us(h.quantile(.999)),
      us(h.max()),
      h.mean() / 1e3);
  return {text, static_cast<std::size_t>(length)};
}

// Keys and values are ours, or error codes: letters, digits and spaces. Anything else becomes a
// space.
std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    out += c < ' ' || c == '"' || c == '\\' ? ' ' : c;
  }
  return out + "\"";
}

std::string json_report(const Options& options, const Stats& stats, double cpu_share) {
  const double seconds = seconds_of(stats);
  const auto number = [](std::uint64_t n) {
    return std::to_string(n);
  };
  std::string out = R"({"mode":)";
  out += options.rate > 0 ? R"("open")" : R"("closed")";
  out += R"(,"rate":)" + std::to_string(options.rate) + R"(,"connections":)" +
         std::to_string(options.connections) + R"(,"seconds":)" + std::to_string(seconds);
  out += R"(,"requests":)" + number(stats.requests) + R"(,"ok":)" + number(stats.ok) +
         R"(,"rps":)" + std::to_string(per_second(stats.ok, seconds));
  out += R"(,"latency":)" + json_of(stats.due, seconds) + R"(,"service":)" +
         json_of(stats.service, seconds) + R"(,"ops":{)";
  std::string separator;
  for (const OpRow& row : kOps) {
    const Histogram& h = stats.by_op[static_cast<std::size_t>(row.op)];
    if (h.count() > 0) {
      out += separator + json_text(row.name) + ":" + json_of(h, seconds);
      separator = ",";
    }
  }
  out += R"(},"errors":{)";
  separator.clear();
  for (const auto& [what, count] : stats.errors) {
    out += separator + json_text(what) + ":" + number(count);
    separator = ",";
  }
  out += R"(},"wrong_signatures":{"sent":)" + number(stats.wrong_sent) + R"(,"rejected":)" +
         number(stats.wrong_rejected) + R"(,"accepted":)" + number(stats.wrong_accepted) +
         R"(},"unexpected_bodies":)" + number(stats.unexpected_bodies) + R"(,"backlog_max":)" +
         number(stats.backlog_max) + R"(,"generator_cpu":)" + std::to_string(cpu_share) + "}\n";
  return out;
}

}  // namespace

void report(const Options& options, const Stats& stats, double cpu_seconds) {
  const double wall = options.warmup + seconds_of(stats);
  const double cpu_share = wall > 0 ? cpu_seconds / wall : 0;
  if (!options.is_quiet) {
    print_table(options, stats, cpu_share);
  }
  if (options.json.empty()) {
    return;
  }
  const std::string text = json_report(options, stats, cpu_share);
  if (options.json == "-") {
    std::fputs(text.c_str(), stdout);
    return;
  }
  std::ofstream file(options.json);
  if (!(file << text << std::flush)) {
    die("cannot write " + options.json);
  }
}

}  // namespace signet::loadgen
