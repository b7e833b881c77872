#include <algorithm>

#include "facts/quotas.h"
#include "sts/credentials.h"
#include "sts/handlers.h"
#include "sts/mfa_check.h"

// GetSessionToken (aws-wire 3.10): needs no permission, and policies cannot deny it. That long-term
// credentials are used is checked by the pipeline.
namespace signet::sts {
namespace {

constexpr std::int64_t kDefaultSeconds = 43'200;

}  // namespace

Result<SpentCode> spend(const GetSessionTokenRequest& request, const api::CheckContext& context) {
  return SpentCode::spend(request.serial_number, request.token_code, context);
}

Result<api::CheckList> checks(const GetSessionTokenRequest& /*request*/,
                              const SpentCode& code,
                              const api::CheckContext& context) {
  TRY_STATUS(code.check(context));
  api::CheckList list;  // a braced list would copy its check
  list.push_back(
      {.action = "sts:GetSessionToken", .resource = "*", .grant = authz::Grant::ToSignedIn});
  return list;
}

Result<GetSessionTokenResponse> handle(const api::Authorized& /*proof*/,
                                       const GetSessionTokenRequest& request,
                                       api::HandlerContext& context) {
  const model::Caller& caller = context.caller;
  const bool is_root = caller.kind == model::CallerKind::Root;
  std::int64_t duration = request.duration_seconds.value_or(kDefaultSeconds);
  if (is_root) {
    duration = std::min<std::int64_t>(duration, facts::kRootSessionSecondsMax);
  }
  model::Session session;
  session.kind = model::SessionKind::SessionToken;
  session.account = caller.account;
  session.principal_id = caller.principal_id;
  if (request.token_code) {
    session.mfa_time = context.request.now;
  }
  GetSessionTokenResponse response;
  TRY_STATUS(issue(std::move(session), duration, request, context, response));
  return response;
}

}  // namespace signet::sts
