#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

std::string set_alias(IamFixture& world, const model::Caller& caller, const char* alias) {
  return outcome(world.call(caller, CreateAccountAliasRequest{.account_alias = alias}));
}

std::map<std::string, std::int64_t> summary(IamFixture& world) {
  const auto answer = world.call(GetAccountSummaryRequest{});
  EXPECT_EQ(outcome(answer), "ok");
  std::map<std::string, std::int64_t> map;
  if (answer) {
    EXPECT_TRUE(std::ranges::is_sorted(*answer->summary_map));
    map.insert(answer->summary_map->begin(), answer->summary_map->end());
    EXPECT_EQ(map.size(), answer->summary_map->size());
  }
  return map;
}

// One of everything.
void populate(IamFixture& world) {
  world.make_user("bob");
  world.make_user("Alice");
  world.make_group("g");
  world.make_role("r");
  const std::string policy = world.make_policy("p");
  const std::string aws(IamFixture::kReadOnly);
  for (const std::string& status :
       {outcome(world.call(AddUserToGroupRequest{.group_name = "g", .user_name = "bob"})),
        outcome(world.call(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = policy})),
        outcome(world.call(AttachRolePolicyRequest{.role_name = "r", .policy_arn = aws})),
        outcome(world.call(PutUserPolicyRequest{.user_name = "bob",
                                                .policy_name = "inline",
                                                .policy_document = std::string(kAllowAll)})),
        outcome(world.call(TagUserRequest{.user_name = "bob", .tags = {{"k", "v"}}})),
        outcome(world.call(CreateInstanceProfileRequest{.instance_profile_name = "ip"})),
        outcome(world.call(
            AddRoleToInstanceProfileRequest{.instance_profile_name = "ip", .role_name = "r"}))}) {
    ASSERT_EQ(status, "ok");
  }
}

}  // namespace

TEST(AccountAlias, IsOneAndOverwritten) {
  IamFixture world;

  EXPECT_EQ(set_alias(world, IamFixture::root(), "first"), "ok");
  EXPECT_EQ(set_alias(world, IamFixture::root(), "second"), "ok");
  EXPECT_EQ(set_alias(world, IamFixture::root(), "second"), "ok");
  const auto list = world.call(ListAccountAliasesRequest{});
  EXPECT_EQ(list->account_aliases, (std::vector<std::string>{"second"}));
  EXPECT_FALSE(*list->is_truncated);
  EXPECT_EQ(set_alias(world, IamFixture::root(IamFixture::kOther), "first"), "ok");
}

TEST(AccountAlias, BelongsToOneAccountAndIsNoAccountId) {
  IamFixture world;
  ASSERT_EQ(set_alias(world, IamFixture::root(), "mine"), "ok");

  EXPECT_EQ(set_alias(world, IamFixture::root(IamFixture::kOther), "mine"),
            "EntityAlreadyExists: The account alias mine already exists.");
  EXPECT_EQ(set_alias(world, IamFixture::root(IamFixture::kOther), "111122223333").substr(0, 16),
            "ValidationError:");
}

TEST(AccountAlias, IsDeletedByItsName) {
  IamFixture world;
  ASSERT_EQ(set_alias(world, IamFixture::root(), "mine"), "ok");
  const auto erase = [&](const model::Caller& caller, const char* alias) {
    return outcome(world.call(caller, DeleteAccountAliasRequest{.account_alias = alias}));
  };

  EXPECT_EQ(erase(IamFixture::root(), "other"),
            "NoSuchEntity: The Account Alias with name other cannot be found.");
  EXPECT_EQ(erase(IamFixture::root(IamFixture::kOther), "mine"),
            "NoSuchEntity: The Account Alias with name mine cannot be found.");
  EXPECT_EQ(erase(IamFixture::root(), "mine"), "ok");
  EXPECT_EQ(erase(IamFixture::root(), "mine"),
            "NoSuchEntity: The Account Alias with name mine cannot be found.");
  EXPECT_TRUE(world.call(ListAccountAliasesRequest{})->account_aliases.empty());
}

