#include "audit/sink.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include "audit/notice.h"
#include "audit/replay.h"
#include "audit/trail_copy.h"
#include "audit/trail_file.h"
#include "base/errno_text.h"
#include "base/log.h"
#include "base/strings.h"

namespace signet::audit {
namespace {

constexpr std::size_t kFlushBytes = 64 * 1024;
constexpr std::size_t kMaxGathered =
    16 * 1024 * 1024;  // beyond this the disk is too slow: lines are lost, not memory
constexpr std::size_t kKeptRoom = 1024 * 1024;  // after a burst the rest is given back
constexpr std::int64_t kLogPeriodMs = 10'000;
constexpr std::int64_t kUnwellMs = 60'000;
constexpr std::int64_t kSyncPeriodMs = 5'000;

// The budget of callers that nobody knows.
constexpr std::size_t kMaxStrangers = 1024 * 1024;
constexpr int kStrangersPerSecond = 1000;
constexpr std::uint64_t kStrangerFileBytes = 8 * 1024 * 1024;

}  // namespace

struct Sink::State {
  const Clock* clock = nullptr;
  bool is_required = false;
  std::unique_ptr<TrailFile> trail;
  std::unique_ptr<TrailFile> strangers;  // null: they share the trail, a device or a pipe

  mutable std::mutex mutex;  // of everything down to `writer`
  std::condition_variable wake;
  std::string gathered;
  std::uint64_t appended = 0;         // calls whose lines were gathered
  std::uint64_t written = 0;          // calls whose lines the system has
  std::uint64_t gathered_number = 0;  // highest number of lines that were gathered
  std::uint64_t lost = 0;
  std::uint64_t lost_logged = 0;
  std::int64_t lost_at_ms = 0;
  std::int64_t logged_at_ms = -kLogPeriodMs;
  int error = 0;  // of the last write; 0: it succeeded
  std::string stranger_lines;
  std::int64_t stranger_second = 0;
  int strangers_this_second = 0;
  std::uint64_t dropped = 0;
  std::uint64_t dropped_told = 0;
  bool stopping = false;
  std::thread writer;

  std::mutex file_mutex;       // of both files and what follows; taken before `mutex`
  std::uint64_t numbered = 0;  // highest number whose lines are written
  std::string under_way;       // what is being written; its room is used again for what is gathered
  std::int64_t synced_at_ms = 0;

  std::atomic<std::uint64_t> settled = 0;
  std::atomic<bool> accepts_work = true;

