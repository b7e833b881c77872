#include "signin/attempts.h"

#include <algorithm>

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

}  // namespace

void Attempts::make_room(Table& table, Instant now) {
  if (table.size() < kMaxRemembered) {
    return;
  }
  std::erase_if(table, [now](const auto& item) {
    return item.second.last.plus_seconds(kForgottenAfterSeconds) <= now;
  });
  if (table.size() >= kMaxRemembered) {
    table.clear();
  }
}

std::int64_t Attempts::enter(std::string_view name, std::string_view address, Instant now) {
  const std::lock_guard lock(mutex_);
  make_room(names_, now);
  make_room(addresses_, now);
  Failures& of_name = names_[std::string(name)];
  Failures& of_address = addresses_[std::string(address)];
  std::int64_t wait = 0;
  const auto look = [&](Failures& failures, std::uint32_t free) {
    if (failures.last.plus_seconds(kForgottenAfterSeconds) <= now) {
      failures.count = 0;
    }
    const Instant open = failures.last.plus_seconds(pause_after(failures.count, free));
    wait = failures.count == 0 ? wait : std::max(wait, open.seconds() - now.seconds());
  };
  look(of_name, kFreePerName);
  look(of_address, kFreePerAddress);
  if (wait <= 0) {
    for (Failures* failures : {&of_name, &of_address}) {
      ++failures->count;
      failures->last = now;
    }
  }
  return std::max<std::int64_t>(wait, 0);
}

// Others behind the address go on counting: one good password does not make guesses of others good.
void Attempts::succeeded(std::string_view name, std::string_view address) {
  const std::lock_guard lock(mutex_);
  if (const auto found = names_.find(name); found != names_.end()) {
    names_.erase(found);
  }
  if (const auto found = addresses_.find(address);
      found != addresses_.end() && found->second.count > 0) {
    --found->second.count;
  }
}

}  // namespace signet::signin
