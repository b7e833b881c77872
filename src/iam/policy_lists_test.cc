#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

std::vector<std::string> names(const Result<ListPoliciesResponse>& response) {
  std::vector<std::string> found;
  for (const Policy& policy : *response->policies) {
    found.push_back(*policy.policy_name);
  }
  return found;
}

using Names = std::vector<std::string>;

}  // namespace

TEST(ListPolicies, ShowsTheScopeThatWasAskedFor) {
  IamFixture world;
  (void)world.make_policy("Beta");
  (void)world.make_policy("iamreadonlyaccess");

  EXPECT_EQ(names(world.call(ListPoliciesRequest{})),
            (Names{"AdministratorAccess",
                   "Beta",
                   "ExampleServiceRolePolicy",
                   "iamreadonlyaccess",
                   "IAMReadOnlyAccess"}));
  EXPECT_EQ(names(world.call(ListPoliciesRequest{.scope = "Local"})),
            (Names{"Beta", "iamreadonlyaccess"}));
  EXPECT_EQ(names(world.call(ListPoliciesRequest{.scope = "AWS"})).size(), 3U);
  EXPECT_EQ(names(world.call(ListPoliciesRequest{.path_prefix = "/aws-service-role/"})),
            (Names{"ExampleServiceRolePolicy"}));
}

TEST(ListPolicies, HasNeitherDescriptionNorTags) {
  IamFixture world;
  (void)world.call(CreatePolicyRequest{.policy_name = "p",
                                       .policy_document = std::string(kAllowAll),
                                       .description = "about",
                                       .tags = {{"a", ""}}});

  const auto list = world.call(ListPoliciesRequest{.scope = "Local"});

  ASSERT_EQ(list->policies->size(), 1U);
  EXPECT_FALSE(list->policies->at(0).description);
  EXPECT_FALSE(list->policies->at(0).tags);
}

TEST(ListPolicies, FiltersByUse) {
  IamFixture world;
  world.make_user("bob");
  const std::string attached = world.make_policy("attached");
  const std::string boundary = world.make_policy("boundary");
  (void)world.make_policy("idle");
  (void)world.call(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = attached});
  (void)world.call(
      PutUserPermissionsBoundaryRequest{.user_name = "bob", .permissions_boundary = boundary});

  EXPECT_EQ(names(world.call(ListPoliciesRequest{.only_attached = true})), (Names{"attached"}));
  EXPECT_EQ(names(world.call(ListPoliciesRequest{.policy_usage_filter = "PermissionsBoundary"})),
            (Names{"boundary"}));
  EXPECT_EQ(names(world.call(ListPoliciesRequest{.policy_usage_filter = "PermissionsPolicy"})),
            (Names{"attached"}));
  EXPECT_EQ(names(world.call(ListPoliciesRequest{.scope = "Local", .only_attached = false})).size(),
            3U);
}

TEST(ListPolicies, PagesThroughBothKinds) {
  IamFixture world;
  (void)world.make_policy("AdministratorAccess");
  Names seen;
  std::optional<std::string> marker;
  for (int page = 0; page < 10; ++page) {
    const auto list = world.call(ListPoliciesRequest{.marker = marker, .max_items = 1});
    ASSERT_EQ(outcome(list), "ok");
    for (const std::string& name : names(list)) {
      seen.push_back(name);
    }
    marker = list->marker;
    if (!marker) {
      break;
    }
  }

  EXPECT_EQ(seen,
            (Names{"AdministratorAccess",
                   "AdministratorAccess",
                   "ExampleServiceRolePolicy",
                   "IAMReadOnlyAccess"}));
}

TEST(ListPolicies, MakesMarkersThatFitWhateverThePath) {
  IamFixture world;
  std::string path = "/";
  while (path.size() + 11 <= 512) {
    path += "0123456789/";
  }
  for (const char letter : {'a', 'b'}) {
    (void)world.call(CreatePolicyRequest{.policy_name = std::string(128, letter),
                                         .path = path,
                                         .policy_document = std::string(kAllowAll)});
  }

  const auto list = world.call(ListPoliciesRequest{.scope = "Local", .max_items = 1});

  ASSERT_TRUE(list->marker);
  EXPECT_LE(list->marker->size(), 320U);
  const auto rest = world.call(ListPoliciesRequest{.scope = "Local", .marker = list->marker});
  EXPECT_EQ(names(rest), (Names{std::string(128, 'b')}));
}