  void run() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      wake.wait_for(lock, std::chrono::milliseconds(200));
      const std::uint64_t upto = appended;
      lock.unlock();
      write_up_to(upto);
      write_strangers();
      sync_if_due();
      lock.lock();
      log_loss();
    }
  }

  // With `mutex` held.
  void judge() {
    accepts_work = !is_required || (error == 0 && gathered.size() < kMaxGathered / 2);
  }

  // The call's number for write_up_to(), or 0: there is no room.
  std::uint64_t gather(std::string_view lines, std::uint64_t number = 0) {
    const std::lock_guard lock(mutex);
    if (gathered.size() + lines.size() > kMaxGathered) {
      lost += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
      lost_at_ms = monotonic_ms();
      return 0;
    }
    const bool was_small = gathered.size() < kFlushBytes;
    gathered += lines;
    gathered_number = std::max(gathered_number, number);
    if (was_small && gathered.size() >= kFlushBytes) {
      wake.notify_one();
    }
    return ++appended;
  }

  // Hands everything that was gathered to the system, unless another thread has done so for this
  // call meanwhile.
  bool write_up_to(std::uint64_t call) {
    const std::lock_guard file_lock(file_mutex);
    std::unique_lock lock(mutex);
    if (written >= call) {
      return true;
    }
    under_way.clear();
    std::swap(under_way, gathered);
    const std::uint64_t upto = appended;
    const std::uint64_t number = gathered_number;
    lock.unlock();
    const int result = under_way.empty() ? 0 : trail->append(under_way);
    lock.lock();
    error = result;
    if (result == 0) {
      written = upto;
      numbered = number;
    } else {
      gathered.insert(0, under_way);
    }
    if (under_way.capacity() > kKeptRoom) {
      under_way = std::string();
    }
    judge();
    return result == 0;
  }

  TrailFile& stranger_file() { return strangers ? *strangers : *trail; }

  void write_strangers() {
    const std::lock_guard file_lock(file_mutex);
    std::unique_lock lock(mutex);
    std::string batch = std::exchange(stranger_lines, {});
    const std::uint64_t untold = dropped - dropped_told;
    dropped_told = dropped;
    lock.unlock();
    if (untold > 0) {
      append_notice(batch,
                    {.time = clock->now(),
                     .event = "RecordsDropped",
                     .text = concat(std::to_string(untold),
                                    " requests of unknown callers beyond the budget were not "
                                    "recorded")});
    }
    if (!batch.empty() && stranger_file().append(batch) != 0) {
      lock.lock();
      dropped += static_cast<std::uint64_t>(std::count(batch.begin(), batch.end(), '\n'));
    }
  }

  // Numbered lines are waited for; others are synced now and then. Writing goes on meanwhile.
  void sync_if_due() {
    std::unique_lock file_lock(file_mutex);
    const std::int64_t now = monotonic_ms();
    if (numbered == settled && now < synced_at_ms + kSyncPeriodMs) {
      return;
    }
    synced_at_ms = now;
    const std::uint64_t upto = numbered;
    const auto job = trail->start_sync();
    file_lock.unlock();
    if (job && TrailFile::wait_for_disk(*job) != 0) {
      return;
    }
    file_lock.lock();
    if (job) {
      trail->finish_sync(*job);
    }
    settled = upto;
  }

  // With `mutex` held.
  void log_loss() {
    const std::int64_t now = monotonic_ms();
    const bool is_news = lost != lost_logged || error != 0;
    if (!is_news || now < logged_at_ms + kLogPeriodMs) {
      return;
    }
    logged_at_ms = now;
    log(LogLevel::Error,
        "audit_lost",
        {{"lines", std::to_string(lost - lost_logged)},
         {"waiting_bytes", std::to_string(gathered.size())},
         {"reason", error != 0 ? errno_text(error) : std::string("the disk is too slow")}});
    lost_logged = lost;
  }

  // Writes down what opening a trail found amiss, in the trail itself.
  void tell_findings(TrailFile& file, std::string_view path) const {
    std::string lines;
    for (const std::string& finding : file.findings()) {
      log(LogLevel::Warning, "audit_mended", {{"file", path}, {"finding", finding}});
      append_notice(lines, {.time = clock->now(), .event = "AuditTrailMended", .text = finding});
    }
    if (const int failed = lines.empty() ? 0 : file.append(lines); failed != 0) {
      log(LogLevel::Error, "audit_lost", {{"file", path}, {"reason", errno_text(failed)}});
    }
  }
};

Sink::Sink() = default;

Result<std::unique_ptr<Sink>> Sink::open(const SinkOptions& options, const Clock& clock) {
  auto state = std::make_unique<State>();
  const std::string strangers = unauthenticated_path(options.path);
  state->clock = &clock;
  state->is_required = options.is_required;
  state->trail = TRY(TrailFile::open(
      {.path = options.path, .rotate_bytes = options.rotate_bytes, .keep = options.keep}));
  if (state->trail->is_regular()) {
    state->strangers =
        TRY(TrailFile::open({.path = strangers, .rotate_bytes = kStrangerFileBytes, .keep = 1}));
    state->tell_findings(*state->strangers, strangers);
  }
  state->tell_findings(*state->trail, options.path);
  auto sink = std::make_unique<Sink>();
  sink->state_ = std::move(state);
  if (options.is_required) {
    // Shows a disk that takes nothing before the first request does.
    std::string line;
    append_notice(
        line, {.time = clock.now(), .event = "AuditRequired", .text = "no work without a record"});
    sink->keep(line);
  }
  sink->state_->writer = std::thread([running = sink->state_.get()] { running->run(); });
  return sink;
}

