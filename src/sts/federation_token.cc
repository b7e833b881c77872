#include <algorithm>

#include "base/strings.h"
#include "facts/quotas.h"
#include "model/arn.h"
#include "sts/credentials.h"
#include "sts/handlers.h"
#include "sts/session_policy.h"
#include "sts/session_tags.h"

// GetFederationToken (aws-wire 3.9, policy-semantics 8.2). That long-term credentials are used is
// checked by the pipeline.
namespace signet::sts {
namespace {

constexpr std::int64_t kDefaultSeconds = 43'200;

}  // namespace

Result<api::CheckList> checks(const GetFederationTokenRequest& request,
                              const api::CheckContext& context) {
  const SessionTags tags = TRY(read_tags(request.tags, {}, nullptr));
  const std::string arn = model::federated_user_arn(context.caller.account, request.name);
  api::CheckList list{
      {.action = "sts:GetFederationToken", .resource = arn, .wording = {.resource = arn}}};
  list.front().request_tags = tags.requested;
  if (!tags.requested.empty()) {
    list.push_back(list.front());
    list.back().action = "sts:TagSession";
  }
  return list;
}

Result<GetFederationTokenResponse> handle(const api::Authorized& /*proof*/,
                                          const GetFederationTokenRequest& request,
                                          api::HandlerContext& context) {
  const model::Caller& caller = context.caller;
  const SessionTags tags = TRY(read_tags(request.tags, {}, nullptr));
  std::int64_t duration = request.duration_seconds.value_or(kDefaultSeconds);
  if (caller.kind == model::CallerKind::Root) {
    duration = std::min<std::int64_t>(duration, facts::kRootSessionSecondsMax);
  }
  model::Session session;
  session.kind = model::SessionKind::FederatedUser;
  session.account = caller.account;
  session.principal_id = caller.principal_id;
  session.session_name = request.name;
  session.tags = all_tags(tags);
  TRY_STATUS(add_session_policies(request.policy, request.policy_arns, context.snapshot, session));
  const std::int64_t packed = TRY(sessions::packed_size(session));
  GetFederationTokenResponse response;
  response.federated_user =
      FederatedUser{.federated_user_id = concat(caller.account, ":", request.name),
                    .arn = model::federated_user_arn(caller.account, request.name)};
  response.packed_policy_size = packed;
  TRY_STATUS(issue(std::move(session), duration, request, context, response));
  return response;
}

}  // namespace signet::sts
