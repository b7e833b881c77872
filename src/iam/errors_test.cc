#include "iam/errors.h"

#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

struct Sentence {
  Failure failure;
  const char* text;
};

std::string told(const Failure& failure) {
  return outcome(Result<int>(failure));
}

}  // namespace

// aws-wire 4.3, line by line.
TEST(Errors, SayNoSuchEntityInAwsWords) {
  const Sentence sentences[] = {
      {user_not_found("bob"), "NoSuchEntity: The user with name bob cannot be found."},
      {role_not_found("r"), "NoSuchEntity: The role with name r cannot be found."},
      {group_not_found("g"), "NoSuchEntity: The group with name g cannot be found."},
      {inline_policy_not_found("user", "p"),
       "NoSuchEntity: The user policy with name p cannot be found."},
      {inline_policy_not_found("role", "p"),
       "NoSuchEntity: The role policy with name p cannot be found."},
      {inline_policy_not_found("group", "p"),
       "NoSuchEntity: The group policy with name p cannot be found."},
      {policy_not_found("ARN"), "NoSuchEntity: Policy ARN was not found."},
      {policy_not_attachable("ARN"),
       "NoSuchEntity: Policy ARN does not exist or is not attachable."},
      {version_not_attachable("ARN", "v9"),
       "NoSuchEntity: Policy ARN version v9 does not exist or is not attachable."},
      {boundary_not_attachable("X"),
       "NoSuchEntity: Scope ARN: X does not exist or is not attachable."},
      {access_key_not_found("AKIA"), "NoSuchEntity: The Access Key with id AKIA cannot be found."},
      {instance_profile_not_found("p"), "NoSuchEntity: Instance Profile p cannot be found."},
      {role_not_in_profile("R", "P"),
       "NoSuchEntity: Role R in Instance Profile P cannot be found."},
      {login_profile_not_found("bob"), "NoSuchEntity: Login Profile for User bob cannot be found."},
      {mfa_device_not_found("S"), "NoSuchEntity: MFA Device with serial number S does not exist."},
      {alias_not_found("a"), "NoSuchEntity: The Account Alias with name a cannot be found."},
  };
  for (const Sentence& sentence : sentences) {
    EXPECT_EQ(told(sentence.failure), sentence.text);
  }
}

TEST(Errors, SayWhatExistsAlready) {
  const Sentence sentences[] = {
      {user_exists("bob"), "EntityAlreadyExists: User with name bob already exists."},
      {role_exists("r"), "EntityAlreadyExists: Role with name r already exists."},
      {group_exists("g"), "EntityAlreadyExists: Group with name g already exists."},
      {policy_exists("p"),
       "EntityAlreadyExists: A policy called p already exists. Duplicate names are not allowed."},
  };
  for (const Sentence& sentence : sentences) {
    EXPECT_EQ(told(sentence.failure), sentence.text);
  }
}

TEST(Errors, SayWhatKeepsAnEntityAlive) {
  const Sentence sentences[] = {
      {delete_conflict(Conflict::AttachedPolicies),
       "DeleteConflict: Cannot delete entity, must detach all policies first."},
      {delete_conflict(Conflict::InlinePolicies),
       "DeleteConflict: Cannot delete entity, must delete policies first."},
      {delete_conflict(Conflict::InstanceProfile),
       "DeleteConflict: Cannot delete entity, must remove roles from instance profile first."},
      {delete_conflict(Conflict::GroupMembers),
       "DeleteConflict: Cannot delete entity, must remove users from group first."},
      {delete_conflict(Conflict::AccessKeys),
       "DeleteConflict: Cannot delete entity, must delete access keys first."},
      {delete_conflict(Conflict::LoginProfile),
       "DeleteConflict: Cannot delete entity, must delete login profile first."},
      {delete_conflict(Conflict::MfaDevice),
       "DeleteConflict: Cannot delete entity, must delete MFA device first."},
      {delete_conflict(Conflict::ReferencedObjects),
       "DeleteConflict: Cannot delete entity, must remove referenced objects first."},
      {delete_conflict(Conflict::PolicyAttached),
       "DeleteConflict: Cannot delete a policy attached to entities."},
      {delete_conflict(Conflict::PolicyVersions),
       "DeleteConflict: This policy has more than one version. Before you delete a policy, you "
       "must delete the policy's versions. The default version is deleted with the policy."},
      {delete_conflict(Conflict::DefaultVersion),
       "DeleteConflict: Cannot delete the default version of a policy."},
  };
  for (const Sentence& sentence : sentences) {
    EXPECT_EQ(told(sentence.failure), sentence.text);
  }
}

TEST(Errors, SayWhichQuotaIsFull) {
  const Sentence sentences[] = {
      {quota_exceeded("AccessKeysPerUser", 2),
       "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2"},
      {quota_exceeded("ACLSizePerRole", 2048),
       "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"},
      {too_many_versions(5),
       "LimitExceeded: A managed policy can have up to 5 versions. Before you create a new "
       "version, you must delete an existing version."},
      {too_many_tags(), "LimitExceeded: The number of tags has reached the maximum limit."},
      {inline_policies_too_large("role", "r", 10240),
       "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role r"},
  };
  for (const Sentence& sentence : sentences) {
    EXPECT_EQ(told(sentence.failure), sentence.text);
  }
}

TEST(Errors, SayWhatIsWrongWithTheRequest) {
  const Sentence sentences[] = {
      {boundary_arn_invalid("X"), "InvalidInput: ARN X is not valid."},
      {policy_arn_invalid("X"), "ValidationError: ARN X is not valid."},
      {invalid_marker(), "ValidationError: Invalid Marker."},
      {user_name_required(),
       "ValidationError: Must specify userName when calling with non-User credentials"},
      {protected_role("r"),
       "UnmodifiableEntity: Cannot perform the operation on the protected role 'r' - this role is "
       "only modifiable by AWS"},
      {service_role_policy(),
       "PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role."},
      {outside_own_account("delete policies"),
       "AccessDenied: Cannot delete policies outside your own account."},
      {outside_own_account("delete policy versions for policies"),
       "AccessDenied: Cannot delete policy versions for policies outside your own account."},
      {outside_own_account("update policies"),
       "AccessDenied: Cannot update policies outside your own account."},
  };
  for (const Sentence& sentence : sentences) {
    EXPECT_EQ(told(sentence.failure), sentence.text);
  }
}

}  // namespace signet::iam
