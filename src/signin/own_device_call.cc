#include "signin/own_device_call.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "codec/json_writer.h"
#include "identity/quotas.h"
#include "signin/json_answers.h"

namespace signet::signin {
OwnDeviceCall::OwnDeviceCall(const SigninParts& parts)
    : SigninInvocation(Operation::EnableMfaDevice, parts) {}

Result<model::CallerRef> OwnDeviceCall::identify(const api::WebContext& context) {
  if (!is_asked_by_own_page(*request().head)) {
    return refuse(json_problem(403, kOnlyOwnPage), "Not the console's page");
  }
  session_ = signed_in(request(), context.snapshot, rings(), context.request.now);
  if (!session_) {
    return refuse(json_problem(401, kSessionEnded), "Not signed in");
  }
  // Root by its password: a session of AssumeRoot is somebody else's.
  const bool is_root =
      session_->caller.kind == model::CallerKind::Root && session_->grant.password.has_value();
  if (session_->caller.kind != model::CallerKind::User && !is_root) {
    return refuse(json_problem(403, "MFA devices belong to IAM users and to root."),
                  "Neither a user nor root");
  }
  return std::make_shared<const model::Caller>(session_->caller);
}

Result<api::CheckList> OwnDeviceCall::checks(const api::CheckContext& context) {
  api::CheckList list(1);
  list[0].action = "iam:EnableMFADevice";
  list[0].resource = context.caller.arn;
  list[0].wording.resource = context.caller.arn;
  return list;
}

http::Response OwnDeviceCall::refusal(const Error& error) {
  http::Response own = SigninInvocation::refusal(error);
  return own.headers.find("content-type") == "application/json"
             ? std::move(own)
             : json_problem(own.status, error.message);
}

std::unexpected<Error> OwnDeviceCall::problem(int status, std::string_view message) {
  return refuse(json_problem(status, message), std::string(message));
}

Status OwnDeviceCall::require_room(const api::HandlerContext& context) {
  const model::Caller& caller = context.caller;
  const auto* account = context.snapshot.find<identity::Account>(caller.account);
  const auto devices = context.snapshot.mfa_devices_of(caller.account, caller.principal_id);
  const std::size_t most =
      identity::limit_of(context.snapshot, caller.account, facts::Quota::MFADevicesPerUser);
  if (account == nullptr || devices.size() >= most) {
    return problem(409, "You have as many MFA devices as may be.");
  }
  return {};
}

void OwnDeviceCall::answer_with_device(std::string serial) {
  serial_ = std::move(serial);
  std::string body;
  codec::JsonWriter writer(body);
  writer.begin_object();
  writer.member("serialNumber", serial_);
  writer.end_object();
  answer_with(json_answer(200, std::move(body)));
}

void OwnDeviceCall::describe(api::WebRecord& record,
                             const model::Caller* caller,
                             const Status& outcome) const {
  SigninInvocation::describe(record, caller, outcome);
  if (outcome && !serial_.empty()) {
    record.elements.emplace_back("serialNumber", serial_);
  }
}

}  // namespace signet::signin