TEST(ListPolicies, DoesNotShowOtherAccounts) {
  IamFixture world;
  (void)world.make_policy("mine");

  EXPECT_TRUE(
      names(world.call(IamFixture::root(IamFixture::kOther), ListPoliciesRequest{.scope = "Local"}))
          .empty());
}

class EntitiesForPolicy : public ::testing::Test {
 protected:
  EntitiesForPolicy() {
    arn_ = world_.make_policy("p");
    world_.make_user("bob");
    world_.make_group("g");
    world_.make_role("r");
    (void)world_.call(CreateRoleRequest{.path = "/x/",
                                        .role_name = "only-boundary",
                                        .assume_role_policy_document = std::string(kTrustEc2),
                                        .permissions_boundary = arn_});
    (void)world_.call(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = arn_});
    (void)world_.call(AttachGroupPolicyRequest{.group_name = "g", .policy_arn = arn_});
    (void)world_.call(AttachRolePolicyRequest{.role_name = "r", .policy_arn = arn_});
    (void)world_.call(
        PutUserPermissionsBoundaryRequest{.user_name = "bob", .permissions_boundary = arn_});
  }

  ListEntitiesForPolicyResponse list(ListEntitiesForPolicyRequest request) {
    request.policy_arn = arn_;
    const auto response = world_.call(request);
    EXPECT_EQ(outcome(response), "ok");
    return response.value_or(ListEntitiesForPolicyResponse{});
  }

  IamFixture world_;
  std::string arn_;
};

TEST_F(EntitiesForPolicy, AreInThreeListsEachOnce) {
  const auto all = list({});

  ASSERT_EQ(all.policy_users->size(), 1U);
  EXPECT_EQ(all.policy_users->at(0).user_name, "bob");
  EXPECT_TRUE(all.policy_users->at(0).user_id->starts_with("AIDA"));
  EXPECT_EQ(all.policy_groups->size(), 1U);
  EXPECT_EQ(all.policy_roles->size(), 2U);
  EXPECT_EQ(all.is_truncated, false);
}

TEST_F(EntitiesForPolicy, AreFilteredByKindPathAndUse) {
  EXPECT_EQ(list({.entity_filter = "Role"}).policy_roles->size(), 2U);
  EXPECT_EQ(list({.entity_filter = "Role"}).policy_users->size(), 0U);
  EXPECT_EQ(list({.path_prefix = "/x/"}).policy_roles->size(), 1U);
  EXPECT_EQ(list({.path_prefix = "/x/"}).policy_users->size(), 0U);
  const auto boundaries = list({.policy_usage_filter = "PermissionsBoundary"});
  EXPECT_EQ(boundaries.policy_users->size(), 1U);
  EXPECT_EQ(boundaries.policy_groups->size(), 0U);
  EXPECT_EQ(boundaries.policy_roles->at(0).role_name, "only-boundary");
  EXPECT_EQ(list({.policy_usage_filter = "PermissionsPolicy"}).policy_roles->size(), 1U);
}

TEST_F(EntitiesForPolicy, OfPolicyKindsAreEmptyListsNotErrors) {
  for (const char* filter : {"LocalManagedPolicy", "AWSManagedPolicy"}) {
    const auto none = list({.entity_filter = filter});
    ASSERT_TRUE(none.policy_users && none.policy_groups && none.policy_roles);
    EXPECT_EQ(none.policy_users->size() + none.policy_groups->size() + none.policy_roles->size(),
              0U);
  }
}

TEST_F(EntitiesForPolicy, ArePagedAcrossKinds) {
  const auto first = list({.max_items = 3});
  const auto rest = list({.marker = first.marker});

  EXPECT_EQ(first.is_truncated, true);
  EXPECT_EQ(first.policy_groups->size() + first.policy_roles->size() + first.policy_users->size(),
            3U);
  EXPECT_EQ(rest.policy_groups->size() + rest.policy_roles->size() + rest.policy_users->size(), 1U);
  EXPECT_EQ(rest.is_truncated, false);
}

TEST_F(EntitiesForPolicy, OfAwsPoliciesAreOnlyTheAccountsOwn) {
  const std::string aws(IamFixture::kReadOnly);
  (void)world_.call(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = aws});

  const auto others = world_.call(IamFixture::root(IamFixture::kOther),
                                  ListEntitiesForPolicyRequest{.policy_arn = aws});

  ASSERT_EQ(outcome(others), "ok");
  EXPECT_TRUE(others->policy_users->empty());
  EXPECT_EQ(world_.call(IamFixture::root(IamFixture::kOther), GetPolicyRequest{.policy_arn = aws})
                ->policy->attachment_count,
            0);
}

}  // namespace signet::iam
