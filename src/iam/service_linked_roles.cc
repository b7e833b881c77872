#include "iam/service_linked_roles.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "crypto/uuid.h"
#include "facts/service_linked_roles.h"
#include "iam/checks.h"
#include "iam/ids.h"
#include "iam/views.h"

namespace signet::iam {

namespace {

constexpr std::string_view kRolePath = "/aws-service-role/";

// Deletion tasks that an account keeps: the oldest go first. AWS-DIFF: AWS does not say how long it
// keeps them (ServiceLinkedRoles.KeepAThousandDeletionTasks).
constexpr std::size_t kDeletionTasksKept = 1000;

std::string path_of(std::string_view service) {
  return concat(kRolePath, service, "/");
}

std::string name_of(std::string_view role, std::string_view suffix) {
  return suffix.empty() ? std::string(role) : concat(role, "_", suffix);
}

// As AWS writes it (recorded: Effect and Action may stand in any order).
std::string trust_of(std::string_view service) {
  return concat(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":")",
      service,
      R"("},"Action":"sts:AssumeRole"}]})");
}

std::string policy_arn_of(std::string_view policy) {
  return model::iam_arn(kAwsAccount, "policy", facts::kServiceRolePolicyPath, policy);
}

}  // namespace

api::Check service_linked_role_check(const api::CheckContext& context,
                                     const NewServiceLinkedRole& wanted) {
  const facts::ServiceLinkedRoleRow* row = facts::find_service_linked_role(wanted.service);
  // A service without role is decided on as one whose role has no name.
  const std::string name = row != nullptr ? name_of(row->role, wanted.suffix) : std::string();
  const std::string arn =
      model::iam_arn(context.caller.account, "role", path_of(wanted.service), name);
  api::Check check = creation_check("iam:CreateServiceLinkedRole", arn, arn);
  add_key(check, "iam:AWSServiceName", wanted.service);
  return check;
}

Result<identity::Role> create_service_linked_role(const api::HandlerContext& context,
                                                  const NewServiceLinkedRole& wanted) {
  const facts::ServiceLinkedRoleRow* row = facts::find_service_linked_role(wanted.service);
  if (row == nullptr) {
    return service_has_no_role(wanted.service);
  }
  if (!wanted.suffix.empty() && !row->allows_suffix) {
    return custom_suffix_not_allowed(wanted.service);
  }
  const identity::Snapshot& now = context.transaction->view();
  identity::Role role;
  role.account = context.caller.account;
  role.name = name_of(row->role, wanted.suffix);
  if (now.find<identity::Role>(role.account, role.name) != nullptr) {
    return service_role_name_taken(role.name);
  }
  // They count as roles of the account, but no quota keeps them out (IAM user guide,
  // "service-linked roles").
  role.id = fresh_id<identity::Role>(now, role.account, context.deps.random);
  role.path = path_of(row->service);
  role.created = context.request.now;
  role.description = wanted.description.empty() ? row->description : wanted.description;
  role.trust_policy = identity::make_document(trust_of(row->service));
  role.attached_policies = {policy_arn_of(row->policy)};
  context.transaction->put(role);
  return role;
}

Status ensure_service_linked_role(const api::HandlerContext& context, std::string_view service) {
  const facts::ServiceLinkedRoleRow* row = facts::find_service_linked_role(service);
  if (row != nullptr && context.transaction->view().find<identity::Role>(context.caller.account,
                                                                         row->role) != nullptr) {
    return {};
  }
  const Result<identity::Role> made =
      create_service_linked_role(context, {.service = service, .suffix = {}, .description = {}});
  return made ? Status() : std::unexpected(made.error());
}

// CreateServiceLinkedRole

namespace {

NewServiceLinkedRole wanted_by(const CreateServiceLinkedRoleRequest& request) {
  const auto text = [](const std::optional<std::string>& given) {
    return given ? std::string_view(*given) : std::string_view();
  };
  return {.service = request.aws_service_name,
          .suffix = text(request.custom_suffix),
          .description = text(request.description)};
}

}  // namespace

Result<api::CheckList> checks(const CreateServiceLinkedRoleRequest& request,
                              const api::CheckContext& context) {
  return one_check(service_linked_role_check(context, wanted_by(request)));
}

Result<CreateServiceLinkedRoleResponse> handle(const api::Authorized&,
                                               const CreateServiceLinkedRoleRequest& request,
                                               api::HandlerContext& context) {
  const identity::Role role = TRY(create_service_linked_role(context, wanted_by(request)));
  CreateServiceLinkedRoleResponse response;
  response.role = show(role, context.snapshot);
  return response;
}

// DeleteServiceLinkedRole

