#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "escalation/explorer.h"
#include "escalation/hypothetical.h"
#include "facts/insight_sentences.h"
#include "insight/handlers.h"
#include "model/arn.h"

// ListBecoming: whom a principal can become in one step, and whether it can give itself whatever it
// wants. Found by the escalation room: each call was decided by the engine that decides requests.
namespace signet::insight {
namespace {

using escalation::Condition;
using escalation::Way;

std::string wire_name(Condition::Kind kind) {
  switch (kind) {
    case Condition::Kind::Always:
      return "ALWAYS";
    case Condition::Kind::If:
      return "CONDITIONAL";
    case Condition::Kind::Unknown:
      break;
  }
  return "UNKNOWN";
}

std::vector<BecomingCall> wire_calls(const Way& way) {
  std::vector<BecomingCall> calls;
  for (const escalation::Call& call : way.calls) {
    BecomingCall& shown = calls.emplace_back();
    shown.action = call.action;
    shown.resource_arn = call.resource;
    shown.condition = wire_name(call.condition.kind);
    shown.condition_blocks = call.condition.formula;
    if (!call.condition.reason.empty()) {
      shown.reason = call.condition.reason;
    }
    if (!call.command.empty()) {
      shown.command = call.command;
    }
  }
  return calls;
}

// The call that matters most is the first.
BecomingStep wire_step(const Way& way) {
  return {.principal_arn = way.to,
          .action = way.calls.front().action,
          .needs_mfa = escalation::needs_mfa(way),
          .condition = wire_name(escalation::kind_of(way)),
          .calls = wire_calls(way)};
}

// Who there is in other accounts, and what their policies ask for, is theirs to tell.
bool is_of(std::string_view account, const Way& way) {
  const auto parts = model::split_arn(way.to);
  return parts && parts->account == account;
}

BecomingResult wire_result(const escalation::Powers& powers, std::string_view account) {
  BecomingResult result{.principal_arn = powers.principal,
                        .is_administrator = powers.everything.has_value()};
  if (powers.everything) {
    result.administrator_condition = wire_name(escalation::kind_of(*powers.everything));
    result.administrator_calls = wire_calls(*powers.everything);
  }
  for (const Way& way : powers.becomes) {
    if (is_of(account, way)) {
      result.steps.push_back(wire_step(way));
    }
  }
  for (const Way& way : powers.strengthens) {
    if (is_of(account, way)) {
      result.strengthens.push_back(wire_step(way));
    }
  }
  return result;
}

}  // namespace

Result<api::CheckList> checks(const ListBecomingRequest& request,
                              const api::CheckContext& context) {
  api::CheckList list;
  list.reserve(request.principal_arns.size() + 1);
  for (const std::string& arn : request.principal_arns) {
    list.push_back(escalation::permission_for(arn, context.snapshot));
  }
  // Who there is in the account is told with it.
  api::Check& everybody = list.emplace_back();
  everybody.action = "iam:GetAccountAuthorizationDetails";
  everybody.resource = "*";
  everybody.wildcard_only = true;
  return list;
}

Result<ListBecomingResponse> handle(const api::Authorized& /*proof*/,
                                    const ListBecomingRequest& request,
                                    api::HandlerContext& context) {
  escalation::Explorer explorer(context.snapshot, context.request.now);
  ListBecomingResponse response;
  for (const std::string& arn : request.principal_arns) {
    const auto caller = escalation::caller_named(
        arn, context.caller.account, context.snapshot, context.request.now);
    const auto powers = caller ? explorer.powers_of(arn) : std::nullopt;
    if (!powers) {
      return principal_not_found(arn);
    }
    response.results.push_back(wire_result(*powers, context.caller.account));
  }
  return response;
}

}  // namespace signet::insight
