#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

CreatePolicyVersionRequest version_of(const std::string& arn, bool is_default = false) {
  return {
      .policy_arn = arn, .policy_document = std::string(kAllowAll), .set_as_default = is_default};
}

std::vector<std::string> versions_of(IamFixture& world, const std::string& arn) {
  std::vector<std::string> ids;
  const auto list = world.call(ListPolicyVersionsRequest{.policy_arn = arn});
  for (const PolicyVersion& version : *list->versions) {
    ids.push_back(*version.version_id);
  }
  return ids;
}

}  // namespace

TEST(CreatePolicy, OmitsTheDescription) {
  IamFixture world;

  const auto made = world.call(CreatePolicyRequest{.policy_name = "P",
                                                   .path = "/a/",
                                                   .policy_document = std::string(kAllowAll),
                                                   .description = "about"});

  ASSERT_EQ(outcome(made), "ok");
  const Policy& policy = *made->policy;
  EXPECT_EQ(policy.arn, "arn:aws:iam::111122223333:policy/a/P");
  EXPECT_TRUE(policy.policy_id->starts_with("ANPA"));
  EXPECT_EQ(policy.default_version_id, "v1");
  EXPECT_EQ(policy.attachment_count, 0);
  EXPECT_EQ(policy.permissions_boundary_usage_count, 0);
  EXPECT_EQ(policy.is_attachable, true);
  EXPECT_EQ(policy.create_date, world.now());
  EXPECT_EQ(policy.update_date, world.now());
  EXPECT_FALSE(policy.description);
  EXPECT_FALSE(policy.tags);
  const auto got = world.call(GetPolicyRequest{.policy_arn = *policy.arn});
  EXPECT_EQ(got->policy->description, "about");
  ASSERT_TRUE(got->policy->tags);
  EXPECT_TRUE(got->policy->tags->empty());
}

TEST(CreatePolicy, RefusesWhatItMust) {
  IamFixture world;
  (void)world.make_policy("P");
  const auto with = [&](CreatePolicyRequest request) {
    return outcome(world.call(request));
  };

  EXPECT_EQ(with({.policy_name = "p", .path = "/x/", .policy_document = std::string(kAllowAll)}),
            "EntityAlreadyExists: A policy called p already exists. Duplicate names are not "
            "allowed.");
  EXPECT_EQ(with({.policy_name = "q", .policy_document = "[]"}),
            "MalformedPolicyDocument: Syntax errors in policy.");
  EXPECT_EQ(with({.policy_name = "q",
                  .policy_document = std::string(kAllowAll),
                  .tags = {{"a", ""}, {"a", ""}}}),
            "InvalidInput: Duplicate tag keys found.");
  EXPECT_EQ(with({.policy_name = "q",
                  .policy_document =
                      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*",)"
                      R"("Resource":"arn:aws:s3:::)" +
                      std::string(6200, 'x') + "\"}]}"}),
            "LimitExceeded: Cannot exceed quota for PolicySize: 6144");
  EXPECT_EQ(world.snapshot()->table<identity::ManagedPolicy>(IamFixture::kAccount).size(), 1U);
}

TEST(CreatePolicy, TellsTagCasesApart) {
  IamFixture world;

  const auto made = world.call(CreatePolicyRequest{.policy_name = "p",
                                                   .policy_document = std::string(kAllowAll),
                                                   .tags = {{"a", "1"}, {"A", "2"}}});

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->policy->tags->size(), 2U);
}

TEST(PolicyVersions, GrowAndAreNeverReused) {
  IamFixture world;
  const std::string arn = world.make_policy("p");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(outcome(world.call(version_of(arn))), "ok");
  }
  EXPECT_EQ(versions_of(world, arn), (std::vector<std::string>{"v5", "v4", "v3", "v2", "v1"}));
  EXPECT_EQ(outcome(world.call(version_of(arn))),
            "LimitExceeded: A managed policy can have up to 5 versions. Before you create a new "
            "version, you must delete an existing version.");
  for (const char* id : {"v2", "v3", "v4", "v5"}) {
    EXPECT_EQ(outcome(world.call(DeletePolicyVersionRequest{.policy_arn = arn, .version_id = id})),
              "ok");
  }

  const auto made = world.call(version_of(arn, true));

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->policy_version->version_id, "v6");
  EXPECT_EQ(made->policy_version->is_default_version, true);
  EXPECT_FALSE(made->policy_version->document);
  EXPECT_EQ(world.call(GetPolicyRequest{.policy_arn = arn})->policy->default_version_id, "v6");
}

