#include "signin/root_device.h"

#include <string>
#include <utility>

#include "authn/mfa_gate.h"
#include "codec/json.h"
#include "signin/own_device_call.h"

namespace signet::signin {
namespace {

class EnableRootDevice final : public OwnDeviceCall {
 public:
  using OwnDeviceCall::OwnDeviceCall;

  api::RunMode run_mode() const override { return api::RunMode::Write; }

  Status decode() override {
    const auto json = codec::Json::parse(request().body);
    if (!json || !json->is_object()) {
      return problem(400, "The request is not valid.");
    }
    serial_ = json->string_at("serialNumber");
    code1_ = json->string_at("authenticationCode1");
    code2_ = json->string_at("authenticationCode2");
    return {};
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const model::Caller& caller = context.caller;
    if (caller.kind != model::CallerKind::Root) {
      return problem(403, "IAM users enable their devices with EnableMFADevice.");
    }
    const auto* device = context.snapshot.find<identity::MfaDevice>(serial_);
    if (device == nullptr || device->account != caller.account || device->is_passkey()) {
      return problem(404, "There is no such virtual MFA device.");
    }
    if (device->is_assigned) {
      return problem(409, "The device is in use already.");
    }
    TRY_STATUS(require_room(context));
    if (context.deps.mfa.enable(*device, code1_, code2_, context.request.now) !=
        mfa::Outcome::Accepted) {
      return problem(400, "These are not two codes of the device that follow each other.");
    }
    identity::MfaDevice changed = *device;
    changed.is_assigned = true;
    changed.user_id.clear();
    changed.enabled = context.request.now;
    context.deps.mfa.store_into(changed);
    context.transaction->put(std::move(changed));
    answer_with_device(serial_);
    return {};
  }

 private:
  std::string serial_;
  std::string code1_;
  std::string code2_;
};

}  // namespace

std::unique_ptr<api::WebInvocation> make_enable_root_device(const SigninParts& parts) {
  return std::make_unique<EnableRootDevice>(parts);
}

}  // namespace signet::signin