TEST(AccountSummary, HasTheRecordedKeys) {
  IamFixture world;

  const auto map = summary(world);

  EXPECT_EQ(map.size(), 34U);
  EXPECT_EQ(map.at("UsersQuota"), 5000);
  EXPECT_EQ(map.at("GroupsQuota"), 300);
  EXPECT_EQ(map.at("AssumeRolePolicySizeQuota"), 2048);
  EXPECT_EQ(map.at("PolicySizeQuota"), 6144);
  EXPECT_EQ(map.at("VersionsPerPolicyQuota"), 5);
  EXPECT_EQ(map.at("GlobalEndpointTokenVersion"), 1);
  EXPECT_EQ(map.at("Users"), 0);
  EXPECT_EQ(map.at("AccountMFAEnabled"), 0);
}

TEST(AccountSummary, CountsWhatTheAccountHas) {
  IamFixture world;
  populate(world);
  ASSERT_EQ(outcome(world.call(CreateVirtualMFADeviceRequest{.virtual_mfa_device_name = "d"})),
            "ok");
  ASSERT_EQ(outcome(world.call(CreateAccessKeyRequest{})), "ok");
  ASSERT_EQ(
      outcome(world.call(CreateOpenIDConnectProviderRequest{.url = "https://token.example.com"})),
      "ok");

  const auto map = summary(world);

  EXPECT_EQ(map.at("Providers"), 1);
  EXPECT_EQ(map.at("Users"), 2);
  EXPECT_EQ(map.at("Groups"), 1);
  EXPECT_EQ(map.at("Roles"), 1);
  EXPECT_EQ(map.at("Policies"), 1);
  EXPECT_EQ(map.at("PolicyVersionsInUse"), 1);
  EXPECT_EQ(map.at("InstanceProfiles"), 1);
  EXPECT_EQ(map.at("MFADevices"), 1);
  EXPECT_EQ(map.at("MFADevicesInUse"), 0);
  EXPECT_EQ(map.at("AccountAccessKeysPresent"), 1);
}

TEST(SecurityTokenServicePreferences, ShowInTheSummary) {
  IamFixture world;
  const auto set = [&](const char* version) {
    return outcome(world.call(
        SetSecurityTokenServicePreferencesRequest{.global_endpoint_token_version = version}));
  };

  EXPECT_EQ(set("v2Token"), "ok");
  EXPECT_EQ(summary(world).at("GlobalEndpointTokenVersion"), 2);
  EXPECT_EQ(set("v1Token"), "ok");
  EXPECT_EQ(summary(world).at("GlobalEndpointTokenVersion"), 1);
}

TEST(AuthorizationDetails, ShowEmptyListsWhereAwsDoes) {
  IamFixture world;
  populate(world);

  const auto all = world.call(GetAccountAuthorizationDetailsRequest{});

  ASSERT_EQ(outcome(all), "ok");
  EXPECT_FALSE(*all->is_truncated);
  ASSERT_EQ(all->user_detail_list->size(), 2U);
  const UserDetail& alice = all->user_detail_list->at(0);
  EXPECT_EQ(alice.user_name, "Alice");
  EXPECT_FALSE(alice.user_policy_list);
  EXPECT_TRUE(alice.group_list->empty());
  EXPECT_TRUE(alice.attached_managed_policies->empty());
  EXPECT_TRUE(alice.tags->empty());
  EXPECT_FALSE(alice.permissions_boundary);
  const UserDetail& bob = all->user_detail_list->at(1);
  EXPECT_EQ(bob.user_policy_list->at(0).policy_document, kAllowAll);
  EXPECT_EQ(bob.group_list->at(0), "g");
  EXPECT_EQ(bob.attached_managed_policies->at(0).policy_name, "p");
  EXPECT_EQ(bob.tags->at(0).key, "k");
  const GroupDetail& group = all->group_detail_list->at(0);
  EXPECT_TRUE(group.group_policy_list->empty());
  EXPECT_TRUE(group.attached_managed_policies->empty());
}

