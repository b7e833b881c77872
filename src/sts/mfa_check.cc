#include "sts/mfa_check.h"

#include <algorithm>
#include <utility>

#include "authn/mfa_gate.h"
#include "base/strings.h"
#include "facts/sts_sentences.h"

namespace signet::sts {
namespace {

const identity::MfaDevice* own_device(const std::string& serial, const api::CheckContext& context) {
  const identity::MfaDevice* device = context.snapshot.find<identity::MfaDevice>(serial);
  if (device == nullptr || !device->is_assigned || device->account != context.caller.account) {
    return nullptr;
  }
  const bool is_own = device->owner_id() == context.caller.principal_id &&
                      (context.caller.kind == model::CallerKind::User ||
                       context.caller.kind == model::CallerKind::Root);
  return is_own ? device : nullptr;
}

// Which device a serial number names that is not the caller's own.
std::string why_not_own(const std::string& serial, const api::CheckContext& context) {
  const identity::MfaDevice* device = context.snapshot.find<identity::MfaDevice>(serial);
  if (device == nullptr) {
    return concat("there is no MFA device ", serial);
  }
  if (!device->is_assigned) {
    return concat("the MFA device ", serial, " is enabled for nobody");
  }
  return concat("the MFA device ",
                serial,
                " is not the caller's own: it must be enabled for the user or root that calls, and "
                "sessions of roles have none");
}

}  // namespace

Result<SpentCode> SpentCode::spend(const std::optional<std::string>& serial_number,
                                   const std::optional<std::string>& token_code,
                                   const api::CheckContext& context) {
  if (!serial_number && !token_code) {
    return SpentCode();
  }
  if (!serial_number || !token_code) {
    return mfa_incomplete();
  }
  const identity::MfaDevice* device = own_device(*serial_number, context);
  // An unknown device is answered as a spent code is: nothing tells whether the serial exists.
  if (device == nullptr) {
    return std::unexpected(authn::mfa_device_error(why_not_own(*serial_number, context)));
  }
  SpentCode spent;
  const mfa::Outcome outcome =
      context.deps.mfa.accept(*device, *token_code, context.request.now, &spent.step_);
  if (outcome != mfa::Outcome::Accepted) {
    return std::unexpected(authn::mfa_error(outcome));
  }

  spent.serial_ = *serial_number;
  spent.seed_ = device->seed;
  return spent;
}

Status SpentCode::check(const api::CheckContext& context) const {
  if (!is_used()) {
    return {};
  }
  const identity::MfaDevice* device = own_device(serial_, context);
  if (device == nullptr || !is_of(*device)) {
    return std::unexpected(
        authn::mfa_device_error("the MFA device was taken away while the call waited"));
  }
  if (device->state.last_step >= step_) {
    return std::unexpected(authn::mfa_error(mfa::Outcome::Replayed));
  }
  return {};
}

void SpentCode::keep(const identity::Snapshot& snapshot,
                     const api::Deps& /*deps*/,
                     identity::Transaction& transaction) const {
  const identity::MfaDevice* device = snapshot.find<identity::MfaDevice>(serial_);
  if (device == nullptr || !is_of(*device)) {
    return;  // a device that is gone accepts nothing
  }
  identity::MfaDevice spent = *device;
  spent.state.last_step = std::max(spent.state.last_step, step_);
  transaction.put(std::move(spent));
}

bool SpentCode::is_of(const identity::MfaDevice& device) const {
  return device.seed == seed_;
}

}  // namespace signet::sts
