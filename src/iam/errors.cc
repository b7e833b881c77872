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
    case Conflict::AssignedMfaDevice:
      // AWS-DIFF: the sentence for an MFA device in use is Signet's; AWS documents the code
      // (aws-wire 4.13).
      return "Cannot delete an MFA device that is in use, must deactivate it first.";
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

// AWS-DIFF: the sentence for a boundary that is not set is Signet's; AWS documents the code
// (aws-wire 4.7).
Failure boundary_not_set(std::string_view kind, std::string_view name) {
  return fail(ErrorCode::NoSuchEntity,
              concat("The permissions boundary for ", kind, " ", name, " cannot be found."));
}

Failure access_key_not_found(std::string_view id) {
  return fail(ErrorCode::NoSuchEntity, concat("The Access Key with id ", id, " cannot be found."));
}

Failure instance_profile_not_found(std::string_view name) {
  return fail(ErrorCode::NoSuchEntity, concat("Instance Profile ", name, " cannot be found."));
}

Failure role_not_in_profile(std::string_view role, std::string_view profile) {
  return fail(ErrorCode::NoSuchEntity,
              concat("Role ", role, " in Instance Profile ", profile, " cannot be found."));
}

Failure login_profile_not_found(std::string_view user) {
  return fail(ErrorCode::NoSuchEntity,
              concat("Login Profile for User ", user, " cannot be found."));
}

Failure mfa_device_not_found(std::string_view serial) {
  return fail(ErrorCode::NoSuchEntity,
              concat("MFA Device with serial number ", serial, " does not exist."));
}

Failure alias_not_found(std::string_view alias) {
  return fail(ErrorCode::NoSuchEntity,
              concat("The Account Alias with name ", alias, " cannot be found."));
}

Failure password_policy_not_found(std::string_view account) {
  return fail(ErrorCode::NoSuchEntity,
              concat("The Password Policy with domain name ", account, " cannot be found."));
}

Failure account_policy_not_found() {
  return fail(ErrorCode::NoSuchEntity,
              "The account policy with name PasswordPolicy cannot be found.");
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

Failure instance_profile_exists(std::string_view name) {
  return fail(ErrorCode::EntityAlreadyExists,
              concat("Instance Profile ", name, " already exists."));
}

Failure login_profile_exists(std::string_view user) {
  return fail(ErrorCode::EntityAlreadyExists,
              concat("Login Profile for user ", user, " already exists."));
}

Failure mfa_device_exists() {
  return fail(ErrorCode::EntityAlreadyExists, "MFA device already exists.");
}

Failure mfa_device_in_use() {
  return fail(ErrorCode::EntityAlreadyExists, "MFA Device is already in use.");
}

Failure alias_exists(std::string_view alias) {
  return fail(ErrorCode::EntityAlreadyExists,
              concat("The account alias ", alias, " already exists."));
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

// AWS-DIFF: the sentence for a reserved tag key is Signet's; AWS documents the rule (aws-wire 4.2).
Failure reserved_tag_key() {
  return fail(ErrorCode::InvalidInput, "Tag keys starting with aws: are reserved for system use.");
}

Failure boundary_arn_invalid(std::string_view arn) {
  return fail(ErrorCode::InvalidInput, concat("ARN ", arn, " is not valid."));
}

// Roles below these paths are AWS's own: no account may make one (policy-semantics exempts
// them from SCPs).
// AWS-DIFF: the sentence for a reserved path is Signet's.
Failure reserved_path(std::string_view path) {
  return fail(ErrorCode::InvalidInput,
              concat("The path ", path, " is reserved for roles that AWS creates."));
}

// The model lists Expired, which only AWS sets.
// AWS-DIFF: the sentence for a caller who sets a key's status to Expired is Signet's.
Failure status_not_settable(std::string_view status) {
  return fail(ErrorCode::InvalidInput,
              concat("Status ", status, " cannot be set; use Active or Inactive."));
}

Failure entity_arn_invalid(std::string_view arn) {
  return fail(
      ErrorCode::InvalidInput,
      concat("Invalid Entity Arn: ", arn, " does not clearly define entity type and name."));
}

// AWS-DIFF: the sentence for a simulated action with a wildcard is Signet's (aws-wire 4.24).
Failure invalid_simulated_action(std::string_view action) {
  return fail(
      ErrorCode::InvalidInput,
      concat("Invalid action name ", action, ": expected service:Action without wildcards."));
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

// A password may be left out only where it cannot be set at all (aws-wire 4.12); the words are
// those of any missing parameter.
Failure password_required() {
  return fail(ErrorCode::ValidationError,
              "1 validation error detected: Value at 'password' failed to satisfy constraint: "
              "Member must not be null");
}

Failure not_an_iam_user() {
  return fail(ErrorCode::InvalidUserType, "Only IAM Users can change their own password");
}

Failure old_password_incorrect() {
  return fail(ErrorCode::AccessDenied, "The old password was incorrect.");
}

// AWS-DIFF: the sentence for an alias that is an account id is Signet's; AWS documents the rule
// (aws-wire 4.20).
Failure alias_is_account_id() {
  return fail(ErrorCode::ValidationError,
              "The account alias must not be a number of 12 digits: that is an account id.");
}

Failure mfa_code_invalid() {
  return std::unexpected(facts::make_error(ErrorCode::InvalidAuthenticationCode));
}

Failure outside_own_account(std::string_view what) {
  return fail(ErrorCode::AccessDenied, concat("Cannot ", what, " outside your own account."));
}

}  // namespace signet::iam
