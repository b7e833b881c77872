#include "telemetry/backlog.h"

#include <chrono>
#include <utility>

namespace signet::telemetry {

void Backlog::push(std::string_view line) {
  {
    const std::scoped_lock lock(mutex_);
    if (is_closed_ || lines_.size() + line.size() > bytes_max_) {
      dropped_ += 1;
      return;
    }
    lines_ += line;
  }
  wake_.notify_one();
}

std::string Backlog::take(int wait_ms) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(
      lock, std::chrono::milliseconds(wait_ms), [this] { return is_closed_ || !lines_.empty(); });
  return std::exchange(lines_, {});
}

void Backlog::close() {
  {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
  }
  wake_.notify_all();
}

bool Backlog::is_closed() const {
  const std::scoped_lock lock(mutex_);
  return is_closed_;
}

std::uint64_t Backlog::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

}  // namespace signet::telemetry
