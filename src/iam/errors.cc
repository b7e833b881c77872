#include "iam/errors.h"

#include <string>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::iam {

namespace {

Failure named_not_found(std::string_view kind, std::string_view name) {
  return fail(ErrorCode::NoSuchEntity,
              concat("The ", kind, " with name ", name, " cannot be found."));
}

Failure named_exists(std::string_view kind, std::string_view name) {
  return fail(ErrorCode::EntityAlreadyExists,
              concat(kind, " with name ", name, " already exists."));
}

std::string_view text_of(Conflict conflict) {
  switch (conflict) {
    case Conflict::AttachedPolicies:
      return "Cannot delete entity, must detach all policies first.";
    case Conflict::InlinePolicies:
      return "Cannot delete entity, must delete policies first.";
    case Conflict::InstanceProfile:
      return "Cannot delete entity, must remove roles from instance profile first.";
    case Conflict::GroupMembers:
      return "Cannot delete entity, must remove users from group first.";
    case Conflict::AccessKeys:
      return "Cannot delete entity, must delete access keys first.";
    case Conflict::LoginProfile:
      return "Cannot delete entity, must delete login profile first.";
    case Conflict::MfaDevice:
      return "Cannot delete entity, must delete MFA device first.";
    case Conflict::ReferencedObjects:
      return "Cannot delete entity, must remove referenced objects first.";
    case Conflict::PolicyAttached:
      return "Cannot delete a policy attached to entities.";
    case Conflict::PolicyVersions:
      return "This policy has more than one version. Before you delete a policy, you must delete "
             "the policy's versions. The default version is deleted with the policy.";
    case Conflict::DefaultVersion:
      return "Cannot delete the default version of a policy.";
  }
  return "";
}

}  // namespace

Failure user_not_found(std::string_view name) {
  return named_not_found("user", name);
}

Failure role_not_found(std::string_view name) {
  return named_not_found("role", name);
}

Failure group_not_found(std::string_view name) {
  return named_not_found("group", name);
}

Failure inline_policy_not_found(std::string_view kind, std::string_view policy_name) {
  return named_not_found(concat(kind, " policy"), policy_name);
}

Failure policy_not_found(std::string_view arn) {
  return fail(ErrorCode::NoSuchEntity, concat("Policy ", arn, " was not found."));
}

Failure policy_not_attachable(std::string_view arn) {
  return fail(ErrorCode::NoSuchEntity,
              concat("Policy ", arn, " does not exist or is not attachable."));
}

Failure version_not_attachable(std::string_view arn, std::string_view version) {
  return fail(
      ErrorCode::NoSuchEntity,
      concat("Policy ", arn, " version ", version, " does not exist or is not attachable."));
}

Failure boundary_not_attachable(std::string_view arn) {
  return fail(ErrorCode::NoSuchEntity,
              concat("Scope ARN: ", arn, " does not exist or is not attachable."));
}

// The code is documented, the words are ours (aws-wire 4.7).
Failure boundary_not_set(std::string_view kind, std::string_view name) {
  return fail(ErrorCode::NoSuchEntity,
              concat("The permissions boundary for ", kind, " ", name, " cannot be found."));
}

Failure access_key_not_found(std::string_view id) {
  return fail(ErrorCode::NoSuchEntity, concat("The Access Key with id ", id, " cannot be found."));
}

Failure user_exists(std::string_view name) {
  return named_exists("User", name);
}

Failure role_exists(std::string_view name) {
  return named_exists("Role", name);
}

Failure group_exists(std::string_view name) {
  return named_exists("Group", name);
}

Failure policy_exists(std::string_view name) {
  return fail(
      ErrorCode::EntityAlreadyExists,
      concat("A policy called ", name, " already exists. Duplicate names are not allowed."));
}

Failure delete_conflict(Conflict conflict) {
  return fail(ErrorCode::DeleteConflict, std::string(text_of(conflict)));
}

Failure quota_exceeded(std::string_view quota, std::size_t limit) {
  return fail(ErrorCode::LimitExceeded,
              concat("Cannot exceed quota for ", quota, ": ", std::to_string(limit)));
}

Failure too_many_versions(std::size_t limit) {
  return fail(ErrorCode::LimitExceeded,
              concat("A managed policy can have up to ",
                     std::to_string(limit),
                     " versions. Before you create a new version, you must delete an existing "
                     "version."));
}

Failure too_many_tags() {
  return fail(ErrorCode::LimitExceeded, "The number of tags has reached the maximum limit.");
}

Failure inline_policies_too_large(std::string_view kind, std::string_view name, std::size_t limit) {
  return fail(ErrorCode::LimitExceeded,
              concat("Maximum policy size of ",
                     std::to_string(limit),
                     " bytes exceeded for ",
                     kind,
                     " ",
                     name));
}

Failure duplicate_tag_keys(bool is_case_insensitive) {
  return fail(ErrorCode::InvalidInput,
              is_case_insensitive
                  ? "Duplicate tag keys found. Please note that Tag keys are case insensitive."
                  : "Duplicate tag keys found.");
}

// The prefix is reserved (aws-wire 4.2); the words are ours.
Failure reserved_tag_key() {
  return fail(ErrorCode::InvalidInput, "Tag keys starting with aws: are reserved for system use.");
}

Failure boundary_arn_invalid(std::string_view arn) {
  return fail(ErrorCode::InvalidInput, concat("ARN ", arn, " is not valid."));
}

// Roles below these paths are AWS's own: no account may make one (policy-semantics exempts
// them from SCPs). The words are ours.
Failure reserved_path(std::string_view path) {
  return fail(ErrorCode::InvalidInput,
              concat("The path ", path, " is reserved for roles that AWS creates."));
}

// The model lists Expired, which only AWS sets; the words are ours.
Failure status_not_settable(std::string_view status) {
  return fail(ErrorCode::InvalidInput,
              concat("Status ", status, " cannot be set; use Active or Inactive."));
}

Failure policy_arn_invalid(std::string_view arn) {
  return fail(ErrorCode::ValidationError, concat("ARN ", arn, " is not valid."));
}

Failure invalid_marker() {
  return fail(ErrorCode::ValidationError, "Invalid Marker.");
}

Failure user_name_required() {
  return fail(ErrorCode::ValidationError,
              "Must specify userName when calling with non-User credentials");
}

Failure protected_role(std::string_view name) {
  return fail(ErrorCode::UnmodifiableEntity,
              concat("Cannot perform the operation on the protected role '",
                     name,
                     "' - this role is only modifiable by AWS"));
}

Failure service_role_policy() {
  return fail(ErrorCode::PolicyNotAttachable,
              "Cannot attach a Service Role Policy to a Customer Role.");
}

Failure outside_own_account(std::string_view what) {
  return fail(ErrorCode::AccessDenied, concat("Cannot ", what, " outside your own account."));
}

}  // namespace signet::iam
