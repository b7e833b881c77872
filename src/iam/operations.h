#pragma once

#include "api/operation.h"
#include "facts/iam_types.h"
#include "facts/operations.h"

namespace signet::iam {

// Which operation a request type belongs to.
template <class Request>
inline constexpr facts::Operation kOperationOf = facts::Operation{0xFFFF};

// What every IAM operation of ours consists of: the decisions it needs, made from the request and
// the state, and the work itself, which nobody reaches without proof that all decisions were
// "allowed". Errors of checks() are faults of the request that no permission can mend.
#define SIGNET_IAM_OPERATION(Op)                                                      \
  template <>                                                                         \
  inline constexpr facts::Operation kOperationOf<Op##Request> = facts::Operation::Op; \
  [[nodiscard]] Result<api::CheckList> checks(const Op##Request& request,             \
                                              const api::CheckContext& context);      \
  [[nodiscard]] Result<Op##Response> handle(                                          \
      const api::Authorized& proof, const Op##Request& request, api::HandlerContext& context)

// Users.
SIGNET_IAM_OPERATION(CreateUser);
SIGNET_IAM_OPERATION(DeleteUser);
SIGNET_IAM_OPERATION(GetUser);
SIGNET_IAM_OPERATION(ListUsers);
SIGNET_IAM_OPERATION(UpdateUser);

// Groups.
SIGNET_IAM_OPERATION(AddUserToGroup);
SIGNET_IAM_OPERATION(CreateGroup);
SIGNET_IAM_OPERATION(DeleteGroup);
SIGNET_IAM_OPERATION(GetGroup);
SIGNET_IAM_OPERATION(ListGroups);
SIGNET_IAM_OPERATION(ListGroupsForUser);
SIGNET_IAM_OPERATION(RemoveUserFromGroup);
SIGNET_IAM_OPERATION(UpdateGroup);

// Roles.
SIGNET_IAM_OPERATION(CreateRole);
SIGNET_IAM_OPERATION(DeleteRole);
SIGNET_IAM_OPERATION(GetRole);
SIGNET_IAM_OPERATION(ListRoles);
SIGNET_IAM_OPERATION(UpdateAssumeRolePolicy);
SIGNET_IAM_OPERATION(UpdateRole);
SIGNET_IAM_OPERATION(UpdateRoleDescription);

// Permissions boundaries.
SIGNET_IAM_OPERATION(DeleteRolePermissionsBoundary);
SIGNET_IAM_OPERATION(DeleteUserPermissionsBoundary);
SIGNET_IAM_OPERATION(PutRolePermissionsBoundary);
SIGNET_IAM_OPERATION(PutUserPermissionsBoundary);

// Tags.
SIGNET_IAM_OPERATION(ListPolicyTags);
SIGNET_IAM_OPERATION(ListRoleTags);
SIGNET_IAM_OPERATION(ListUserTags);
SIGNET_IAM_OPERATION(TagPolicy);
SIGNET_IAM_OPERATION(TagRole);
SIGNET_IAM_OPERATION(TagUser);
SIGNET_IAM_OPERATION(UntagPolicy);
SIGNET_IAM_OPERATION(UntagRole);
SIGNET_IAM_OPERATION(UntagUser);

// Inline policies.
SIGNET_IAM_OPERATION(DeleteGroupPolicy);
SIGNET_IAM_OPERATION(DeleteRolePolicy);
SIGNET_IAM_OPERATION(DeleteUserPolicy);
SIGNET_IAM_OPERATION(GetGroupPolicy);
SIGNET_IAM_OPERATION(GetRolePolicy);
SIGNET_IAM_OPERATION(GetUserPolicy);
SIGNET_IAM_OPERATION(ListGroupPolicies);
SIGNET_IAM_OPERATION(ListRolePolicies);
SIGNET_IAM_OPERATION(ListUserPolicies);
SIGNET_IAM_OPERATION(PutGroupPolicy);
SIGNET_IAM_OPERATION(PutRolePolicy);
SIGNET_IAM_OPERATION(PutUserPolicy);

// Attached policies.
SIGNET_IAM_OPERATION(AttachGroupPolicy);
SIGNET_IAM_OPERATION(AttachRolePolicy);
SIGNET_IAM_OPERATION(AttachUserPolicy);
SIGNET_IAM_OPERATION(DetachGroupPolicy);
SIGNET_IAM_OPERATION(DetachRolePolicy);
SIGNET_IAM_OPERATION(DetachUserPolicy);
SIGNET_IAM_OPERATION(ListAttachedGroupPolicies);
SIGNET_IAM_OPERATION(ListAttachedRolePolicies);
SIGNET_IAM_OPERATION(ListAttachedUserPolicies);

// Managed policies.
SIGNET_IAM_OPERATION(CreatePolicy);
SIGNET_IAM_OPERATION(CreatePolicyVersion);
SIGNET_IAM_OPERATION(DeletePolicy);
SIGNET_IAM_OPERATION(DeletePolicyVersion);
SIGNET_IAM_OPERATION(GetPolicy);
SIGNET_IAM_OPERATION(GetPolicyVersion);
SIGNET_IAM_OPERATION(ListEntitiesForPolicy);
SIGNET_IAM_OPERATION(ListPolicies);
SIGNET_IAM_OPERATION(ListPolicyVersions);
SIGNET_IAM_OPERATION(SetDefaultPolicyVersion);

// Access keys.
SIGNET_IAM_OPERATION(CreateAccessKey);
SIGNET_IAM_OPERATION(DeleteAccessKey);
SIGNET_IAM_OPERATION(GetAccessKeyLastUsed);
SIGNET_IAM_OPERATION(ListAccessKeys);
SIGNET_IAM_OPERATION(UpdateAccessKey);

#undef SIGNET_IAM_OPERATION

}  // namespace signet::iam