TEST(PolicyVersions, ArePagedNewestFirst) {
  IamFixture world;
  const std::string arn = world.make_policy("p");
  for (int i = 0; i < 3; ++i) {
    (void)world.call(version_of(arn));
  }

  const auto first = world.call(ListPolicyVersionsRequest{.policy_arn = arn, .max_items = 3});
  const auto rest =
      world.call(ListPolicyVersionsRequest{.policy_arn = arn, .marker = first->marker});

  EXPECT_EQ(first->versions->front().version_id, "v4");
  EXPECT_FALSE(first->versions->front().document);
  ASSERT_EQ(rest->versions->size(), 1U);
  EXPECT_EQ(rest->versions->front().version_id, "v1");
  EXPECT_EQ(rest->versions->front().is_default_version, true);
}

TEST(PolicyVersions, ShowTheirDocumentOneByOne) {
  IamFixture world;
  const std::string arn = world.make_policy("p");

  const auto got = world.call(GetPolicyVersionRequest{.policy_arn = arn, .version_id = "v1"});

  ASSERT_EQ(outcome(got), "ok");
  EXPECT_EQ(got->policy_version->document, kAllowAll);
  for (const char* id : {"v9", "v01", "v0", "1", "v", "v1.x", "v99999999999999999999"}) {
    EXPECT_EQ(
        outcome(world.call(GetPolicyVersionRequest{.policy_arn = arn, .version_id = id})),
        "NoSuchEntity: Policy " + arn + " version " + id + " does not exist or is not attachable.");
  }
  EXPECT_EQ(outcome(world.call(GetPolicyVersionRequest{
                .policy_arn = "arn:aws:iam::111122223333:policy/none", .version_id = "v1"})),
            "NoSuchEntity: Policy arn:aws:iam::111122223333:policy/none version v1 does not exist "
            "or is not attachable.");
}

TEST(PolicyVersions, TheDefaultMovesAndCannotBeDeleted) {
  IamFixture world;
  const std::string arn = world.make_policy("p");
  world.advance_seconds(10);
  (void)world.call(version_of(arn));
  world.advance_seconds(10);

  EXPECT_EQ(outcome(world.call(DeletePolicyVersionRequest{.policy_arn = arn, .version_id = "v1"})),
            "DeleteConflict: Cannot delete the default version of a policy.");
  EXPECT_EQ(
      outcome(world.call(SetDefaultPolicyVersionRequest{.policy_arn = arn, .version_id = "v2"})),
      "ok");
  const auto got = world.call(GetPolicyRequest{.policy_arn = arn});
  EXPECT_EQ(got->policy->default_version_id, "v2");
  EXPECT_EQ(got->policy->update_date, world.now());
  EXPECT_EQ(outcome(world.call(DeletePolicyVersionRequest{.policy_arn = arn, .version_id = "v1"})),
            "ok");
  EXPECT_EQ(
      outcome(world.call(SetDefaultPolicyVersionRequest{.policy_arn = arn, .version_id = "v1"})),
      "NoSuchEntity: Policy " + arn + " version v1 does not exist or is not attachable.");
  EXPECT_EQ(outcome(world.call(DeletePolicyVersionRequest{.policy_arn = arn, .version_id = "v1"})),
            "NoSuchEntity: Policy " + arn + " version v1 does not exist or is not attachable.");
}

TEST(PolicyVersions, TheDefaultIsWhatDecides) {
  IamFixture world;
  const std::string arn = world.make_policy("p");
  world.make_user("bob");
  (void)world.call(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = arn});
  const model::Caller bob = world.user("bob");
  EXPECT_EQ(outcome(world.call(bob, ListUsersRequest{})), "ok");

  CreatePolicyVersionRequest deny = version_of(arn, true);
  deny.policy_document =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})";
  ASSERT_EQ(outcome(world.call(deny)), "ok");

  EXPECT_EQ(outcome(world.call(bob, ListUsersRequest{})).substr(0, 13), "AccessDenied:");
}

