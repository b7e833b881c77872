#include "iam/boundaries.h"

#include "iam/checks.h"

namespace signet::iam {

Status require_boundary(const identity::Snapshot& snapshot,
                        std::string_view account,
                        std::string_view arn) {
  if (!is_policy_arn(arn)) {
    return boundary_arn_invalid(arn);
  }
  const identity::ManagedPolicy* policy = find_usable_policy(snapshot, account, arn);
  if (policy == nullptr || !policy->is_attachable) {
    return boundary_not_attachable(arn);
  }
  return {};
}

namespace {

template <Principal Entity>
Status put_boundary(api::HandlerContext& context, std::string_view name, std::string_view arn) {
  const std::string& account = context.caller.account;
  const Entity* entity = TRY(require_modifiable<Entity>(context.snapshot, account, name));
  TRY_STATUS(require_boundary(context.snapshot, account, arn));
  Entity changed = *entity;
  changed.boundary = arn;
  context.transaction->put(std::move(changed));
  return {};
}

template <Principal Entity>
Status delete_boundary(api::HandlerContext& context, std::string_view name) {
  const Entity* entity =
      TRY(require_modifiable<Entity>(context.snapshot, context.caller.account, name));
  if (entity->boundary.empty()) {
    return boundary_not_set(identity::Kind<Entity>::kNoun, name);
  }
  Entity changed = *entity;
  changed.boundary.clear();
  context.transaction->put(std::move(changed));
  return {};
}

}  // namespace

Result<PutUserPermissionsBoundaryResponse> handle(const api::Authorized&,
                                                  const PutUserPermissionsBoundaryRequest& request,
                                                  api::HandlerContext& context) {
  TRY_STATUS(
      put_boundary<identity::User>(context, request.user_name, request.permissions_boundary));
  return PutUserPermissionsBoundaryResponse{};
}

Result<PutRolePermissionsBoundaryResponse> handle(const api::Authorized&,
                                                  const PutRolePermissionsBoundaryRequest& request,
                                                  api::HandlerContext& context) {
  TRY_STATUS(
      put_boundary<identity::Role>(context, request.role_name, request.permissions_boundary));
  return PutRolePermissionsBoundaryResponse{};
}

Result<DeleteUserPermissionsBoundaryResponse> handle(
    const api::Authorized&,
    const DeleteUserPermissionsBoundaryRequest& request,
    api::HandlerContext& context) {
  TRY_STATUS(delete_boundary<identity::User>(context, request.user_name));
  return DeleteUserPermissionsBoundaryResponse{};
}

Result<DeleteRolePermissionsBoundaryResponse> handle(
    const api::Authorized&,
    const DeleteRolePermissionsBoundaryRequest& request,
    api::HandlerContext& context) {
  TRY_STATUS(delete_boundary<identity::Role>(context, request.role_name));
  return DeleteRolePermissionsBoundaryResponse{};
}

}  // namespace signet::iam
