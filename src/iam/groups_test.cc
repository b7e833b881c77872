#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

TEST(CreateGroup, AnswersTheGroup) {
  IamFixture world;

  const auto made = world.call(CreateGroupRequest{.path = "/a/", .group_name = "Devs"});

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->group.arn, "arn:aws:iam::111122223333:group/a/Devs");
  EXPECT_TRUE(made->group.group_id.starts_with("AGPA"));
  EXPECT_EQ(outcome(world.call(CreateGroupRequest{.group_name = "DEVS"})),
            "EntityAlreadyExists: Group with name DEVS already exists.");
}

TEST(CreateGroup, StopsAtThreeHundred) {
  IamFixture world;
  world.write([&](identity::Transaction& transaction) {
    for (int i = 0; i < 300; ++i) {
      identity::Group group;
      group.account = IamFixture::kAccount;
      group.id = "AGPA" + std::to_string(i);
      group.name = "g" + std::to_string(i);
      transaction.put(std::move(group));
    }
  });

  EXPECT_EQ(outcome(world.call(CreateGroupRequest{.group_name = "more"})),
            "LimitExceeded: Cannot exceed quota for GroupsPerAccount: 300");
}

TEST(GetGroup, PagesItsMembersByName) {
  IamFixture world;
  world.make_group("g");
  for (const char* name : {"c", "A", "b"}) {
    world.make_user(name);
    (void)world.call(AddUserToGroupRequest{.group_name = "g", .user_name = name});
  }

  const auto first = world.call(GetGroupRequest{.group_name = "g", .max_items = 2});
  ASSERT_EQ(outcome(first), "ok");
  const auto second = world.call(GetGroupRequest{.group_name = "g", .marker = first->marker});

  EXPECT_EQ(first->group.group_name, "g");
  ASSERT_EQ(first->users.size(), 2U);
  EXPECT_EQ(first->users[0].user_name, "A");
  EXPECT_EQ(first->users[1].user_name, "b");
  EXPECT_EQ(first->is_truncated, true);
  ASSERT_EQ(second->users.size(), 1U);
  EXPECT_EQ(second->users[0].user_name, "c");
  EXPECT_EQ(second->is_truncated, false);
  EXPECT_EQ(outcome(world.call(GetGroupRequest{.group_name = "none"})),
            "NoSuchEntity: The group with name none cannot be found.");
}

TEST(ListGroups, FiltersByPath) {
  IamFixture world;
  (void)world.call(CreateGroupRequest{.path = "/x/", .group_name = "one"});
  (void)world.call(CreateGroupRequest{.group_name = "two"});

  EXPECT_EQ(world.call(ListGroupsRequest{})->groups.size(), 2U);
  EXPECT_EQ(world.call(ListGroupsRequest{.path_prefix = "/x"})->groups.size(), 1U);
  EXPECT_EQ(world.call(ListGroupsRequest{.path_prefix = "/y"})->groups.size(), 0U);
}

TEST(ListGroupsForUser, ListsThemByName) {
  IamFixture world;
  world.make_user("bob");
  for (const char* name : {"zeta", "Alpha"}) {
    world.make_group(name);
    (void)world.call(AddUserToGroupRequest{.group_name = name, .user_name = "bob"});
  }

  const auto groups = world.call(ListGroupsForUserRequest{.user_name = "bob"});
  const auto first = world.call(ListGroupsForUserRequest{.user_name = "bob", .max_items = 1});
  const auto rest =
      world.call(ListGroupsForUserRequest{.user_name = "bob", .marker = first->marker});

  ASSERT_EQ(groups->groups.size(), 2U);
  EXPECT_EQ(groups->groups[0].group_name, "Alpha");
  EXPECT_EQ(groups->is_truncated, false);
  ASSERT_EQ(rest->groups.size(), 1U);
  EXPECT_EQ(rest->groups[0].group_name, "zeta");
  EXPECT_EQ(outcome(world.call(ListGroupsForUserRequest{.user_name = "none"})),
            "NoSuchEntity: The user with name none cannot be found.");
}