Sink::~Sink() {
  if (!state_) {
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  state_->writer.join();
  flush();
}

void Sink::append(std::string_view line) {
  if (state_) {
    state_->gather(line);
  }
}

void Sink::append_unauthenticated(std::string_view line) {
  if (!state_) {
    return;
  }
  const std::int64_t second = monotonic_ms() / 1000;
  const std::lock_guard lock(state_->mutex);
  if (second != state_->stranger_second) {
    state_->stranger_second = second;
    state_->strangers_this_second = 0;
  }
  if (++state_->strangers_this_second > kStrangersPerSecond ||
      state_->stranger_lines.size() + line.size() > kMaxStrangers) {
    ++state_->dropped;
    return;
  }
  state_->stranger_lines += line;
}

bool Sink::keep(std::string_view lines) {
  if (!state_ || lines.empty()) {
    return true;
  }
  const std::uint64_t call = state_->gather(lines);
  return call != 0 && state_->write_up_to(call);
}

bool Sink::keep_numbered(std::uint64_t number, std::string_view lines) {
  if (!state_ || (lines.empty() && number == 0)) {
    return true;
  }
  const std::uint64_t call = state_->gather(lines, number);
  return call != 0 && state_->write_up_to(call);
}

std::uint64_t Sink::settled() const {
  return state_ ? state_->settled.load() : 0;
}

void Sink::keep_missing(std::uint64_t number, std::string_view lines) {
  if (!state_) {
    return;
  }
  std::string missing;
  {
    const std::lock_guard file_lock(state_->file_mutex);
    missing = missing_lines(lines, state_->trail->path());
  }
  if (!missing.empty()) {
    const auto count = std::count(missing.begin(), missing.end(), '\n');
    log(LogLevel::Info, "audit_replayed", {{"lines", std::to_string(count)}});
  }
  keep_numbered(number, missing);
}

bool Sink::is_required() const {
  return state_ && state_->is_required;
}

bool Sink::accepts_work() const {
  return !state_ || state_->accepts_work.load(std::memory_order_relaxed);
}

void Sink::flush() {
  if (!state_) {
    return;
  }
  std::uint64_t upto = 0;
  {
    const std::lock_guard lock(state_->mutex);
    upto = state_->appended;
  }
  state_->write_up_to(upto);
  state_->write_strangers();
  const std::lock_guard file_lock(state_->file_mutex);
  [[maybe_unused]] const int strangers = state_->stranger_file().sync();
  if (state_->trail->sync() == 0) {
    state_->settled = state_->numbered;
  }
}

Status Sink::copy_to(const std::string& target) {
  if (!state_ || !state_->trail->is_regular()) {
    return {};
  }
  flush();
  std::unique_lock file_lock(state_->file_mutex);
  const TrailParts trail = TRY(look_at_trail(state_->trail->path(), state_->trail->size()));
  const TrailParts strangers =
      TRY(look_at_trail(state_->strangers->path(), state_->strangers->size()));
  file_lock.unlock();
  TRY_STATUS(copy_trail(trail, target));
  return copy_trail(strangers, unauthenticated_path(target));
}

bool Sink::reopen() {
  if (!state_) {
    return true;
  }
  const std::lock_guard file_lock(state_->file_mutex);
  const int trail = state_->trail->reopen();
  return state_->stranger_file().reopen() == 0 && trail == 0;
}

std::uint64_t Sink::lost() const {
  return health().lost;
}

SinkHealth Sink::health() const {
  SinkHealth health;
  if (!state_) {
    return health;
  }
  const std::lock_guard lock(state_->mutex);
  health.lost = state_->lost;
  health.dropped_unauthenticated = state_->dropped;
  const bool lost_lately = state_->lost > 0 && monotonic_ms() < state_->lost_at_ms + kUnwellMs;
  health.is_well = state_->error == 0 && !lost_lately;
  if (state_->error != 0) {
    health.reason = concat("the audit file cannot be written: ", errno_text(state_->error));
  } else if (lost_lately) {
    health.reason = "audit records were lost in the last minute";
  }
  return health;
}

std::string Sink::path() const {
  return state_ != nullptr && state_->trail->is_regular() ? state_->trail->path() : std::string();
}

std::string unauthenticated_path(const std::string& path) {
  const std::filesystem::path given(path);
  return (given.parent_path() /
          concat(given.stem().string(), "-unauthenticated", given.extension().string()))
      .string();
}

}  // namespace signet::audit
