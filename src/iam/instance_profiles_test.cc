#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

class InstanceProfiles : public ::testing::Test {
 protected:
  InstanceProfiles() {
    world_.make_role("r");
    make("p");
  }

  void make(const char* name) {
    ASSERT_EQ(outcome(world_.call(CreateInstanceProfileRequest{.instance_profile_name = name})),
              "ok");
  }

  std::string add(const char* profile, const char* role) {
    return outcome(world_.call(
        AddRoleToInstanceProfileRequest{.instance_profile_name = profile, .role_name = role}));
  }

  std::string remove(const char* profile, const char* role) {
    return outcome(world_.call(
        RemoveRoleFromInstanceProfileRequest{.instance_profile_name = profile, .role_name = role}));
  }

  std::string erase(const char* profile) {
    return outcome(world_.call(DeleteInstanceProfileRequest{.instance_profile_name = profile}));
  }

  IamFixture world_;
};

}  // namespace

TEST_F(InstanceProfiles, AreCreatedWithoutRoles) {
  const auto made = world_.call(CreateInstanceProfileRequest{
      .instance_profile_name = "q", .path = "/x/", .tags = {{"k", "v"}}});

  ASSERT_EQ(outcome(made), "ok");
  const InstanceProfile& profile = made->instance_profile;
  EXPECT_EQ(profile.arn, "arn:aws:iam::111122223333:instance-profile/x/q");
  EXPECT_TRUE(profile.instance_profile_id.starts_with("AIPA"));
  EXPECT_EQ(profile.instance_profile_id.size(), 21U);
  EXPECT_TRUE(profile.roles.empty());
  EXPECT_EQ(profile.tags->size(), 1U);
}

TEST_F(InstanceProfiles, ShowTagsOnGetAlwaysAndInListsNever) {
  const auto got = world_.call(GetInstanceProfileRequest{.instance_profile_name = "P"});
  const auto listed = world_.call(ListInstanceProfilesRequest{});

  ASSERT_EQ(outcome(got), "ok");
  ASSERT_TRUE(got->instance_profile.tags);
  EXPECT_TRUE(got->instance_profile.tags->empty());
  ASSERT_EQ(listed->instance_profiles.size(), 1U);
  EXPECT_FALSE(listed->instance_profiles[0].tags);
  EXPECT_FALSE(*listed->is_truncated);
  EXPECT_EQ(
      world_.call(ListInstanceProfilesRequest{.path_prefix = "/none/"})->instance_profiles.size(),
      0U);
}

TEST_F(InstanceProfiles, RefuseATakenOrMissingName) {
  EXPECT_EQ(outcome(world_.call(CreateInstanceProfileRequest{.instance_profile_name = "P"})),
            "EntityAlreadyExists: Instance Profile P already exists.");
  EXPECT_EQ(outcome(world_.call(GetInstanceProfileRequest{.instance_profile_name = "none"})),
            "NoSuchEntity: Instance Profile none cannot be found.");
  EXPECT_EQ(erase("none"), "NoSuchEntity: Instance Profile none cannot be found.");
  EXPECT_EQ(add("none", "r"), "NoSuchEntity: Instance Profile none cannot be found.");
  EXPECT_EQ(add("p", "none"), "NoSuchEntity: The role with name none cannot be found.");
  EXPECT_EQ(outcome(world_.call(ListInstanceProfilesForRoleRequest{.role_name = "none"})),
            "NoSuchEntity: The role with name none cannot be found.");
  EXPECT_EQ(outcome(world_.call(TagInstanceProfileRequest{.instance_profile_name = "none"})),
            "NoSuchEntity: Instance Profile none cannot be found.");
}