TEST(AuthorizationDetails, ShowRolesAndPoliciesWithTheirDocuments) {
  IamFixture world;
  populate(world);

  const auto all = world.call(GetAccountAuthorizationDetailsRequest{});

  const RoleDetail& role = all->role_detail_list->at(0);
  EXPECT_EQ(role.assume_role_policy_document, kTrustEc2);
  EXPECT_EQ(role.instance_profile_list->at(0).instance_profile_name, "ip");
  EXPECT_TRUE(role.role_policy_list->empty());
  EXPECT_EQ(role.attached_managed_policies->at(0).policy_arn, IamFixture::kReadOnly);
  EXPECT_TRUE(role.tags->empty());
  ASSERT_TRUE(role.role_last_used);
  EXPECT_FALSE(role.role_last_used->last_used_date);
  ASSERT_EQ(all->policies->size(), 2U);
  EXPECT_EQ(all->policies->at(0).policy_name, "p");
  EXPECT_EQ(all->policies->at(0).policy_version_list->at(0).document, kAllowAll);
  EXPECT_EQ(all->policies->at(0).attachment_count, 1);
  EXPECT_EQ(all->policies->at(1).arn, IamFixture::kReadOnly);
}

TEST(AuthorizationDetails, AreFilteredByKind) {
  IamFixture world;
  populate(world);
  const auto sizes = [&](std::vector<std::string> filter) {
    const auto some =
        world.call(GetAccountAuthorizationDetailsRequest{.filter = std::move(filter)});
    return concat(std::to_string(some->user_detail_list->size()),
                  std::to_string(some->group_detail_list->size()),
                  std::to_string(some->role_detail_list->size()),
                  std::to_string(some->policies->size()));
  };

  EXPECT_EQ(sizes({}), "2112");
  EXPECT_EQ(sizes({"User"}), "2000");
  EXPECT_EQ(sizes({"Group", "Role"}), "0110");
  EXPECT_EQ(sizes({"LocalManagedPolicy"}), "0001");
  EXPECT_EQ(sizes({"AWSManagedPolicy"}), "0001");
}

TEST(AuthorizationDetails, PageAcrossAllKindsWithOneMarker) {
  IamFixture world;
  populate(world);
  std::string seen;
  GetAccountAuthorizationDetailsRequest request{.max_items = 1};
  for (int calls = 0; calls < 10; ++calls) {
    const auto page = world.call(request);
    ASSERT_EQ(outcome(page), "ok");
    for (const UserDetail& user : *page->user_detail_list) {
      seen += *user.user_name + " ";
    }
    for (const GroupDetail& group : *page->group_detail_list) {
      seen += *group.group_name + " ";
    }
    for (const RoleDetail& role : *page->role_detail_list) {
      seen += *role.role_name + " ";
    }
    for (const ManagedPolicyDetail& policy : *page->policies) {
      seen += *policy.policy_name + " ";
    }
    if (!*page->is_truncated) {
      break;
    }
    request.marker = page->marker;
  }

  EXPECT_EQ(seen, "Alice bob g r p IAMReadOnlyAccess ");
  request.filter = {"User"};
  EXPECT_EQ(outcome(world.call(request)), "ValidationError: Invalid Marker.");
}

TEST(AuthorizationDetails, OfAnotherAccountAreNotShown) {
  IamFixture world;
  populate(world);

  const auto other =
      world.call(IamFixture::root(IamFixture::kOther), GetAccountAuthorizationDetailsRequest{});

  EXPECT_TRUE(other->user_detail_list->empty());
  EXPECT_TRUE(other->group_detail_list->empty());
  EXPECT_TRUE(other->role_detail_list->empty());
  EXPECT_TRUE(other->policies->empty());
}

}  // namespace signet::iam
