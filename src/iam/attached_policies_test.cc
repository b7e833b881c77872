#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

TEST(AttachedPolicies, AreAttachedOnceAndListedByName) {
  IamFixture world;
  world.make_user("bob");
  const std::string own = world.make_policy("Zed");
  const std::string aws(IamFixture::kReadOnly);

  for (const std::string& arn : {own, aws, own}) {
    EXPECT_EQ(outcome(world.call(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = arn})),
              "ok");
  }
  const auto list = world.call(ListAttachedUserPoliciesRequest{.user_name = "bob"});

  ASSERT_EQ(list->attached_policies->size(), 2U);
  EXPECT_EQ(list->attached_policies->at(0).policy_name, "IAMReadOnlyAccess");
  EXPECT_EQ(list->attached_policies->at(1).policy_name, "Zed");
  EXPECT_EQ(list->attached_policies->at(1).policy_arn, own);
  EXPECT_EQ(list->is_truncated, false);
  EXPECT_EQ(world.call(GetPolicyRequest{.policy_arn = own})->policy->attachment_count, 1);
  EXPECT_EQ(world.call(GetPolicyRequest{.policy_arn = aws})->policy->attachment_count, 1);
}

TEST(AttachedPolicies, WorkTheSameOnGroupsAndRoles) {
  IamFixture world;
  world.make_group("g");
  world.make_role("r");
  const std::string arn = world.make_policy("p");

  EXPECT_EQ(outcome(world.call(AttachGroupPolicyRequest{.group_name = "g", .policy_arn = arn})),
            "ok");
  EXPECT_EQ(outcome(world.call(AttachRolePolicyRequest{.role_name = "r", .policy_arn = arn})),
            "ok");
  EXPECT_EQ(
      world.call(ListAttachedGroupPoliciesRequest{.group_name = "g"})->attached_policies->size(),
      1U);
  EXPECT_EQ(
      world.call(ListAttachedRolePoliciesRequest{.role_name = "r"})->attached_policies->size(), 1U);
  EXPECT_EQ(outcome(world.call(DetachGroupPolicyRequest{.group_name = "g", .policy_arn = arn})),
            "ok");
  EXPECT_EQ(outcome(world.call(DetachRolePolicyRequest{.role_name = "r", .policy_arn = arn})),
            "ok");
  EXPECT_EQ(
      world.call(ListAttachedRolePoliciesRequest{.role_name = "r"})->attached_policies->size(), 0U);
}

TEST(AttachedPolicies, AreFilteredByThePolicysPath) {
  IamFixture world;
  world.make_role("r");
  (void)world.call(CreatePolicyRequest{
      .policy_name = "deep", .path = "/a/b/", .policy_document = std::string(kAllowAll)});
  (void)world.call(AttachRolePolicyRequest{
      .role_name = "r", .policy_arn = "arn:aws:iam::111122223333:policy/a/b/deep"});
  (void)world.call(
      AttachRolePolicyRequest{.role_name = "r", .policy_arn = std::string(IamFixture::kReadOnly)});

  const auto list =
      world.call(ListAttachedRolePoliciesRequest{.role_name = "r", .path_prefix = "/a/"});

  ASSERT_EQ(list->attached_policies->size(), 1U);
  EXPECT_EQ(list->attached_policies->at(0).policy_name, "deep");
}

TEST(AttachedPolicies, MustBePoliciesOfTheAccountOrOfAws) {
  IamFixture world;
  world.make_user("bob");
  const auto others = world.call(
      IamFixture::root(IamFixture::kOther),
      CreatePolicyRequest{.policy_name = "p", .policy_document = std::string(kAllowAll)});
  ASSERT_EQ(outcome(others), "ok");
  const auto with = [&](std::string arn) {
    return outcome(
        world.call(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = std::move(arn)}));
  };

  EXPECT_EQ(with("arn:aws:iam::111122223333:policy/none"),
            "NoSuchEntity: Policy arn:aws:iam::111122223333:policy/none does not exist or is not "
            "attachable.");
  EXPECT_EQ(with("arn:aws:iam::444455556666:policy/p"),
            "NoSuchEntity: Policy arn:aws:iam::444455556666:policy/p does not exist or is not "
            "attachable.");
  EXPECT_EQ(with("arn:aws:iam::aws:policy/NoSuchPolicy"),
            "NoSuchEntity: Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not "
            "attachable.");
  EXPECT_EQ(with("longpolicynamebutnoarn"), "ValidationError: Invalid ARN:  Could not be parsed!");
  EXPECT_EQ(with("arn:aws:iam::111122223333:user/bob"),
            "ValidationError: ARN arn:aws:iam::111122223333:user/bob is not valid.");
  EXPECT_EQ(with(std::string(IamFixture::kServiceRolePolicy)),
            "PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role.");
  EXPECT_TRUE(
      world.call(ListAttachedUserPoliciesRequest{.user_name = "bob"})->attached_policies->empty());
}

