#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

TEST(CreateUser, AnswersTheUserWithWhatWasGiven) {
  IamFixture world;
  const std::string boundary = world.make_policy("limit");

  const auto made = world.call(CreateUserRequest{.path = "/staff/",
                                                 .user_name = "Bob",
                                                 .permissions_boundary = boundary,
                                                 .tags = {{"team", "red"}, {"a", ""}}});

  ASSERT_EQ(outcome(made), "ok");
  const User& user = *made->user;
  EXPECT_EQ(user.path, "/staff/");
  EXPECT_EQ(user.user_name, "Bob");
  EXPECT_EQ(user.arn, "arn:aws:iam::111122223333:user/staff/Bob");
  EXPECT_TRUE(user.user_id.starts_with("AIDA"));
  EXPECT_EQ(user.user_id.size(), 21U);
  EXPECT_EQ(user.create_date, world.now());
  EXPECT_FALSE(user.password_last_used);
  ASSERT_TRUE(user.tags);
  EXPECT_EQ(user.tags->front().key, "a");
  EXPECT_EQ(user.permissions_boundary->permissions_boundary_type, "Policy");
  EXPECT_EQ(user.permissions_boundary->permissions_boundary_arn, boundary);
}

TEST(CreateUser, LeavesOutTagsAndBoundaryThatWereNotGiven) {
  IamFixture world;

  const auto made = world.call(CreateUserRequest{.user_name = "bob"});

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->user->path, "/");
  EXPECT_FALSE(made->user->tags);
  EXPECT_FALSE(made->user->permissions_boundary);
}

TEST(CreateUser, RefusesANameThatDiffersOnlyInCaseOrPath) {
  IamFixture world;
  world.make_user("Bob");

  EXPECT_EQ(outcome(world.call(CreateUserRequest{.user_name = "Bob"})),
            "EntityAlreadyExists: User with name Bob already exists.");
  EXPECT_EQ(outcome(world.call(CreateUserRequest{.path = "/x/", .user_name = "bOB"})),
            "EntityAlreadyExists: User with name bOB already exists.");
}

TEST(CreateUser, RefusesBoundariesThatAreNoPolicies) {
  IamFixture world;
  const auto with = [&](std::string arn) {
    return outcome(
        world.call(CreateUserRequest{.user_name = "bob", .permissions_boundary = std::move(arn)}));
  };

  EXPECT_EQ(with("arn:aws:iam::111122223333:user/x"),
            "InvalidInput: ARN arn:aws:iam::111122223333:user/x is not valid.");
  EXPECT_EQ(with("not-an-arn-but-quite-long"),
            "InvalidInput: ARN not-an-arn-but-quite-long is not valid.");
  EXPECT_EQ(with("arn:aws:iam::111122223333:policy/none"),
            "NoSuchEntity: Scope ARN: arn:aws:iam::111122223333:policy/none does not exist or is "
            "not attachable.");
  EXPECT_EQ(with(std::string(IamFixture::kServiceRolePolicy)),
            "NoSuchEntity: Scope ARN: arn:aws:iam::aws:policy/aws-service-role/"
            "ExampleServiceRolePolicy does not exist or is not attachable.");
  EXPECT_EQ(world.snapshot()->table<identity::User>(IamFixture::kAccount).size(), 0U);
}

TEST(CreateUser, RefusesDuplicateTagKeysWithoutRegardToCase) {
  IamFixture world;

  EXPECT_EQ(outcome(world.call(
                CreateUserRequest{.user_name = "bob", .tags = {{"team", "a"}, {"TEAM", "b"}}})),
            "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case "
            "insensitive.");
  EXPECT_EQ(world.snapshot()->find<identity::User>(IamFixture::kAccount, "bob"), nullptr);
}

TEST(CreateUser, StopsAtTheQuotaThatTheAccountHas) {
  IamFixture world;
  world.write([&](identity::Transaction& transaction) {
    identity::Account account = *transaction.view().find<identity::Account>(IamFixture::kAccount);
    account.settings = {{"quota.UsersPerAccount", "1"}};
    transaction.put(std::move(account));
  });
  world.make_user("one");

  EXPECT_EQ(outcome(world.call(CreateUserRequest{.user_name = "two"})),
            "LimitExceeded: Cannot exceed quota for UsersPerAccount: 1");
}

