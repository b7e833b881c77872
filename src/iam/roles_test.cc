#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

std::string trust(std::string_view principal) {
  return std::string(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)")
      .append(principal)
      .append(R"(,"Action":"sts:AssumeRole"}]})");
}

CreateRoleRequest role(std::string_view name) {
  return {.role_name = std::string(name), .assume_role_policy_document = std::string(kTrustEc2)};
}

// A role such as only AWS makes.
void put_service_linked_role(IamFixture& world) {
  world.write([](identity::Transaction& transaction) {
    identity::Role role;
    role.account = IamFixture::kAccount;
    role.id = "AROAIIIIIIIIIIIIIIIII";
    role.name = "AWSServiceRoleForX";
    role.path = "/aws-service-role/x.amazonaws.com/";
    role.trust_policy = identity::make_document(std::string(kTrustEc2));
    transaction.put(std::move(role));
  });
}

}  // namespace

TEST(CreateRole, OmitsDescriptionDurationAndLastUse) {
  IamFixture world;
  CreateRoleRequest request = role("R");
  request.path = "/p/";
  request.description = "about";
  request.max_session_duration = 7200;
  request.tags = {{"k", "v"}};

  const auto made = world.call(request);

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->role.arn, "arn:aws:iam::111122223333:role/p/R");
  EXPECT_TRUE(made->role.role_id.starts_with("AROA"));
  EXPECT_EQ(made->role.assume_role_policy_document, kTrustEc2);
  EXPECT_FALSE(made->role.description);
  EXPECT_FALSE(made->role.max_session_duration);
  EXPECT_FALSE(made->role.role_last_used);
  EXPECT_FALSE(made->role.permissions_boundary);
  EXPECT_EQ(made->role.tags->size(), 1U);
}

TEST(CreateRole, RefusesANameInAnyCase) {
  IamFixture world;
  world.make_role("R");

  EXPECT_EQ(outcome(world.call(role("r"))),
            "EntityAlreadyExists: Role with name r already exists.");
}

TEST(CreateRole, RefusesTrustPoliciesThatCannotBe) {
  IamFixture world;
  const auto with = [&](std::string document) {
    CreateRoleRequest request = role("r");
    request.assume_role_policy_document = std::move(document);
    return outcome(world.call(request));
  };

  EXPECT_EQ(with("not json"), "MalformedPolicyDocument: This policy contains invalid Json");
  EXPECT_EQ(with(std::string(kAllowAll)).substr(0, 24), "MalformedPolicyDocument:");
  EXPECT_EQ(with(trust(R"({"AWS":"arn:aws:iam::111122223333:user/none"})")),
            "MalformedPolicyDocument: Invalid principal in policy: "
            "\"AWS\":\"arn:aws:iam::111122223333:user/none\"");
  std::string long_list = R"({"AWS":[)";
  for (int i = 0; i < 200; ++i) {
    long_list += R"("arn:aws:iam::111122223333:root",)";
  }
  EXPECT_EQ(with(trust(long_list + R"("111122223333"]})")),
            "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048");
  EXPECT_EQ(world.snapshot()->table<identity::Role>(IamFixture::kAccount).size(), 0U);
}

TEST(CreateRole, RefusesPathsThatAreAwsOwn) {
  IamFixture world;
  for (const char* path : {"/aws-service-role/x.amazonaws.com/", "/aws-reserved/"}) {
    CreateRoleRequest request = role("r");
    request.path = path;
    EXPECT_EQ(outcome(world.call(request)).substr(0, 13), "InvalidInput:") << path;
  }
}

