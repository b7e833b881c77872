#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/fail_because.h"
#include "base/strings.h"
#include "facts/condition_key_ids.h"
#include "facts/errors.h"
#include "facts/sts_sentences.h"
#include "identity/organizations.h"
#include "model/arn.h"
#include "sts/credentials.h"
#include "sts/endpoint.h"
#include "sts/handlers.h"

// AssumeRoot (new-in-2026 4, aws-wire 3.4): an organization acts as the root user of a member
// account, for one task.
namespace signet::sts {
namespace {

constexpr std::int64_t kDefaultSeconds = 900;

// A task, and the feature that an organization must have turned on for it.
struct Task {
  std::string_view policy_arn;
  std::string_view feature;
};

constexpr std::array kTasks = {
    Task{"arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
         identity::kRootCredentialsManagement},
    Task{"arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword",
         identity::kRootCredentialsManagement},
    Task{"arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials",
         identity::kRootCredentialsManagement},
    Task{"arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy", identity::kRootSessions},
    Task{"arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy", identity::kRootSessions},
};

const Task* find_task(const PolicyDescriptorType& descriptor) {
  const std::string arn = descriptor.arn.value_or("");
  const auto* found = std::ranges::find(kTasks, arn, &Task::policy_arn);
  return found == kTasks.end() ? nullptr : found;
}

// An account id or the ARN of its root user.
std::optional<std::string> target_account(std::string_view principal) {
  if (model::is_account_id(principal)) {
    return std::string(principal);
  }
  const auto parts = model::split_arn(principal);
  const bool is_root =
      parts && model::is_account_id(parts->account) && principal == model::root_arn(parts->account);
  return is_root ? std::optional(std::string(parts->account)) : std::nullopt;
}

// Why the organization does not lend the caller's account that root user for the task; empty: it
// does. For the operator: callers are told no reason (new-in-2026 4).
std::string why_not(const api::CheckContext& context,
                    const std::string& target,
                    std::string_view feature) {
  const std::string& account = context.caller.account;
  if (context.caller.kind == model::CallerKind::Root) {
    return "root users may not assume root";
  }
  const identity::OrgPolicies* management = identity::management_of(context.snapshot, account);
  if (management == nullptr || !identity::administers(*management, account)) {
    return "the caller's account neither manages an organization nor administers IAM for one";
  }
  if (management->is_billing_only || !management->has_iam_access) {
    return "the organization has no trusted access for IAM";
  }
  if (!identity::has_root_feature(*management, feature)) {
    return concat("the organization has not enabled ", feature);
  }
  const identity::OrgPolicies* member = context.snapshot.find<identity::OrgPolicies>(target);
  const bool is_member = member != nullptr && !member->is_management && target != account &&
                         member->organization_id == management->organization_id;
  return is_member ? "" : "the target is no other member account of the organization";
}

}  // namespace

Result<api::CheckList> checks(const AssumeRootRequest& request, const api::CheckContext& context) {
  if (is_global_endpoint(context.request)) {
    return unknown_at_global_endpoint();
  }
  const std::optional<std::string> target = target_account(request.target_principal);
  if (!target) {
    return target_principal_invalid();
  }
  const Task* task = find_task(request.task_policy_arn);
  if (task == nullptr) {
    return task_policy_invalid();
  }
  const std::string arn = model::root_arn(*target);
  if (std::string cause = why_not(context, *target, task->feature); !cause.empty()) {
    return fail_because(ErrorCode::AccessDenied,
                        concat("User: ",
                               context.caller.arn,
                               " is not authorized to perform: sts:AssumeRoot on resource: ",
                               arn),
                        std::move(cause));
  }
  api::CheckList list;  // a braced list would copy its check
  list.push_back({.action = "sts:AssumeRoot",
                  .resource = arn,
                  .wording = {.resource = arn, .hides_reason = true},
                  .resource_account = *target,
                  .grant = authz::Grant::ByOrganization});
  list.front().texts.add(facts::KeyId::StsTaskPolicyArn, task->policy_arn);
  return list;
}

Result<AssumeRootResponse> handle(const api::Authorized& /*proof*/,
                                  const AssumeRootRequest& request,
                                  api::HandlerContext& context) {
  const std::optional<std::string> target = target_account(request.target_principal);
  const Task* task = find_task(request.task_policy_arn);
  if (!target || task == nullptr) {
    return std::unexpected(facts::service_failure("checks() let a target or task through"));
  }
  model::Session session;
  session.kind = model::SessionKind::AssumedRoot;
  session.account = *target;
  session.principal_id = *target;
  session.is_chained = context.caller.is_temporary();
  session.policy_arns.emplace_back(task->policy_arn);
  session.has_session_policy = true;
  AssumeRootResponse response;
  if (context.caller.session && !context.caller.session->source_identity.empty()) {
    session.source_identity = context.caller.session->source_identity;
    response.source_identity = session.source_identity;
  }
  const std::int64_t duration = request.duration_seconds.value_or(kDefaultSeconds);
  TRY_STATUS(issue(std::move(session), duration, request, context, response));
  return response;
}

}  // namespace signet::sts
