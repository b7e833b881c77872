#include "authn/mfa_gate.h"

#include <utility>

#include "base/secret_access.h"
#include "crypto/sha256.h"
#include "facts/errors.h"

namespace signet::authn {
namespace {

// Devices remembered at once; beyond it all are forgotten but the durable records still refuse
// spent codes.
constexpr std::size_t kMaxDevices = 100'000;

// Tells a device from another one that was made under its serial later. The seed's hash, not the
// seed: the gate has no need to hold secrets.
std::string seed_hash_of(const identity::MfaDevice& device) {
  return crypto::sha256_hex(device.seed->reveal(secret_access()));
}

std::string_view why(mfa::Outcome outcome) {
  switch (outcome) {
    case mfa::Outcome::Accepted:
      return {};
    case mfa::Outcome::Malformed:
      return "the MFA code is not six digits";
    case mfa::Outcome::Wrong:
      return "the MFA code is wrong, or of another time than this server's";
    case mfa::Outcome::Replayed:
      return "the MFA code was used before: each works once, enabling the device included";
    case mfa::Outcome::Throttled:
      break;
  }
  return "too many wrong MFA codes lately: the code was not looked at";
}

}  // namespace

MfaGate::Seen& MfaGate::seen(const identity::MfaDevice& device) {
  make_room();
  const std::string seed_hash = seed_hash_of(device);
  Seen& entry = devices_[device.serial()];
  if (entry.seed != seed_hash) {
    entry = Seen{.state = {}, .throttle = {}, .seed = seed_hash};
  }
  if (device.state.last_step >= entry.state.last_step) {
    entry.state = device.state;
  }
  return entry;
}

void MfaGate::make_room() {
  if (devices_.size() >= kMaxDevices) {
    devices_.clear();
  }
}

mfa::Outcome MfaGate::accept(const identity::MfaDevice& device,
                             std::string_view code,
                             Instant now,
                             std::int64_t* step) {
  if (device.is_passkey()) {
    return mfa::Outcome::Wrong;  // it has no codes
  }
  const std::lock_guard lock(mutex_);
  Seen& entry = seen(device);
  const mfa::Outcome outcome = mfa::verify_code(
      device.seed->reveal(secret_access()), code, now, entry.state, entry.throttle);
  if (step != nullptr) {
    *step = entry.state.last_step;
  }
  return outcome;
}

void MfaGate::Seen::move_to(const mfa::DeviceState& next) {
  if (next.last_step >= state.last_step) {
    state = next;
  }
}

mfa::Outcome MfaGate::enable(const identity::MfaDevice& device,
                             std::string_view code1,
                             std::string_view code2,
                             Instant now) {
  if (device.is_passkey()) {
    return mfa::Outcome::Wrong;
  }
  const std::lock_guard lock(mutex_);
  Seen& entry = seen(device);
  mfa::DeviceState state = device.state;
  const mfa::Outcome outcome = mfa::enable_device(
      device.seed->reveal(secret_access()), code1, code2, now, state, entry.throttle);
  entry.move_to(state);
  return outcome;
}

mfa::Outcome MfaGate::resync(const identity::MfaDevice& device,
                             std::string_view code1,
                             std::string_view code2,
                             Instant now) {
  if (device.is_passkey()) {
    return mfa::Outcome::Wrong;
  }
  const std::lock_guard lock(mutex_);
  Seen& entry = seen(device);
  mfa::DeviceState state = device.state;
  const mfa::Outcome outcome = mfa::resync_device(
      device.seed->reveal(secret_access()), code1, code2, now, state, entry.throttle);
  entry.move_to(state);
  return outcome;
}

void MfaGate::store_into(identity::MfaDevice& device) const {
  if (device.is_passkey()) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const auto found = devices_.find(device.serial());
  if (found != devices_.end() && found->second.state.last_step >= device.state.last_step &&
      found->second.seed == seed_hash_of(device)) {
    device.state = found->second.state;
  }
}

void MfaGate::forget(std::string_view serial) {
  const std::lock_guard lock(mutex_);
  devices_.erase(std::string(serial));
}

void MfaGate::reset() {
  const std::lock_guard lock(mutex_);
  devices_.clear();
}

Error mfa_device_error(std::string cause) {
  Error error = mfa_error(mfa::Outcome::Replayed);
  error.cause = std::move(cause);
  return error;
}

Error mfa_error(mfa::Outcome outcome) {
  const bool is_wrong_code = outcome == mfa::Outcome::Wrong || outcome == mfa::Outcome::Malformed;
  return Error{
      .code = ErrorCode::AccessDenied,
      .message = is_wrong_code
                     ? "MultiFactorAuthentication failed with invalid MFA one time pass code. "
                     : "MultiFactorAuthentication failed, unable to validate MFA code.  Please "
                       "verify your "
                       "MFA serial number is valid and associated with this user.",
      .fields = {},
      .cause = std::string(why(outcome))};
}

}  // namespace signet::authn
