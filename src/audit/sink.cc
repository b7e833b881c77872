#include "audit/sink.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/log.h"
#include "facts/errors.h"

namespace signet::audit {
namespace {

constexpr std::size_t kFlushBytes = 64 * 1024;
constexpr std::size_t kMaxGathered =
    16 * 1024 * 1024;  // beyond this the disk is too slow: lines are lost, not memory
constexpr std::int64_t kRotateBytes = 64LL * 1024 * 1024;
constexpr int kOldFiles = 4;

int open_append(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

// 0, or the errno value of what went wrong.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return n < 0 ? errno : EIO;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

struct Sink::State {
  std::string path;
  int fd = -1;
  std::mutex mutex;
  std::condition_variable wake;
  std::string gathered;
  std::uint64_t lost = 0;
  bool stopping = false;
  std::mutex file_mutex;  // held while the file is written or rotated
  std::thread writer;

  void run() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      wake.wait_for(lock, std::chrono::milliseconds(200));
      write_gathered(lock);
    }
  }

  // Takes the gathered lines and writes them with `mutex` released.
  void write_gathered(std::unique_lock<std::mutex>& lock) {
    if (gathered.empty()) {
      return;
    }
    std::string batch = std::exchange(gathered, {});
    lock.unlock();
    int error = 0;
    {
      const std::lock_guard file_lock(file_mutex);
      error = write_all(fd, batch);
      rotate_if_large();
    }
    lock.lock();
    if (error != 0) {
      const auto lines = static_cast<std::uint64_t>(std::count(batch.begin(), batch.end(), '\n'));
      lost += lines;
      log(LogLevel::Error,
          "audit_lost",
          {{"lines", std::to_string(lines)}, {"reason", errno_text(error)}});
    }
  }

  void rotate_if_large() {
    if (fd < 0 || ::lseek(fd, 0, SEEK_END) < kRotateBytes) {
      return;
    }
    for (int i = kOldFiles - 1; i >= 1; --i) {
      std::rename((path + "." + std::to_string(i)).c_str(),
                  (path + "." + std::to_string(i + 1)).c_str());
    }
    std::rename(path.c_str(), (path + ".1").c_str());
    const int fresh = open_append(path);
    if (fresh >= 0) {
      ::close(fd);
      fd = fresh;
    }
  }
};

Sink::Sink() = default;

Result<std::unique_ptr<Sink>> Sink::open(const std::string& path) {
  const int fd = open_append(path);
  if (fd < 0) {
    return std::unexpected(
        facts::service_failure("cannot open audit file " + path + ": " + errno_text(errno)));
  }
  auto sink = std::make_unique<Sink>();
  sink->state_ = std::make_unique<State>();
  sink->state_->path = path;
  sink->state_->fd = fd;
  State* state = sink->state_.get();
  state->writer = std::thread([state] { state->run(); });
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
  ::close(state_->fd);
}

void Sink::append(std::string_view line) {
  if (!state_) {
    return;
  }
  bool is_large = false;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->gathered.size() + line.size() > kMaxGathered) {
      ++state_->lost;
      return;
    }
    state_->gathered += line;
    is_large = state_->gathered.size() >= kFlushBytes;
  }
  if (is_large) {
    state_->wake.notify_one();
  }
}

void Sink::flush() {
  if (!state_) {
    return;
  }
  std::unique_lock lock(state_->mutex);
  state_->write_gathered(lock);
}

std::uint64_t Sink::lost() const {
  if (!state_) {
    return 0;
  }
  const std::lock_guard lock(state_->mutex);
  return state_->lost;
}

}  // namespace signet::audit