TEST(GetUser, ShowsTagsBoundaryAndLastSignInOnlyIfThereAreAny) {
  IamFixture world;
  world.make_user("bob");
  const auto bare = world.call(GetUserRequest{.user_name = "BOB"});
  ASSERT_EQ(outcome(bare), "ok");
  EXPECT_FALSE(bare->user.tags);
  EXPECT_FALSE(bare->user.permissions_boundary);
  EXPECT_FALSE(bare->user.password_last_used);

  const std::string boundary = world.make_policy("limit");
  (void)world.call(TagUserRequest{.user_name = "bob", .tags = {{"a", "1"}}});
  (void)world.call(
      PutUserPermissionsBoundaryRequest{.user_name = "bob", .permissions_boundary = boundary});
  world.write([&](identity::Transaction& transaction) {
    transaction.put(identity::LastUsed{
        .account = std::string(IamFixture::kAccount),
        .id = transaction.view().find<identity::User>(IamFixture::kAccount, "bob")->id,
        .at = world.now(),
        .region = "us-east-1",
        .service = "signin"});
  });
  const auto full = world.call(GetUserRequest{.user_name = "bob"});

  ASSERT_EQ(outcome(full), "ok");
  EXPECT_EQ(full->user.tags->size(), 1U);
  EXPECT_EQ(full->user.permissions_boundary->permissions_boundary_arn, boundary);
  EXPECT_EQ(full->user.password_last_used, world.now());
}

TEST(GetUser, MeansTheCallerWhenNobodyIsNamed) {
  IamFixture world;
  const model::Caller bob = world.make_caller("bob", kAllowAll);

  const auto got = world.call(bob, GetUserRequest{});

  ASSERT_EQ(outcome(got), "ok");
  EXPECT_EQ(got->user.user_name, "bob");
}

TEST(GetUser, FollowsACallerThatWasRenamed) {
  IamFixture world;
  const model::Caller bob = world.make_caller("bob", kAllowAll);
  (void)world.call(UpdateUserRequest{.user_name = "bob", .new_user_name = "rob"});
  world.make_user("bob");

  const auto got = world.call(bob, GetUserRequest{});

  ASSERT_EQ(outcome(got), "ok");
  EXPECT_EQ(got->user.user_name, "rob");
}