TEST(AddUserToGroup, IsIdempotentAndReportsTheUserFirst) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");

  EXPECT_EQ(outcome(world.call(AddUserToGroupRequest{.group_name = "g", .user_name = "bob"})),
            "ok");
  EXPECT_EQ(outcome(world.call(AddUserToGroupRequest{.group_name = "G", .user_name = "BOB"})),
            "ok");
  EXPECT_EQ(world.call(GetGroupRequest{.group_name = "g"})->users.size(), 1U);
  EXPECT_EQ(outcome(world.call(AddUserToGroupRequest{.group_name = "none", .user_name = "no"})),
            "NoSuchEntity: The user with name no cannot be found.");
  EXPECT_EQ(outcome(world.call(AddUserToGroupRequest{.group_name = "none", .user_name = "bob"})),
            "NoSuchEntity: The group with name none cannot be found.");
}

TEST(AddUserToGroup, StopsAtTenGroups) {
  IamFixture world;
  world.make_user("bob");
  for (int i = 0; i < 10; ++i) {
    const std::string name = "g" + std::to_string(i);
    world.make_group(name);
    (void)world.call(AddUserToGroupRequest{.group_name = name, .user_name = "bob"});
  }
  world.make_group("g10");

  EXPECT_EQ(outcome(world.call(AddUserToGroupRequest{.group_name = "g10", .user_name = "bob"})),
            "LimitExceeded: Cannot exceed quota for GroupsPerUser: 10");
  EXPECT_EQ(outcome(world.call(AddUserToGroupRequest{.group_name = "g9", .user_name = "bob"})),
            "ok");
}

TEST(RemoveUserFromGroup, SucceedsForNonMembersAndReportsTheUserFirst) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");

  EXPECT_EQ(outcome(world.call(RemoveUserFromGroupRequest{.group_name = "g", .user_name = "bob"})),
            "ok");
  EXPECT_EQ(
      outcome(world.call(RemoveUserFromGroupRequest{.group_name = "none", .user_name = "no"})),
      "NoSuchEntity: The user with name no cannot be found.");
  EXPECT_EQ(
      outcome(world.call(RemoveUserFromGroupRequest{.group_name = "none", .user_name = "bob"})),
      "NoSuchEntity: The group with name none cannot be found.");
}

TEST(UpdateGroup, RenamesAndKeepsMembers) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");
  world.make_group("h");
  (void)world.call(AddUserToGroupRequest{.group_name = "g", .user_name = "bob"});

  EXPECT_EQ(outcome(world.call(UpdateGroupRequest{.group_name = "g", .new_group_name = "H"})),
            "EntityAlreadyExists: Group with name H already exists.");
  EXPECT_EQ(outcome(world.call(
                UpdateGroupRequest{.group_name = "g", .new_path = "/p/", .new_group_name = "k"})),
            "ok");
  const auto got = world.call(GetGroupRequest{.group_name = "k"});
  ASSERT_EQ(outcome(got), "ok");
  EXPECT_EQ(got->group.arn, "arn:aws:iam::111122223333:group/p/k");
  EXPECT_EQ(got->users.size(), 1U);
  EXPECT_EQ(outcome(world.call(UpdateGroupRequest{.group_name = "g"})),
            "NoSuchEntity: The group with name g cannot be found.");
}

TEST(DeleteGroup, WaitsUntilEverythingIsGone) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");
  const std::string arn(IamFixture::kReadOnly);
  (void)world.call(AttachGroupPolicyRequest{.group_name = "g", .policy_arn = arn});
  (void)world.call(PutGroupPolicyRequest{
      .group_name = "g", .policy_name = "p", .policy_document = std::string(kAllowAll)});
  (void)world.call(AddUserToGroupRequest{.group_name = "g", .user_name = "bob"});
  const auto refusal = [&] {
    return outcome(world.call(DeleteGroupRequest{.group_name = "g"}));
  };

  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must detach all policies first.");
  (void)world.call(DetachGroupPolicyRequest{.group_name = "g", .policy_arn = arn});
  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must delete policies first.");
  (void)world.call(DeleteGroupPolicyRequest{.group_name = "g", .policy_name = "p"});
  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must remove users from group first.");
  (void)world.call(RemoveUserFromGroupRequest{.group_name = "g", .user_name = "bob"});
  EXPECT_EQ(refusal(), "ok");
  EXPECT_EQ(refusal(), "NoSuchEntity: The group with name g cannot be found.");
}

}  // namespace signet::iam