namespace {

constexpr std::string_view kTaskPrefix = "task";

// What of the role's service still needs it. AWS-DIFF: AWS asks the services; here only
// organizations can need theirs (ServiceLinkedRoles.StayWhileTheirServiceNeedsThem).
std::vector<identity::RoleUsage> usage_of(const identity::Role& role,
                                          const identity::Snapshot& snapshot) {
  if (role.path != path_of("organizations.amazonaws.com")) {
    return {};
  }
  const identity::OrgPolicies* organization = snapshot.find<identity::OrgPolicies>(role.account);
  if (organization == nullptr || organization->organization_id.empty()) {
    return {};
  }
  std::string arn = concat(
      "arn:aws:organizations::", role.account, ":organization/", organization->organization_id);
  return {{.region = "us-east-1", .resources = {std::move(arn)}}};
}

identity::DeletionTask task_of(const identity::Role& role, const api::HandlerContext& context) {
  identity::DeletionTask task;
  task.account = role.account;
  task.id = concat(kTaskPrefix, role.path, role.name, "/", crypto::uuid_v4(context.deps.random));
  task.created = context.request.now;
  task.usage = usage_of(role, context.snapshot);
  if (!task.usage.empty()) {
    task.status = identity::DeletionStatus::Failed;
    task.reason = "The role is in use by resources of its service.";
  }
  return task;
}

// Makes room for one more.
void drop_oldest_task(const std::string& account, const api::HandlerContext& context) {
  const auto& tasks = context.snapshot.table<identity::DeletionTask>(account);
  if (tasks.size() >= kDeletionTasksKept) {
    context.transaction->erase<identity::DeletionTask>(tasks.begin()->value->id);
  }
}

}  // namespace

Result<DeleteServiceLinkedRoleResponse> handle(const api::Authorized&,
                                               const DeleteServiceLinkedRoleRequest& request,
                                               api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const identity::Role* role =
      TRY(require<identity::Role>(context.snapshot, account, request.role_name));
  if (!Named<identity::Role>::is_service_linked(*role)) {
    return role_not_found(request.role_name);
  }
  identity::DeletionTask task = task_of(*role, context);
  if (task.status == identity::DeletionStatus::Succeeded) {
    context.transaction->erase<identity::Role>(role->id);
  }
  drop_oldest_task(account, context);
  DeleteServiceLinkedRoleResponse response{.deletion_task_id = task.id};
  context.transaction->put(std::move(task));
  return response;
}

// GetServiceLinkedRoleDeletionStatus

namespace {

// The path and name in task/aws-service-role/SERVICE/ROLE/UUID; nothing for other text.
std::optional<std::string_view> role_in_task(std::string_view id) {
  constexpr std::size_t kUuid = 36;
  if (!id.starts_with(kTaskPrefix)) {
    return std::nullopt;
  }
  id.remove_prefix(kTaskPrefix.size());
  const std::size_t last = id.rfind('/');
  if (!id.starts_with(kRolePath) || last == std::string_view::npos ||
      id.size() - last - 1 != kUuid) {
    return std::nullopt;
  }
  id = id.substr(0, last);
  return std::ranges::count(id, '/') == std::ranges::count(kRolePath, '/') + 1 ? std::optional(id)
                                                                               : std::nullopt;
}

DeletionTaskFailureReasonType show_reason(const identity::DeletionTask& task) {
  DeletionTaskFailureReasonType shown;
  shown.reason = task.reason;
  std::vector<RoleUsageType> usage;
  for (const identity::RoleUsage& one : task.usage) {
    usage.push_back({.region = one.region, .resources = one.resources});
  }
  shown.role_usage_list = std::move(usage);
  return shown;
}

}  // namespace

Result<api::CheckList> checks(const GetServiceLinkedRoleDeletionStatusRequest& request,
                              const api::CheckContext& context) {
  const std::optional<std::string_view> role = role_in_task(request.deletion_task_id);
  if (!role) {
    return deletion_task_invalid(request.deletion_task_id);
  }
  const std::string arn = model::iam_arn(context.caller.account, "role", "", *role);
  api::Check check;
  check.action = action_of(request);
  check.resource = arn;
  check.wording.resource = arn;
  return one_check(std::move(check));
}

Result<GetServiceLinkedRoleDeletionStatusResponse> handle(
    const api::Authorized&,
    const GetServiceLinkedRoleDeletionStatusRequest& request,
    api::HandlerContext& context) {
  const identity::DeletionTask* task =
      context.snapshot.find<identity::DeletionTask>(request.deletion_task_id);
  if (task == nullptr || task->account != context.caller.account) {
    return deletion_task_not_found(request.deletion_task_id);
  }
  GetServiceLinkedRoleDeletionStatusResponse response;
  response.status = task->status == identity::DeletionStatus::Succeeded ? "SUCCEEDED" : "FAILED";
  if (task->status == identity::DeletionStatus::Failed) {
    response.reason = show_reason(*task);
  }
  return response;
}

}  // namespace signet::iam
