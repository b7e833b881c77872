#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/instant.h"

namespace signet::mfa {

// What a device's stored record carries between uses. A plain value: functions below read and
// change it, the caller stores it. INVARIANT: last_step only grows, so that a code is accepted at
// most once.
struct DeviceState {
  std::int64_t drift_steps = 0;  // device clock minus ours, in steps, as last seen
  std::int64_t last_step = -1;   // newest step (of the device's clock) whose code was accepted
};

// Wrong answers of late, to slow down guessing. Need not survive a restart.
struct Throttle {
  static constexpr std::size_t kMaxWrong = 5;
  static constexpr std::int64_t kWindowSeconds = 300;

  std::array<Instant, kMaxWrong> wrong{};  // newest first; unix_ms 0: none

  // Five wrong codes within the last five minutes: every code is refused until the oldest has aged.
  [[nodiscard]] bool is_blocked(Instant now) const;

  void record_wrong(Instant now);
};

enum class Outcome : std::uint8_t {
  Accepted,
  Malformed,  // not six digits
  Wrong,      // no step near now has this code
  Replayed,   // the code of a step at or before the last accepted one
  Throttled,  // too many wrong codes of late; the code was not looked at
};

// Steps searched either way of the device's present at a sign-in or when a device is enabled, and
// when it is re-synchronised (ten minutes).
inline constexpr std::int64_t kVerifyWindowSteps = 1;
inline constexpr std::int64_t kResyncWindowSteps = 20;

// Checks one code for a sign-in or an MFA-protected call. `seed` is the raw key, not its base32
// text. On Accepted moves last_step; on Wrong and Replayed records the failure in `throttle`;
// otherwise changes nothing. The drift is not moved: a device that follows its own future codes
// would walk away from the clock. Every step of the window is computed whatever the code, and
// compared in constant time.
[[nodiscard]] Outcome verify_code(std::string_view seed,
                                  std::string_view code,
                                  Instant now,
                                  DeviceState& state,
                                  Throttle& throttle);

// Checks two codes of consecutive steps, older first, for EnableMFADevice; the second must lie
// within kVerifyWindowSteps of now. On Accepted sets last_step and a drift of 0.
[[nodiscard]] Outcome enable_device(std::string_view seed,
                                    std::string_view code1,
                                    std::string_view code2,
                                    Instant now,
                                    DeviceState& state,
                                    Throttle& throttle);

// The same for ResyncMFADevice: the pair may lie anywhere in the resync window, but after
// last_step.
[[nodiscard]] Outcome resync_device(std::string_view seed,
                                    std::string_view code1,
                                    std::string_view code2,
                                    Instant now,
                                    DeviceState& state,
                                    Throttle& throttle);

}  // namespace signet::mfa