TEST(CreateRole, PinsItsPrincipalsToWhoTheyAreNow) {
  IamFixture world;
  world.make_user("bob");
  const std::string bob = "arn:aws:iam::111122223333:user/bob";
  CreateRoleRequest request = role("r");
  request.assume_role_policy_document = trust(R"({"AWS":")" + bob + R"("})");

  ASSERT_EQ(outcome(world.call(request)), "ok");
  const auto as_written = world.call(GetRoleRequest{.role_name = "r"});
  EXPECT_EQ(as_written->role.assume_role_policy_document, request.assume_role_policy_document);

  // A renamed user is followed, a deleted one leaves its id.
  const std::string id = world.call(GetUserRequest{.user_name = "bob"})->user.user_id;
  (void)world.call(UpdateUserRequest{.user_name = "bob", .new_user_name = "rob"});
  EXPECT_EQ(world.call(GetRoleRequest{.role_name = "r"})->role.assume_role_policy_document,
            trust(R"({"AWS":"arn:aws:iam::111122223333:user/rob"})"));
  (void)world.call(DeleteUserRequest{.user_name = "rob"});
  world.make_user("bob");
  EXPECT_EQ(world.call(GetRoleRequest{.role_name = "r"})->role.assume_role_policy_document,
            trust(R"({"AWS":")" + id + R"("})"));
}

TEST(GetRole, ShowsEverythingThereIs) {
  IamFixture world;
  CreateRoleRequest request = role("r");
  request.description = "about";
  (void)world.call(request);

  const auto fresh = world.call(GetRoleRequest{.role_name = "R"});
  ASSERT_EQ(outcome(fresh), "ok");
  EXPECT_EQ(fresh->role.description, "about");
  EXPECT_EQ(fresh->role.max_session_duration, 3600);
  ASSERT_TRUE(fresh->role.role_last_used);
  EXPECT_FALSE(fresh->role.role_last_used->last_used_date);
  EXPECT_FALSE(fresh->role.tags);
  EXPECT_FALSE(fresh->role.permissions_boundary);
  EXPECT_EQ(outcome(world.call(GetRoleRequest{.role_name = "none"})),
            "NoSuchEntity: The role with name none cannot be found.");
}