TEST(DeletePolicy, WaitsUntilNothingNeedsIt) {
  IamFixture world;
  const std::string arn = world.make_policy("p");
  world.make_group("g");
  (void)world.call(AttachGroupPolicyRequest{.group_name = "g", .policy_arn = arn});
  (void)world.call(version_of(arn));
  const auto refusal = [&] {
    return outcome(world.call(DeletePolicyRequest{.policy_arn = arn}));
  };

  EXPECT_EQ(refusal(), "DeleteConflict: Cannot delete a policy attached to entities.");
  (void)world.call(DetachGroupPolicyRequest{.group_name = "g", .policy_arn = arn});
  EXPECT_EQ(refusal(),
            "DeleteConflict: This policy has more than one version. Before you delete a policy, "
            "you must delete the policy's versions. The default version is deleted with the "
            "policy.");
  (void)world.call(DeletePolicyVersionRequest{.policy_arn = arn, .version_id = "v2"});
  EXPECT_EQ(refusal(), "ok");
  EXPECT_EQ(refusal(), "NoSuchEntity: Policy " + arn + " was not found.");
}

TEST(AwsPolicies, CanBeSeenButNotChanged) {
  IamFixture world;
  const std::string arn(IamFixture::kAdministrator);

  EXPECT_EQ(outcome(world.call(GetPolicyRequest{.policy_arn = arn})), "ok");
  EXPECT_EQ(outcome(world.call(GetPolicyVersionRequest{.policy_arn = arn, .version_id = "v1"})),
            "ok");
  EXPECT_EQ(outcome(world.call(DeletePolicyRequest{.policy_arn = arn})),
            "AccessDenied: Cannot delete policies outside your own account.");
  EXPECT_EQ(outcome(world.call(DeletePolicyVersionRequest{.policy_arn = arn, .version_id = "v1"})),
            "AccessDenied: Cannot delete policy versions for policies outside your own account.");
  EXPECT_EQ(outcome(world.call(version_of(arn))),
            "AccessDenied: Cannot update policies outside your own account.");
  EXPECT_EQ(
      outcome(world.call(SetDefaultPolicyVersionRequest{.policy_arn = arn, .version_id = "v1"})),
      "AccessDenied: Cannot update policies outside your own account.");
  EXPECT_EQ(outcome(world.call(TagPolicyRequest{.policy_arn = arn, .tags = {{"a", ""}}})),
            "AccessDenied: Cannot update policies outside your own account.");
  EXPECT_EQ(outcome(world.call(UntagPolicyRequest{.policy_arn = arn, .tag_keys = {"a"}})),
            "AccessDenied: Cannot update policies outside your own account.");
}

TEST(Policies, ThatAreMissingHaveTheirOwnWords) {
  IamFixture world;
  const std::string arn = "arn:aws:iam::111122223333:policy/none";
  const std::string expected = "NoSuchEntity: Policy " + arn + " was not found.";

  EXPECT_EQ(outcome(world.call(GetPolicyRequest{.policy_arn = arn})), expected);
  EXPECT_EQ(outcome(world.call(DeletePolicyRequest{.policy_arn = arn})), expected);
  EXPECT_EQ(outcome(world.call(version_of(arn))), expected);
  EXPECT_EQ(outcome(world.call(ListPolicyVersionsRequest{.policy_arn = arn})), expected);
  EXPECT_EQ(outcome(world.call(TagPolicyRequest{.policy_arn = arn, .tags = {{"a", ""}}})),
            expected);
  EXPECT_EQ(outcome(world.call(UntagPolicyRequest{.policy_arn = arn, .tag_keys = {"a"}})),
            expected);
  EXPECT_EQ(outcome(world.call(ListPolicyTagsRequest{.policy_arn = arn})), expected);
  EXPECT_EQ(outcome(world.call(ListEntitiesForPolicyRequest{.policy_arn = arn})),
            "NoSuchEntity: Policy " + arn + " does not exist or is not attachable.");
  EXPECT_EQ(outcome(world.call(GetPolicyRequest{.policy_arn = "this is no arn at all"})),
            "ValidationError: Invalid ARN:  Could not be parsed!");
}

TEST(PolicyTags, TellCasesApart) {
  IamFixture world;
  const std::string arn = world.make_policy("p");

  (void)world.call(
      TagPolicyRequest{.policy_arn = arn, .tags = {{"abc", ""}, {"z", ""}, {"Z", ""}}});
  const auto tags = world.call(ListPolicyTagsRequest{.policy_arn = arn});
  ASSERT_EQ(tags->tags.size(), 3U);
  EXPECT_EQ(tags->tags[0].key, "Z");
  EXPECT_EQ(tags->tags[2].key, "abc");
  EXPECT_EQ(outcome(world.call(UntagPolicyRequest{.policy_arn = arn, .tag_keys = {"ABC", "z"}})),
            "ok");
  EXPECT_EQ(world.call(ListPolicyTagsRequest{.policy_arn = arn})->tags.size(), 2U);
}

}  // namespace signet::iam