TEST(AttachedPolicies, StopAtTen) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");
  world.make_role("r");
  std::string last;
  for (int i = 0; i < 11; ++i) {
    last = world.make_policy("p" + std::to_string(i));
    if (i < 10) {
      (void)world.call(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = last});
      (void)world.call(AttachGroupPolicyRequest{.group_name = "g", .policy_arn = last});
      (void)world.call(AttachRolePolicyRequest{.role_name = "r", .policy_arn = last});
    }
  }

  EXPECT_EQ(outcome(world.call(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = last})),
            "LimitExceeded: Cannot exceed quota for PoliciesPerUser: 10");
  EXPECT_EQ(outcome(world.call(AttachGroupPolicyRequest{.group_name = "g", .policy_arn = last})),
            "LimitExceeded: Cannot exceed quota for PoliciesPerGroup: 10");
  EXPECT_EQ(outcome(world.call(AttachRolePolicyRequest{.role_name = "r", .policy_arn = last})),
            "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10");
  EXPECT_EQ(outcome(world.call(AttachUserPolicyRequest{
                .user_name = "bob", .policy_arn = "arn:aws:iam::111122223333:policy/p3"})),
            "ok");
}

TEST(AttachedPolicies, CannotBeDetachedUnlessAttached) {
  IamFixture world;
  world.make_user("bob");
  const std::string arn = world.make_policy("p");
  const std::string expected = "NoSuchEntity: Policy " + arn + " was not found.";

  EXPECT_EQ(outcome(world.call(DetachUserPolicyRequest{.user_name = "bob", .policy_arn = arn})),
            expected);
  EXPECT_EQ(outcome(world.call(DetachUserPolicyRequest{
                .user_name = "bob", .policy_arn = "arn:aws:iam::111122223333:policy/none"})),
            "NoSuchEntity: Policy arn:aws:iam::111122223333:policy/none was not found.");
  EXPECT_EQ(outcome(world.call(DetachUserPolicyRequest{.user_name = "no", .policy_arn = arn})),
            "NoSuchEntity: The user with name no cannot be found.");
  EXPECT_EQ(outcome(world.call(AttachUserPolicyRequest{.user_name = "no", .policy_arn = arn})),
            "NoSuchEntity: The user with name no cannot be found.");
  EXPECT_EQ(outcome(world.call(ListAttachedUserPoliciesRequest{.user_name = "no"})),
            "NoSuchEntity: The user with name no cannot be found.");
}

TEST(Boundaries, AreSetReplacedAndTakenAway) {
  IamFixture world;
  world.make_user("bob");
  world.make_role("r");
  const std::string one = world.make_policy("one");
  const std::string two = world.make_policy("two");

  EXPECT_EQ(outcome(world.call(PutUserPermissionsBoundaryRequest{.user_name = "bob",
                                                                 .permissions_boundary = one})),
            "ok");
  EXPECT_EQ(outcome(world.call(PutUserPermissionsBoundaryRequest{.user_name = "bob",
                                                                 .permissions_boundary = two})),
            "ok");
  EXPECT_EQ(outcome(world.call(
                PutRolePermissionsBoundaryRequest{.role_name = "r", .permissions_boundary = two})),
            "ok");
  const auto policy = world.call(GetPolicyRequest{.policy_arn = two});
  EXPECT_EQ(policy->policy->permissions_boundary_usage_count, 2);
  EXPECT_EQ(policy->policy->attachment_count, 0);
  EXPECT_EQ(world.call(GetRoleRequest{.role_name = "r"})
                ->role.permissions_boundary->permissions_boundary_type,
            "Policy");
  EXPECT_EQ(outcome(world.call(DeletePolicyRequest{.policy_arn = two})),
            "DeleteConflict: Cannot delete a policy attached to entities.");
  EXPECT_EQ(outcome(world.call(DeletePolicyRequest{.policy_arn = one})), "ok");
  EXPECT_EQ(outcome(world.call(DeleteUserPermissionsBoundaryRequest{.user_name = "bob"})), "ok");
  EXPECT_EQ(outcome(world.call(DeleteRolePermissionsBoundaryRequest{.role_name = "r"})), "ok");
  EXPECT_EQ(
      world.call(GetPolicyRequest{.policy_arn = two})->policy->permissions_boundary_usage_count, 0);
}

TEST(Boundaries, MustBePoliciesAndBeThere) {
  IamFixture world;
  world.make_user("bob");
  world.make_role("r");

  EXPECT_EQ(outcome(world.call(PutUserPermissionsBoundaryRequest{
                .user_name = "bob", .permissions_boundary = "arn:aws:iam::111122223333:role/r"})),
            "InvalidInput: ARN arn:aws:iam::111122223333:role/r is not valid.");
  EXPECT_EQ(
      outcome(world.call(PutRolePermissionsBoundaryRequest{
          .role_name = "r", .permissions_boundary = "arn:aws:iam::111122223333:policy/none"})),
      "NoSuchEntity: Scope ARN: arn:aws:iam::111122223333:policy/none does not exist or is not "
      "attachable.");
  EXPECT_EQ(outcome(world.call(PutUserPermissionsBoundaryRequest{
                .user_name = "no", .permissions_boundary = std::string(IamFixture::kReadOnly)})),
            "NoSuchEntity: The user with name no cannot be found.");
  EXPECT_EQ(outcome(world.call(DeleteUserPermissionsBoundaryRequest{.user_name = "bob"})),
            "NoSuchEntity: The permissions boundary for user bob cannot be found.");
  EXPECT_EQ(outcome(world.call(DeleteRolePermissionsBoundaryRequest{.role_name = "no"})),
            "NoSuchEntity: The role with name no cannot be found.");
}

}  // namespace signet::iam