TEST(GetRole, ForgetsUseAfterFourHundredDays) {
  IamFixture world;
  world.make_role("r");
  world.write([&](identity::Transaction& transaction) {
    transaction.put(identity::LastUsed{
        .account = std::string(IamFixture::kAccount),
        .id = transaction.view().find<identity::Role>(IamFixture::kAccount, "r")->id,
        .at = world.now(),
        .region = "eu-west-1",
        .service = "s3"});
  });

  EXPECT_EQ(world.call(GetRoleRequest{.role_name = "r"})->role.role_last_used->region, "eu-west-1");
  world.advance_seconds(401LL * 86'400);
  EXPECT_FALSE(world.call(GetRoleRequest{.role_name = "r"})->role.role_last_used->region);
}

TEST(ListRoles, ShowsDurationButNeitherTagsBoundaryNorLastUse) {
  IamFixture world;
  CreateRoleRequest request = role("r");
  request.tags = {{"k", "v"}};
  request.description = "about";
  request.permissions_boundary = world.make_policy("limit");
  ASSERT_EQ(outcome(world.call(request)), "ok");

  const auto list = world.call(ListRolesRequest{});

  ASSERT_EQ(list->roles.size(), 1U);
  EXPECT_EQ(list->roles[0].max_session_duration, 3600);
  EXPECT_EQ(list->roles[0].description, "about");
  EXPECT_FALSE(list->roles[0].tags);
  EXPECT_FALSE(list->roles[0].permissions_boundary);
  EXPECT_FALSE(list->roles[0].role_last_used);
  EXPECT_EQ(world.call(ListRolesRequest{.path_prefix = "/none/"})->roles.size(), 0U);
}

TEST(UpdateRole, KeepsWhatIsNotGiven) {
  IamFixture world;
  CreateRoleRequest request = role("r");
  request.description = "about";
  (void)world.call(request);

  EXPECT_EQ(outcome(world.call(UpdateRoleRequest{.role_name = "r", .max_session_duration = 7200})),
            "ok");
  const auto got = world.call(GetRoleRequest{.role_name = "r"});
  EXPECT_EQ(got->role.description, "about");
  EXPECT_EQ(got->role.max_session_duration, 7200);
  EXPECT_EQ(outcome(world.call(UpdateRoleRequest{.role_name = "none"})),
            "NoSuchEntity: The role with name none cannot be found.");
}

TEST(UpdateRole, SetsAndResetsTheLongestSignIn) {
  IamFixture world;
  CreateRoleRequest request = role("r");
  request.max_signin_session_duration = 7200;
  EXPECT_EQ(world.call(request)->role.max_signin_session_duration, 7200);
  world.make_role("plain");
  const auto of = [&](const char* name) {
    return world.call(GetRoleRequest{.role_name = name})->role.max_signin_session_duration;
  };
  EXPECT_EQ(of("plain"), std::nullopt);
  EXPECT_EQ(of("r"), 7200);

  EXPECT_EQ(outcome(world.call(UpdateRoleRequest{.role_name = "r"})), "ok");
  EXPECT_EQ(of("r"), 7200) << "what is not given stays";
  EXPECT_EQ(outcome(world.call(UpdateRoleRequest{.role_name = "r",
                                                 .max_signin_session_duration = 3600,
                                                 .reset_max_signin_session_duration = true})),
            "InvalidInput: MaxSigninSessionDuration and ResetMaxSigninSessionDuration cannot be "
            "used together.");
  EXPECT_EQ(of("r"), 7200);
  EXPECT_EQ(outcome(world.call(UpdateRoleRequest{.role_name = "r",
                                                 .max_signin_session_duration = 3600,
                                                 .reset_max_signin_session_duration = false})),
            "ok");
  EXPECT_EQ(of("r"), 3600);
  EXPECT_EQ(world.call(ListRolesRequest{})->roles.back().max_signin_session_duration, 3600);
  EXPECT_EQ(outcome(world.call(
                UpdateRoleRequest{.role_name = "r", .reset_max_signin_session_duration = true})),
            "ok");
  EXPECT_EQ(of("r"), std::nullopt);
  EXPECT_EQ(outcome(world.call(
                UpdateRoleRequest{.role_name = "r", .reset_max_signin_session_duration = true})),
            "ok")
      << "nothing to reset";
}

TEST(UpdateRoleDescription, AnswersTheRoleWithoutItsDuration) {
  IamFixture world;
  world.make_role("r");

  const auto updated =
      world.call(UpdateRoleDescriptionRequest{.role_name = "r", .description = "new"});

  ASSERT_EQ(outcome(updated), "ok");
  EXPECT_EQ(updated->role->description, "new");
  EXPECT_FALSE(updated->role->max_session_duration);
  EXPECT_EQ(
      outcome(world.call(UpdateRoleDescriptionRequest{.role_name = "none", .description = "x"})),
      "NoSuchEntity: The role with name none cannot be found.");
}

TEST(UpdateAssumeRolePolicy, ReplacesDocumentAndPins) {
  IamFixture world;
  world.make_role("r");
  world.make_user("bob");
  const std::string document = trust(R"({"AWS":"arn:aws:iam::111122223333:user/bob"})");

  EXPECT_EQ(outcome(world.call(
                UpdateAssumeRolePolicyRequest{.role_name = "r", .policy_document = document})),
            "ok");
  EXPECT_EQ(world.call(GetRoleRequest{.role_name = "r"})->role.assume_role_policy_document,
            document);
  EXPECT_EQ(world.snapshot()->find<identity::Role>(IamFixture::kAccount, "r")->trust_pins.size(),
            1U);
  EXPECT_EQ(
      outcome(world.call(UpdateAssumeRolePolicyRequest{.role_name = "r", .policy_document = "{"})),
      "MalformedPolicyDocument: This policy contains invalid Json");
  EXPECT_EQ(outcome(world.call(
                UpdateAssumeRolePolicyRequest{.role_name = "none", .policy_document = document})),
            "NoSuchEntity: The role with name none cannot be found.");
  EXPECT_EQ(world.call(GetRoleRequest{.role_name = "r"})->role.assume_role_policy_document,
            document);
}

TEST(DeleteRole, WaitsUntilEverythingIsGone) {
  IamFixture world;
  world.make_role("r");
  const std::string arn(IamFixture::kReadOnly);
  (void)world.call(AttachRolePolicyRequest{.role_name = "r", .policy_arn = arn});
  (void)world.call(PutRolePolicyRequest{
      .role_name = "r", .policy_name = "p", .policy_document = std::string(kAllowAll)});
  world.write([](identity::Transaction& transaction) {
    identity::InstanceProfile profile;
    profile.account = IamFixture::kAccount;
    profile.id = "AIPAIIIIIIIIIIIIIIIII";
    profile.name = "ip";
    profile.role_id = transaction.view().find<identity::Role>(IamFixture::kAccount, "r")->id;
    transaction.put(std::move(profile));
  });
  const auto refusal = [&] {
    return outcome(world.call(DeleteRoleRequest{.role_name = "r"}));
  };

  EXPECT_EQ(refusal(),
            "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.");
  world.write([](identity::Transaction& transaction) {
    transaction.erase<identity::InstanceProfile>("AIPAIIIIIIIIIIIIIIIII");
  });
  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must detach all policies first.");
  (void)world.call(DetachRolePolicyRequest{.role_name = "r", .policy_arn = arn});
  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete entity, must delete policies first.");
  (void)world.call(DeleteRolePolicyRequest{.role_name = "r", .policy_name = "p"});
  EXPECT_EQ(refusal(), "ok");
  EXPECT_EQ(refusal(), "NoSuchEntity: The role with name r cannot be found.");
}

TEST(ServiceLinkedRole, IsOnlyModifiableByAws) {
  IamFixture world;
  put_service_linked_role(world);
  const std::string name = "AWSServiceRoleForX";
  const std::string arn(IamFixture::kReadOnly);
  const std::string expected =
      "UnmodifiableEntity: Cannot perform the operation on the protected role "
      "'AWSServiceRoleForX' - this role is only modifiable by AWS";

  EXPECT_EQ(outcome(world.call(DeleteRoleRequest{.role_name = name})), expected);
  EXPECT_EQ(outcome(world.call(UpdateRoleRequest{.role_name = name})), expected);
  EXPECT_EQ(outcome(world.call(UpdateAssumeRolePolicyRequest{
                .role_name = name, .policy_document = std::string(kTrustEc2)})),
            expected);
  EXPECT_EQ(outcome(world.call(AttachRolePolicyRequest{.role_name = name, .policy_arn = arn})),
            expected);
  EXPECT_EQ(outcome(world.call(DetachRolePolicyRequest{.role_name = name, .policy_arn = arn})),
            expected);
  EXPECT_EQ(outcome(world.call(PutRolePolicyRequest{
                .role_name = name, .policy_name = "p", .policy_document = std::string(kAllowAll)})),
            expected);
  EXPECT_EQ(outcome(world.call(DeleteRolePolicyRequest{.role_name = name, .policy_name = "p"})),
            expected);
  EXPECT_EQ(outcome(world.call(
                PutRolePermissionsBoundaryRequest{.role_name = name, .permissions_boundary = arn})),
            expected);
  EXPECT_EQ(outcome(world.call(DeleteRolePermissionsBoundaryRequest{.role_name = name})), expected);
  EXPECT_EQ(
      outcome(world.call(UpdateRoleDescriptionRequest{.role_name = name, .description = "mine"})),
      "ok");
}

TEST(TagRole, ReplacesKeysInAnyCase) {
  IamFixture world;
  world.make_role("r");

  (void)world.call(TagRoleRequest{.role_name = "r", .tags = {{"Team", "a"}, {"b", ""}}});
  EXPECT_EQ(outcome(world.call(TagRoleRequest{.role_name = "r", .tags = {{"TEAM", "c"}}})), "ok");
  const auto tags = world.call(ListRoleTagsRequest{.role_name = "r"});
  ASSERT_EQ(tags->tags.size(), 2U);
  EXPECT_EQ(tags->tags[1].key, "TEAM");
  EXPECT_EQ(outcome(world.call(UntagRoleRequest{.role_name = "r", .tag_keys = {"team", "B"}})),
            "ok");
  EXPECT_EQ(world.call(ListRoleTagsRequest{.role_name = "r"})->tags.size(), 0U);
  EXPECT_EQ(outcome(world.call(TagRoleRequest{.role_name = "no", .tags = {{"a", ""}}})),
            "NoSuchEntity: The role with name no cannot be found.");
  EXPECT_EQ(outcome(world.call(UntagRoleRequest{.role_name = "no", .tag_keys = {"a"}})),
            "NoSuchEntity: The role with name no cannot be found.");
  EXPECT_EQ(outcome(world.call(ListRoleTagsRequest{.role_name = "no"})),
            "NoSuchEntity: The role with name no cannot be found.");
}

}  // namespace signet::iam
