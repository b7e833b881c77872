#include "signin/attempts.h"

#include <algorithm>

#include "http/trusted_proxies.h"

namespace signet::signin {
namespace {

// Seconds that have to pass after the last of so many failures.
std::int64_t pause_after(std::uint32_t failures, std::uint32_t free) {
  constexpr std::uint32_t kMaxShift = 16;  // longer than the longest wait
  if (failures < free) {
    return 0;
  }
  const std::int64_t pause = std::int64_t{1} << std::min(failures - free, kMaxShift);
  return std::min(pause, Attempts::kLongestWaitSeconds);
}

bool is_forgotten(Instant last, Instant now) {
  return last.plus_seconds(Attempts::kForgottenAfterSeconds) <= now;
}

}  // namespace

std::int64_t Attempts::wait_of(const Table& table,
                               std::string_view key,
                               std::uint32_t free,
                               Instant now) {
  const auto found = table.find(key);
  if (found == table.end() || is_forgotten(found->second.last, now)) {
    return 0;
  }
  // A clock that was set back makes nobody wait for longer.
  const Instant last = std::min(found->second.last, now);
  const std::int64_t open = last.seconds() + pause_after(found->second.count, free);
  return std::max<std::int64_t>(open - now.seconds(), 0);
}

// A full table forgets what is over, then who failed once or twice; those who have to wait last.
void Attempts::count(Table& table, std::string_view key, Instant now) {
  if (table.size() >= kMaxRemembered) {
    std::erase_if(table, [now](const auto& item) { return is_forgotten(item.second.last, now); });
  }
  for (std::uint32_t few = 2; table.size() >= kMaxRemembered; few *= 2) {
    std::erase_if(table, [few](const auto& item) { return item.second.count <= few; });
  }
  Failures& failures = table[std::string(key)];
  failures.count = is_forgotten(failures.last, now) ? 1 : failures.count + 1;
  failures.last = now;
}

std::int64_t Attempts::wait(std::string_view name, std::string_view address, Instant now) {
  const std::string network = http::client_network(address);
  const std::lock_guard lock(mutex_);
  return std::max(wait_of(names_, name, kFreePerName, now),
                  wait_of(addresses_, network, kFreePerAddress, now));
}

std::int64_t Attempts::enter(std::string_view name, std::string_view address, Instant now) {
  const std::string network = http::client_network(address);
  const std::lock_guard lock(mutex_);
  const std::int64_t seconds = std::max(wait_of(names_, name, kFreePerName, now),
                                        wait_of(addresses_, network, kFreePerAddress, now));
  if (seconds == 0) {
    count(names_, name, now);
    count(addresses_, network, now);
  }
  return seconds;
}

// Others behind the address go on counting: one good password does not make guesses of others good.
void Attempts::succeeded(std::string_view name, std::string_view address) {
  const std::string network = http::client_network(address);
  const std::lock_guard lock(mutex_);
  if (const auto found = names_.find(name); found != names_.end()) {
    names_.erase(found);
  }
  if (const auto found = addresses_.find(network);
      found != addresses_.end() && found->second.count > 0) {
    --found->second.count;
  }
}

void Attempts::reset() {
  const std::lock_guard lock(mutex_);
  names_.clear();
  addresses_.clear();
}

}  // namespace signet::signin
