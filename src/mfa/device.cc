#include "mfa/device.h"

#include <algorithm>
#include <optional>

#include "base/strings.h"
#include "crypto/constant_time.h"
#include "mfa/totp.h"

namespace signet::mfa {
namespace {

bool is_well_formed(std::string_view code) {
  return code.size() == kCodeDigits && std::ranges::all_of(code, is_digit);
}

// The newest step from first to last whose code it is. Computes every one, so that the time tells
// nothing about which.
std::optional<std::int64_t> find_step(std::string_view seed,
                                      std::string_view code,
                                      std::int64_t first,
                                      std::int64_t last) {
  std::optional<std::int64_t> found;
  for (std::int64_t step = first; step <= last; ++step) {
    if (crypto::equal_constant_time(totp_code(seed, step), code)) {
      found = step;
    }
  }
  return found;
}

// Two codes, older first, and how far from now the second may lie.
struct Pair {
  std::string_view code1;
  std::string_view code2;
  std::int64_t window;
};

// The newest step whose code is code1 while the next step's is code2.
std::optional<std::int64_t> find_pair(std::string_view seed,
                                      const Pair& pair,
                                      std::int64_t present) {
  std::optional<std::int64_t> found;
  for (std::int64_t second = present - pair.window; second <= present + pair.window; ++second) {
    const bool is_first = crypto::equal_constant_time(totp_code(seed, second - 1), pair.code1);
    const bool is_second = crypto::equal_constant_time(totp_code(seed, second), pair.code2);
    if (is_first && is_second) {
      found = second - 1;
    }
  }
  return found;
}

Outcome refuse(Outcome outcome, Instant now, Throttle& throttle) {
  throttle.record_wrong(now);
  return outcome;
}

// Accepts two codes of consecutive steps whose second lies within the window.
Outcome accept_pair(
    std::string_view seed, const Pair& pair, Instant now, DeviceState& state, Throttle& throttle) {
  if (!is_well_formed(pair.code1) || !is_well_formed(pair.code2)) {
    return Outcome::Malformed;
  }
  if (throttle.is_blocked(now)) {
    return Outcome::Throttled;
  }
  const std::int64_t present = step_of(now);
  const std::optional<std::int64_t> step = find_pair(seed, pair, present);
  if (!step) {
    return refuse(Outcome::Wrong, now, throttle);
  }
  if (*step <= state.last_step) {
    return refuse(Outcome::Replayed, now, throttle);
  }
  // The person read the second code just before it arrived here: its step is the device's present.
  // One step either way is typing time, not drift.
  const std::int64_t drift = *step + 1 - present;
  state.drift_steps = drift >= -kVerifyWindowSteps && drift <= kVerifyWindowSteps ? 0 : drift;
  state.last_step = *step + 1;
  return Outcome::Accepted;
}

}  // namespace

bool Throttle::is_blocked(Instant now) const {
  const Instant oldest = wrong.back();
  return oldest.unix_ms != 0 && now < oldest.plus_seconds(kWindowSeconds);
}

void Throttle::record_wrong(Instant now) {
  std::shift_right(wrong.begin(), wrong.end(), 1);
  wrong.front() = now;
}

Outcome verify_code(std::string_view seed,
                    std::string_view code,
                    Instant now,
                    DeviceState& state,
                    Throttle& throttle) {
  if (!is_well_formed(code)) {
    return Outcome::Malformed;
  }
  if (throttle.is_blocked(now)) {
    return Outcome::Throttled;
  }
  const std::int64_t center = step_of(now) + state.drift_steps;
  const std::optional<std::int64_t> step =
      find_step(seed, code, center - kVerifyWindowSteps, center + kVerifyWindowSteps);
  if (!step) {
    return refuse(Outcome::Wrong, now, throttle);
  }
  if (*step <= state.last_step) {
    return refuse(Outcome::Replayed, now, throttle);
  }
  state.last_step = *step;
  return Outcome::Accepted;
}

Outcome enable_device(std::string_view seed,
                      std::string_view code1,
                      std::string_view code2,
                      Instant now,
                      DeviceState& state,
                      Throttle& throttle) {
  return accept_pair(seed, {code1, code2, kVerifyWindowSteps}, now, state, throttle);
}

Outcome resync_device(std::string_view seed,
                      std::string_view code1,
                      std::string_view code2,
                      Instant now,
                      DeviceState& state,
                      Throttle& throttle) {
  return accept_pair(seed, {code1, code2, kResyncWindowSteps}, now, state, throttle);
}

}  // namespace signet::mfa