TEST_F(InstanceProfiles, HoldOneRoleInItsShortForm) {
  EXPECT_EQ(add("p", "r"), "ok");
  world_.make_role("s");

  EXPECT_EQ(add("p", "s"),
            "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
  EXPECT_EQ(add("p", "r"),
            "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
  const auto got = world_.call(GetInstanceProfileRequest{.instance_profile_name = "p"});
  ASSERT_EQ(got->instance_profile.roles.size(), 1U);
  EXPECT_EQ(got->instance_profile.roles[0].role_name, "r");
  EXPECT_TRUE(got->instance_profile.roles[0].assume_role_policy_document);
  EXPECT_FALSE(got->instance_profile.roles[0].max_session_duration);
  EXPECT_FALSE(got->instance_profile.roles[0].role_last_used);
}

TEST_F(InstanceProfiles, AreFoundByRole) {
  make("o");
  ASSERT_EQ(add("p", "r"), "ok");
  ASSERT_EQ(add("o", "r"), "ok");

  const auto first =
      world_.call(ListInstanceProfilesForRoleRequest{.role_name = "r", .max_items = 1});
  ASSERT_EQ(outcome(first), "ok");
  EXPECT_EQ(first->instance_profiles[0].instance_profile_name, "o");
  ASSERT_TRUE(*first->is_truncated);
  const auto rest =
      world_.call(ListInstanceProfilesForRoleRequest{.role_name = "r", .marker = first->marker});
  ASSERT_EQ(rest->instance_profiles.size(), 1U);
  EXPECT_EQ(rest->instance_profiles[0].instance_profile_name, "p");
}

TEST_F(InstanceProfiles, AndTheirRolesAreDeletedOneAfterTheOther) {
  ASSERT_EQ(add("p", "r"), "ok");
  world_.make_role("s");

  EXPECT_EQ(erase("p"),
            "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.");
  EXPECT_EQ(outcome(world_.call(DeleteRoleRequest{.role_name = "r"})),
            "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.");
  EXPECT_EQ(remove("p", "s"), "NoSuchEntity: Role s in Instance Profile p cannot be found.");
  EXPECT_EQ(remove("p", "none"), "NoSuchEntity: The role with name none cannot be found.");
  EXPECT_EQ(remove("p", "r"), "ok");
  EXPECT_EQ(remove("p", "r"), "NoSuchEntity: Role r in Instance Profile p cannot be found.");
  EXPECT_EQ(erase("p"), "ok");
  EXPECT_EQ(outcome(world_.call(DeleteRoleRequest{.role_name = "r"})), "ok");
}

TEST_F(InstanceProfiles, TakeOnlyRolesThatTheCallerMayPass) {
  constexpr std::string_view kNoPass =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
      R"("Action":"iam:AddRoleToInstanceProfile","Resource":"*"}]})";
  constexpr std::string_view kPassElsewhere =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
      R"("Action":["iam:AddRoleToInstanceProfile","iam:PassRole"],"Resource":"*",)"
      R"("Condition":{"StringEqualsIfExists":{"iam:PassedToService":"lambda.amazonaws.com"}}}]})";
  constexpr std::string_view kPass =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
      R"("Action":["iam:AddRoleToInstanceProfile","iam:PassRole"],"Resource":"*",)"
      R"("Condition":{"StringEqualsIfExists":{"iam:PassedToService":"ec2.amazonaws.com"}}}]})";
  const AddRoleToInstanceProfileRequest request{.instance_profile_name = "p", .role_name = "r"};
  const model::Caller without = world_.make_caller("without", kNoPass);
  const model::Caller elsewhere = world_.make_caller("elsewhere", kPassElsewhere);
  const model::Caller with = world_.make_caller("with", kPass);

  EXPECT_EQ(outcome(world_.call(without, request)),
            "AccessDenied: User: arn:aws:iam::111122223333:user/without is not authorized to "
            "perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/r because no "
            "identity-based policy allows the iam:PassRole action");
  EXPECT_EQ(outcome(world_.call(elsewhere, request)).substr(0, 13), "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(with, request)), "ok");
}

TEST_F(InstanceProfiles, TellWhatTheRoleIsPassedFor) {
  const auto may_pass_for = [this](std::string_view name, std::string_view instances) {
    const model::Caller caller = world_.make_caller(
        name,
        concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
               R"("Action":["iam:AddRoleToInstanceProfile","iam:PassRole"],"Resource":"*",)"
               R"("Condition":{"ArnLikeIfExists":{"iam:AssociatedResourceArn":")",
               instances,
               R"("}}}]})"));
    return outcome(world_.call(
        caller, AddRoleToInstanceProfileRequest{.instance_profile_name = "p", .role_name = "r"}));
  };

  EXPECT_EQ(may_pass_for("one", "arn:aws:ec2:us-east-1:111122223333:instance/i-1").substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(may_pass_for("others", "arn:aws:ec2:*:444455556666:instance/*").substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(may_pass_for("any", "arn:aws:ec2:*:111122223333:instance/*"), "ok");
}

TEST_F(InstanceProfiles, LeaveRolesOfAwsAlone) {
  world_.write([](identity::Transaction& transaction) {
    identity::Role role;
    role.account = IamFixture::kAccount;
    role.id = "AROAIIIIIIIIIIIIIIIII";
    role.name = "AWSServiceRoleForX";
    role.path = "/aws-service-role/x.amazonaws.com/";
    role.trust_policy = identity::make_document(std::string(kTrustEc2));
    transaction.put(std::move(role));
  });

  EXPECT_EQ(add("p", "AWSServiceRoleForX").substr(0, 19), "UnmodifiableEntity:");
}

TEST_F(InstanceProfiles, HaveTagsThatTellCasesApart) {
  const auto tag = [&](std::vector<Tag> tags) {
    return outcome(world_.call(
        TagInstanceProfileRequest{.instance_profile_name = "p", .tags = std::move(tags)}));
  };

  EXPECT_EQ(tag({{"k", "1"}, {"K", "2"}}), "ok");
  EXPECT_EQ(tag({{"k", "1"}, {"k", "2"}}), "InvalidInput: Duplicate tag keys found.");
  EXPECT_EQ(tag({{"aws:x", "1"}}).substr(0, 13), "InvalidInput:");
  EXPECT_EQ(outcome(world_.call(
                UntagInstanceProfileRequest{.instance_profile_name = "p", .tag_keys = {"k"}})),
            "ok");
  const auto tags = world_.call(ListInstanceProfileTagsRequest{.instance_profile_name = "p"});
  ASSERT_EQ(tags->tags.size(), 1U);
  EXPECT_EQ(tags->tags[0].key, "K");
}

}  // namespace signet::iam
