#include "telemetry/access_log.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "codec/json_writer.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "facts/errors.h"

namespace signet::telemetry {
namespace {

constexpr std::size_t kBacklogBytes = std::size_t{8} << 20;
constexpr int kWaitMs = 200;
constexpr std::size_t kLongestText = 256;  // of what a client chose

Result<int> open_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    return std::unexpected(facts::service_failure(
        concat("cannot open the access log ", path, ": ", errno_text(errno))));
  }
  return fd;
}

std::string line_of(const api::Observed& observed) {
  std::string line;
  codec::JsonWriter json(line);
  json.begin_object();
  json.member("time", codec::format_iso8601_ms(observed.at));
  json.member("request_id", observed.request.request_id);
  json.member("service", observed.service);
  json.member("operation", observed.operation);
  json.member("result", observed.result);
  if (!observed.error.empty()) {
    json.member("error", observed.error);
  }
  json.member("method", codec::cut_utf8(observed.head.method, kLongestText));
  json.key("status");
  json.integer(observed.status);
  json.key("duration_us");
  json.integer(observed.took_us);
  if (observed.write_us != 0) {
    json.key("commit_us");
    json.integer(observed.write_us);
  }
  json.member("source_ip", observed.request.source_ip);
  json.member("user_agent", codec::cut_utf8(observed.request.user_agent, kLongestText));
  if (observed.caller != nullptr && !observed.caller->account.empty()) {
    json.member("account", observed.caller->account);
    json.member("principal", observed.caller->arn);
    json.member("access_key_id", observed.caller->access_key_id);
  }
  json.end_object();
  return line + "\n";
}

}  // namespace

AccessLog::AccessLog(std::string path) : path_(std::move(path)), backlog_(kBacklogBytes) {}

Result<std::unique_ptr<AccessLog>> AccessLog::open(std::string path) {
  const int fd = TRY(open_file(path));
  std::unique_ptr<AccessLog> log(new AccessLog(std::move(path)));
  log->fd_ = fd;
  log->thread_ = std::thread([running = log.get()] { running->run(); });
  return log;
}

AccessLog::~AccessLog() {
  backlog_.close();
  if (thread_.joinable()) {
    thread_.join();
  }
  ::close(fd_);
}

void AccessLog::observe(const api::Observed& observed) {
  backlog_.push(line_of(observed));
}

Status AccessLog::reopen() {
  // The number stays the same: the thread may be writing.
  const int fresh = TRY(open_file(path_));
  const bool is_done = ::dup3(fresh, fd_, O_CLOEXEC) >= 0;
  const int failed = errno;
  ::close(fresh);
  return is_done ? Status()
                 : std::unexpected(facts::service_failure(
                       concat("cannot open the access log anew: ", errno_text(failed))));
}

std::uint64_t AccessLog::dropped() const {
  return backlog_.dropped() + unwritten_;
}

void AccessLog::run() {
  while (true) {
    const std::string lines = backlog_.take(kWaitMs);
    if (!lines.empty()) {
      write(lines);
    } else if (backlog_.is_closed()) {
      return;
    }
  }
}

void AccessLog::write(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = ::write(fd_, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      unwritten_ += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
      return;
    }
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace signet::telemetry
