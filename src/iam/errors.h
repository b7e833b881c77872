#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "base/result.h"

namespace signet::iam {

// The sentences of aws-wire 1.9, 2.4 and 4.3, exactly: they differ by operation, not by kind of
// fault. Names and ARNs are shown as the request gave them.
using Failure = std::unexpected<Error>;

// NoSuchEntity.
[[nodiscard]] Failure user_not_found(std::string_view name);
[[nodiscard]] Failure role_not_found(std::string_view name);
[[nodiscard]] Failure group_not_found(std::string_view name);
// `kind`: user, role or group.
[[nodiscard]] Failure inline_policy_not_found(std::string_view kind, std::string_view policy_name);
// DeletePolicy, Detach*, GetPolicy, policy tags.
[[nodiscard]] Failure policy_not_found(std::string_view arn);
// Attach*, ListEntitiesForPolicy.
[[nodiscard]] Failure policy_not_attachable(std::string_view arn);
// GetPolicyVersion, DeletePolicyVersion, SetDefaultPolicyVersion; also when the policy is missing.
[[nodiscard]] Failure version_not_attachable(std::string_view arn, std::string_view version);
[[nodiscard]] Failure boundary_not_attachable(std::string_view arn);
[[nodiscard]] Failure boundary_not_set(std::string_view kind, std::string_view name);
[[nodiscard]] Failure access_key_not_found(std::string_view id);
[[nodiscard]] Failure instance_profile_not_found(std::string_view name);
[[nodiscard]] Failure role_not_in_profile(std::string_view role, std::string_view profile);
[[nodiscard]] Failure login_profile_not_found(std::string_view user);
[[nodiscard]] Failure mfa_device_not_found(std::string_view serial);
[[nodiscard]] Failure alias_not_found(std::string_view alias);
// GetAccountPasswordPolicy and DeleteAccountPasswordPolicy, each in its own words.
[[nodiscard]] Failure password_policy_not_found(std::string_view account);
[[nodiscard]] Failure account_policy_not_found();

// EntityAlreadyExists.
[[nodiscard]] Failure user_exists(std::string_view name);
[[nodiscard]] Failure role_exists(std::string_view name);
[[nodiscard]] Failure group_exists(std::string_view name);
[[nodiscard]] Failure policy_exists(std::string_view name);
[[nodiscard]] Failure instance_profile_exists(std::string_view name);
[[nodiscard]] Failure login_profile_exists(std::string_view user);
[[nodiscard]] Failure mfa_device_exists();
[[nodiscard]] Failure mfa_device_in_use();
[[nodiscard]] Failure alias_exists(std::string_view alias);

// What keeps an entity from being deleted.
enum class Conflict : std::uint8_t {
  AttachedPolicies,
  InlinePolicies,
  InstanceProfile,
  GroupMembers,  // a group with members, or a user in groups
  AccessKeys,
  LoginProfile,
  MfaDevice,
  ReferencedObjects,
  PolicyAttached,
  PolicyVersions,
  DefaultVersion,
  AssignedMfaDevice,
};

[[nodiscard]] Failure delete_conflict(Conflict conflict);

// LimitExceeded.
[[nodiscard]] Failure quota_exceeded(std::string_view quota, std::size_t limit);
[[nodiscard]] Failure too_many_versions(std::size_t limit);
[[nodiscard]] Failure too_many_tags();
[[nodiscard]] Failure inline_policies_too_large(std::string_view kind,
                                                std::string_view name,
                                                std::size_t limit);

// InvalidInput.
[[nodiscard]] Failure duplicate_tag_keys(bool is_case_insensitive);
[[nodiscard]] Failure reserved_tag_key();
[[nodiscard]] Failure boundary_arn_invalid(std::string_view arn);
[[nodiscard]] Failure reserved_path(std::string_view path);
[[nodiscard]] Failure status_not_settable(std::string_view status);
[[nodiscard]] Failure entity_arn_invalid(std::string_view arn);
[[nodiscard]] Failure invalid_simulated_action(std::string_view action);

// ValidationError.
[[nodiscard]] Failure policy_arn_invalid(std::string_view arn);
[[nodiscard]] Failure invalid_marker();
[[nodiscard]] Failure user_name_required();

// UnmodifiableEntity, PolicyNotAttachable.
[[nodiscard]] Failure protected_role(std::string_view name);
[[nodiscard]] Failure service_role_policy();

// ValidationError, InvalidUserType, AccessDenied around passwords.
[[nodiscard]] Failure password_required();
[[nodiscard]] Failure not_an_iam_user();
[[nodiscard]] Failure old_password_incorrect();

// ValidationError.
[[nodiscard]] Failure alias_is_account_id();

// InvalidAuthenticationCode.
[[nodiscard]] Failure mfa_code_invalid();

// AccessDenied for policies that are not the account's to edit: `what` is "delete policies",
// "delete policy versions for policies" or "update policies".
[[nodiscard]] Failure outside_own_account(std::string_view what);

}  // namespace signet::iam
