#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/instant.h"
#include "base/result.h"
#include "identity/entities.h"
#include "mfa/device.h"

namespace signet::authn {

// The one place where MFA codes are accepted. Keeps, per device, the newest accepted step and
// recent wrong answers in memory, so that of two simultaneous requests with one code only one
// passes, before either is durable. The handler then stores the new state with the device
// (store_into), so that a code stays spent across a restart. Wrong answers are remembered in memory
// only: a restart allows as many again. Thread-safe.
class MfaGate {
 public:
  // Checks a sign-in code. The device's own record may lag behind what this gate has seen. `step`,
  // if given, is that of the code that was accepted. Where several processes share the state each
  // has a gate of its own: whoever stores the step looks again whether it is still a new one.
  [[nodiscard]] mfa::Outcome accept(const identity::MfaDevice& device,
                                    std::string_view code,
                                    Instant now,
                                    std::int64_t* step = nullptr);

  // Two consecutive codes for EnableMFADevice and ResyncMFADevice, on the newest state: of what is
  // spent its record tells. Asked again about the same record they say the same.
  [[nodiscard]] mfa::Outcome enable(const identity::MfaDevice& device,
                                    std::string_view code1,
                                    std::string_view code2,
                                    Instant now);
  [[nodiscard]] mfa::Outcome resync(const identity::MfaDevice& device,
                                    std::string_view code1,
                                    std::string_view code2,
                                    Instant now);

  // Copies what the gate knows of the device into a record that is about to be stored.
  void store_into(identity::MfaDevice& device) const;

  // Forgets a device (deleted, deactivated), or everything (dev reset).
  void forget(std::string_view serial);
  void reset();

 private:
  struct Seen {
    void move_to(const mfa::DeviceState& next);

    mfa::DeviceState state;
    mfa::Throttle throttle;
    std::string
        seed;  // hash of that of the device the entry is about: a re-created serial starts afresh
  };

  Seen& seen(const identity::MfaDevice& device);
  void make_room();

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Seen> devices_;
};

// Why STS refuses an MFA code, in its words (aws-wire 2.6), with the cause for the operator.
[[nodiscard]] Error mfa_error(mfa::Outcome outcome);

// The same for a device that is not there, or not the caller's: answered as a spent code is.
[[nodiscard]] Error mfa_device_error(std::string cause);

}  // namespace signet::authn
