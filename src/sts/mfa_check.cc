#include "sts/mfa_check.h"

#include <utility>

#include "authn/mfa_gate.h"
#include "facts/errors.h"

namespace signet::sts {
namespace {

const identity::MfaDevice* own_device(const std::string& serial, const api::CheckContext& context) {
  const identity::MfaDevice* device = context.snapshot.find_mfa_device(serial);
  if (device == nullptr || !device->is_assigned || device->account != context.caller.account) {
    return nullptr;
  }
  const bool is_own = device->owner_id() == context.caller.principal_id &&
                      (context.caller.kind == model::CallerKind::User ||
                       context.caller.kind == model::CallerKind::Root);
  return is_own ? device : nullptr;
}

}  // namespace

Result<bool> spend_mfa_code(const std::optional<std::string>& serial_number,
                            const std::optional<std::string>& token_code,
                            const api::CheckContext& context) {
  if (!serial_number && !token_code) {
    return false;
  }
  if (!serial_number || !token_code) {
    return fail(ErrorCode::AccessDenied,
                "MultiFactorAuthentication failed, must provide both MFA serial number and one "
                "time pass code.");
  }
  const identity::MfaDevice* device = own_device(*serial_number, context);
  // An unknown device is answered as a spent code is: nothing tells whether the serial exists.
  const mfa::Outcome outcome =
      device != nullptr ? context.deps.mfa.accept(*device, *token_code, context.request.now)
                        : mfa::Outcome::Replayed;
  if (outcome != mfa::Outcome::Accepted) {
    return std::unexpected(authn::mfa_error(outcome));
  }
  return true;
}

void store_spent_code(const std::string& serial_number, api::HandlerContext& context) {
  const identity::MfaDevice* device = context.snapshot.find_mfa_device(serial_number);
  if (device == nullptr || context.transaction == nullptr) {
    return;
  }
  identity::MfaDevice spent = *device;
  context.deps.mfa.store_into(spent);
  context.transaction->put_mfa_device(std::move(spent));
}

}  // namespace signet::sts