TEST(GetUser, ShowsRootToRoot) {
  IamFixture world;

  const auto got = world.call(GetUserRequest{});

  ASSERT_EQ(outcome(got), "ok");
  EXPECT_EQ(got->user.arn, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(got->user.user_id, IamFixture::kAccount);
  EXPECT_EQ(got->user.user_name, "");
  EXPECT_EQ(got->user.path, "");
}

TEST(GetUser, NeedsANameFromRoles) {
  IamFixture world;
  world.make_role("r");

  EXPECT_EQ(outcome(world.call(world.session("r"), GetUserRequest{})),
            "ValidationError: Must specify userName when calling with non-User credentials");
}

TEST(GetUser, KnowsNobodyElsesUsers) {
  IamFixture world;
  (void)world.call(IamFixture::root(IamFixture::kOther), CreateUserRequest{.user_name = "bob"});

  EXPECT_EQ(outcome(world.call(GetUserRequest{.user_name = "bob"})),
            "NoSuchEntity: The user with name bob cannot be found.");
}

TEST(ListUsers, IsSortedByNameAndFilteredByPathPrefix) {
  IamFixture world;
  (void)world.call(CreateUserRequest{.path = "/life-cycle/", .user_name = "b"});
  (void)world.call(CreateUserRequest{.path = "/life/", .user_name = "C"});
  (void)world.call(CreateUserRequest{.user_name = "a", .tags = {{"k", "v"}}});

  const auto all = world.call(ListUsersRequest{});
  const auto some = world.call(ListUsersRequest{.path_prefix = "/life"});

  ASSERT_EQ(all->users.size(), 3U);
  EXPECT_EQ(all->users[0].user_name, "a");
  EXPECT_EQ(all->users[1].user_name, "b");
  EXPECT_EQ(all->users[2].user_name, "C");
  EXPECT_FALSE(all->users[0].tags);
  EXPECT_EQ(all->is_truncated, false);
  EXPECT_FALSE(all->marker);
  EXPECT_EQ(some->users.size(), 2U);
}

TEST(ListUsers, IsPaged) {
  IamFixture world;
  for (const char* name : {"a", "b", "c"}) {
    world.make_user(name);
  }

  const auto first = world.call(ListUsersRequest{.max_items = 2});
  ASSERT_EQ(first->is_truncated, true);
  const auto second = world.call(ListUsersRequest{.marker = first->marker, .max_items = 2});

  EXPECT_EQ(first->users.size(), 2U);
  ASSERT_EQ(second->users.size(), 1U);
  EXPECT_EQ(second->users[0].user_name, "c");
  EXPECT_EQ(second->is_truncated, false);
  EXPECT_EQ(outcome(world.call(ListUsersRequest{.marker = "nonsense"})),
            "ValidationError: Invalid Marker.");
  EXPECT_EQ(outcome(world.call(ListRolesRequest{.marker = first->marker})),
            "ValidationError: Invalid Marker.");
}

TEST(UpdateUser, KeepsIdDateAndBelongings) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");
  (void)world.call(AddUserToGroupRequest{.group_name = "g", .user_name = "bob"});
  const auto key = world.call(CreateAccessKeyRequest{.user_name = "bob"});
  const auto before = world.call(GetUserRequest{.user_name = "bob"});
  world.advance_seconds(60);

  const auto updated = world.call(
      UpdateUserRequest{.user_name = "bob", .new_path = "/new/", .new_user_name = "rob"});
  const auto after = world.call(GetUserRequest{.user_name = "rob"});

  EXPECT_EQ(outcome(updated), "ok");
  ASSERT_EQ(outcome(after), "ok");
  EXPECT_EQ(after->user.user_id, before->user.user_id);
  EXPECT_EQ(after->user.create_date, before->user.create_date);
  EXPECT_EQ(after->user.arn, "arn:aws:iam::111122223333:user/new/rob");
  EXPECT_EQ(world.call(GetGroupRequest{.group_name = "g"})->users.at(0).user_name, "rob");
  EXPECT_EQ(world.call(ListAccessKeysRequest{.user_name = "rob"})
                ->access_key_metadata.at(0)
                .access_key_id,
            key->access_key.access_key_id);
  EXPECT_EQ(outcome(world.call(GetUserRequest{.user_name = "bob"})),
            "NoSuchEntity: The user with name bob cannot be found.");
}

TEST(UpdateUser, MayChangeTheCaseOfANameButNotTakeAnother) {
  IamFixture world;
  world.make_user("bob");
  world.make_user("eve");

  EXPECT_EQ(outcome(world.call(UpdateUserRequest{.user_name = "bob", .new_user_name = "EVE"})),
            "EntityAlreadyExists: User with name EVE already exists.");
  EXPECT_EQ(outcome(world.call(UpdateUserRequest{.user_name = "bob", .new_user_name = "BOB"})),
            "ok");
  EXPECT_EQ(world.call(GetUserRequest{.user_name = "bob"})->user.user_name, "BOB");
  EXPECT_EQ(outcome(world.call(UpdateUserRequest{.user_name = "none"})),
            "NoSuchEntity: The user with name none cannot be found.");
}

