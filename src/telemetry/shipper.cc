#include "telemetry/shipper.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"
#include "telemetry/syslog_link.h"
#include "telemetry/trail_reader.h"

namespace signet::telemetry {
namespace {

constexpr int kLookMs = 500;
constexpr int kFirstRetryMs = 500;
constexpr int kLastRetryMs = 15'000;

std::unexpected<Error> failure(std::string_view doing, const std::string& path, int error) {
  return std::unexpected(
      facts::service_failure(concat("cannot ", doing, " ", path, ": ", errno_text(error))));
}

// Nothing was shipped where there is no file.
Result<TrailPosition> load_position(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) {
    return TrailPosition();
  }
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto position = read_position(text);
  if (!position) {
    return std::unexpected(facts::service_failure(
        concat(path,
               " does not say how far the audit trail was shipped: remove it, and all that "
               "is kept is shipped again")));
  }
  return *position;
}

// As a whole and on the disk, or not at all.
Status save_position(const std::string& path, const TrailPosition& position) {
  const std::string next = path + ".next";
  const std::string text = format_position(position);
  const UniqueFd file(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid() || (errno = write_all(file.get(), text)) != 0 || ::fdatasync(file.get()) != 0) {
    return failure("write", next, errno);
  }
  return std::rename(next.c_str(), path.c_str()) == 0 ? Status() : failure("replace", path, errno);
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) {
    return {};
  }
  std::string text(name.data());
  const bool is_plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127; });
  return is_plain ? text : std::string();
}

// Calls `take` with each line, without its newline.
template <class Take>
void each_line(std::string_view lines, const Take& take) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    take(lines.substr(0, end));
    lines.remove_prefix(end + 1);
  }
}

}  // namespace

bool is_shipping_url(std::string_view url) {
  return is_syslog_url(url) ? syslog_endpoint(url).has_value() : is_collector_url(url);
}

struct Shipper::State {
  struct Trail {
    TrailReader reader;
    std::string position_path;
  };

  State(const ShipperOptions& options, Reporter who, const Clock& time)
      : reporter(std::move(who)), clock(time), host(host_name()) {
    if (const auto endpoint = syslog_endpoint(options.to.url)) {
      syslog.emplace(*endpoint, options.to.ca_file);
    } else {
      collector.emplace(options.to, "v1/logs");
    }
  }

  void run();
  // True: something was shipped.
  bool ship(Trail& trail);
  DeliveryResult send(std::string_view lines);
  void count_behind();
  void note_failure(const std::string& reason);

  const Reporter reporter;
  const Clock& clock;
  const std::string host;
  std::optional<SyslogLink> syslog;
  std::optional<Collector> collector;
  std::vector<Trail> trails;
  int retry_ms = 0;  // 0: the last try succeeded
  Backlog pause{0};  // closed: it is over
  std::atomic<std::uint64_t> shipped = 0;
  std::atomic<std::uint64_t> rejected = 0;
  std::atomic<std::uint64_t> failures = 0;
  std::atomic<std::uint64_t> gaps = 0;
  std::atomic<std::uint64_t> behind_bytes = 0;
  std::thread thread;
};

Shipper::Shipper(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Shipper>> Shipper::start(ShipperOptions options,
                                                Reporter reporter,
                                                const Clock& clock) {
  auto state = std::make_unique<State>(options, std::move(reporter), clock);
  for (std::string& trail : options.trails) {
    std::string position_path = concat(
        options.position_folder, "/", std::filesystem::path(trail).filename().string(), ".shipped");
    const TrailPosition position = TRY(load_position(position_path));
    state->trails.push_back({.reader = TrailReader(std::move(trail), position),
                             .position_path = std::move(position_path)});
  }
  state->thread = std::thread([running = state.get()] { running->run(); });
  return std::unique_ptr<Shipper>(new Shipper(std::move(state)));
}

Shipper::~Shipper() {
  state_->pause.close();
  state_->thread.join();
}

Shipper::Counts Shipper::counts() const {
  return {.shipped = state_->shipped,
          .rejected = state_->rejected,
          .failures = state_->failures,
          .gaps = state_->gaps,
          .behind_bytes = state_->behind_bytes};
}

void Shipper::State::run() {
  while (!pause.is_closed()) {
    bool has_more = false;
    for (Trail& trail : trails) {
      has_more = (!pause.is_closed() && ship(trail)) || has_more;
    }
    count_behind();
    if (!has_more || retry_ms != 0) {
      static_cast<void>(pause.take(std::max(retry_ms, kLookMs)));
    }
  }
}

bool Shipper::State::ship(Trail& trail) {
  const Result<TrailReader::Lines> lines = trail.reader.next();
  if (!lines) {
    note_failure(lines.error().cause);
    return false;
  }
  if (lines->text.empty()) {
    return false;
  }
  const DeliveryResult result = send(lines->text);
  if (result.delivery != Delivery::Taken) {
    // Refused for good, as by a wrong path or token: an operator mends it, and nothing is skipped.
    note_failure(result.reason);
    return false;
  }
  retry_ms = 0;
  if (lines->has_gap) {
    gaps += 1;
    log(LogLevel::Error, "audit_shipping_gap", {{"position", format_position(lines->end)}});
  }
  const auto count =
      static_cast<std::uint64_t>(std::count(lines->text.begin(), lines->text.end(), '\n'));
  rejected += std::min(result.rejected, count);
  shipped += count - std::min(result.rejected, count);
  trail.reader.go_to(lines->end);
  if (const Status saved = save_position(trail.position_path, lines->end); !saved) {
    note_failure(saved.error().cause);
  }
  return true;
}

DeliveryResult Shipper::State::send(std::string_view lines) {
  std::string message;
  const Instant now = clock.now();
  if (syslog) {
    each_line(lines,
              [&](std::string_view line) { append_syslog(message, line, host, ::getpid(), now); });
    std::string failed = syslog->send(message);
    return {.delivery = failed.empty() ? Delivery::Taken : Delivery::Failed,
            .rejected = 0,
            .reason = std::move(failed)};
  }
  each_line(lines, [&](std::string_view line) {
    message += message.empty() ? "" : ",";
    append_log_record(message, line, now);
  });
  return collector->send(logs_request(reporter, message));
}

void Shipper::State::note_failure(const std::string& reason) {
  failures += 1;
  if (retry_ms == 0) {
    log(LogLevel::Warning, "audit_shipping_failed", {{"cause", reason}});
  }
  retry_ms = retry_ms == 0 ? kFirstRetryMs : std::min(2 * retry_ms, kLastRetryMs);
}

void Shipper::State::count_behind() {
  std::uint64_t bytes = 0;
  for (const Trail& trail : trails) {
    bytes += trail.reader.behind();
  }
  behind_bytes = bytes;
}

}  // namespace signet::telemetry