TEST(DeleteUser, WaitsUntilEverythingIsGone) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");
  (void)world.call(AttachUserPolicyRequest{.user_name = "bob",
                                           .policy_arn = std::string(IamFixture::kReadOnly)});
  (void)world.call(PutUserPolicyRequest{
      .user_name = "bob", .policy_name = "p", .policy_document = std::string(kAllowAll)});
  (void)world.call(AddUserToGroupRequest{.group_name = "g", .user_name = "bob"});
  const auto key = world.call(CreateAccessKeyRequest{.user_name = "bob"});
  world.write([&](identity::Transaction& transaction) {
    identity::User user = *transaction.view().find<identity::User>(IamFixture::kAccount, "bob");
    user.login = identity::LoginProfile{.password_hash = "$argon2id$x"};
    const std::string id = user.id;
    transaction.put(std::move(user));
    transaction.put(
        identity::MfaDevice{.account = std::string(IamFixture::kAccount),
                            .name = "d",
                            .seed = identity::make_shared_secret("12345678901234567890"),
                            .is_assigned = true,
                            .user_id = id});
  });
  const auto refusal = [&] {
    return outcome(world.call(DeleteUserRequest{.user_name = "bob"}));
  };

  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must detach all policies first.");
  (void)world.call(DetachUserPolicyRequest{.user_name = "bob",
                                           .policy_arn = std::string(IamFixture::kReadOnly)});
  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must delete policies first.");
  (void)world.call(DeleteUserPolicyRequest{.user_name = "bob", .policy_name = "p"});
  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must remove users from group first.");
  (void)world.call(RemoveUserFromGroupRequest{.group_name = "g", .user_name = "bob"});
  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must delete access keys first.");
  (void)world.call(
      DeleteAccessKeyRequest{.user_name = "bob", .access_key_id = key->access_key.access_key_id});
  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must delete login profile first.");
  world.write([&](identity::Transaction& transaction) {
    identity::User user = *transaction.view().find<identity::User>(IamFixture::kAccount, "bob");
    user.login.reset();
    transaction.put(std::move(user));
  });
  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must delete MFA device first.");
  world.write([&](identity::Transaction& transaction) {
    transaction.erase<identity::MfaDevice>("arn:aws:iam::111122223333:mfa/d");
  });
  EXPECT_EQ(refusal(), "ok");
  EXPECT_EQ(refusal(), "NoSuchEntity: The user with name bob cannot be found.");
}

TEST(TagUser, ReplacesPairsAndListsThemInOrder) {
  IamFixture world;
  world.make_user("bob");

  EXPECT_EQ(outcome(world.call(
                TagUserRequest{.user_name = "bob", .tags = {{"Team", "red"}, {"a", "1"}}})),
            "ok");
  EXPECT_EQ(outcome(world.call(TagUserRequest{.user_name = "bob", .tags = {{"TEAM", "blue"}}})),
            "ok");
  const auto tags = world.call(ListUserTagsRequest{.user_name = "bob"});

  ASSERT_EQ(tags->tags.size(), 2U);
  EXPECT_EQ(tags->tags[0].key, "a");
  EXPECT_EQ(tags->tags[1].key, "TEAM");
  EXPECT_EQ(tags->tags[1].value, "blue");
  EXPECT_EQ(tags->is_truncated, false);
}

TEST(TagUser, RefusesWhatItMust) {
  IamFixture world;
  world.make_user("bob");

  EXPECT_EQ(outcome(world.call(TagUserRequest{.user_name = "none", .tags = {{"a", "1"}}})),
            "NoSuchEntity: The user with name none cannot be found.");
  EXPECT_EQ(
      outcome(world.call(TagUserRequest{.user_name = "bob", .tags = {{"a", "1"}, {"A", ""}}})),
      "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case "
      "insensitive.");
  std::vector<Tag> fifty;
  for (int i = 0; i < 50; ++i) {
    fifty.push_back({.key = "k" + std::to_string(i), .value = ""});
  }
  EXPECT_EQ(outcome(world.call(TagUserRequest{.user_name = "bob", .tags = fifty})), "ok");
  EXPECT_EQ(outcome(world.call(TagUserRequest{.user_name = "bob", .tags = {{"one-more", ""}}})),
            "LimitExceeded: The number of tags has reached the maximum limit.");
}

TEST(UntagUser, ForgetsKeysInAnyCaseAndIgnoresAbsentOnes) {
  IamFixture world;
  world.make_user("bob");
  (void)world.call(TagUserRequest{.user_name = "bob", .tags = {{"Team", "red"}, {"a", "1"}}});

  EXPECT_EQ(outcome(world.call(UntagUserRequest{.user_name = "bob", .tag_keys = {"TEAM", "x"}})),
            "ok");
  EXPECT_EQ(world.call(ListUserTagsRequest{.user_name = "bob"})->tags.size(), 1U);
  EXPECT_EQ(outcome(world.call(UntagUserRequest{.user_name = "none", .tag_keys = {"a"}})),
            "NoSuchEntity: The user with name none cannot be found.");
  EXPECT_EQ(outcome(world.call(ListUserTagsRequest{.user_name = "none"})),
            "NoSuchEntity: The user with name none cannot be found.");
}

}  // namespace signet::iam
