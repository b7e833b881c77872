#include "iam/checks.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

constexpr std::string_view kDenyAll = R"({"Version":"2012-10-17","Statement":[)"
                                      R"({"Effect":"Allow","Action":"*","Resource":"*"},)"
                                      R"({"Effect":"Deny","Action":"iam:*","Resource":"*"}]})";

constexpr std::string_view kPolicyArn = "arn:aws:iam::111122223333:policy/p";

// Calls one of every operation, each in a form that root may make in IamFixture.
template <class Visit>
void visit_operations(const Visit& visit) {
  const std::string arn(kPolicyArn);
  const std::string document(kAllowAll);
  visit(CreateUserRequest{.user_name = "new"});
  visit(GetUserRequest{.user_name = "bob"});
  visit(GetUserRequest{});
  visit(ListUsersRequest{});
  visit(UpdateUserRequest{.user_name = "bob", .new_user_name = "rob"});
  visit(DeleteUserRequest{.user_name = "bob"});
  visit(TagUserRequest{.user_name = "bob", .tags = {{"a", "b"}}});
  visit(UntagUserRequest{.user_name = "bob", .tag_keys = {"a"}});
  visit(ListUserTagsRequest{.user_name = "bob"});
  visit(PutUserPermissionsBoundaryRequest{.user_name = "bob", .permissions_boundary = arn});
  visit(DeleteUserPermissionsBoundaryRequest{.user_name = "bob"});
  visit(CreateGroupRequest{.group_name = "new"});
  visit(GetGroupRequest{.group_name = "g"});
  visit(ListGroupsRequest{});
  visit(ListGroupsForUserRequest{.user_name = "bob"});
  visit(UpdateGroupRequest{.group_name = "g", .new_path = "/x/"});
  visit(DeleteGroupRequest{.group_name = "g"});
  visit(AddUserToGroupRequest{.group_name = "g", .user_name = "bob"});
  visit(RemoveUserFromGroupRequest{.group_name = "g", .user_name = "bob"});
  visit(
      CreateRoleRequest{.role_name = "new", .assume_role_policy_document = std::string(kTrustEc2)});
  visit(GetRoleRequest{.role_name = "r"});
  visit(ListRolesRequest{});
  visit(UpdateRoleRequest{.role_name = "r"});
  visit(UpdateRoleDescriptionRequest{.role_name = "r", .description = "x"});
  visit(UpdateAssumeRolePolicyRequest{.role_name = "r", .policy_document = std::string(kTrustEc2)});
  visit(DeleteRoleRequest{.role_name = "r"});
  visit(TagRoleRequest{.role_name = "r", .tags = {{"a", "b"}}});
  visit(UntagRoleRequest{.role_name = "r", .tag_keys = {"a"}});
  visit(ListRoleTagsRequest{.role_name = "r"});
  visit(PutRolePermissionsBoundaryRequest{.role_name = "r", .permissions_boundary = arn});
  visit(DeleteRolePermissionsBoundaryRequest{.role_name = "r"});
  visit(PutUserPolicyRequest{.user_name = "bob", .policy_name = "x", .policy_document = document});
  visit(GetUserPolicyRequest{.user_name = "bob", .policy_name = "x"});
  visit(ListUserPoliciesRequest{.user_name = "bob"});
  visit(DeleteUserPolicyRequest{.user_name = "bob", .policy_name = "x"});
  visit(PutGroupPolicyRequest{.group_name = "g", .policy_name = "x", .policy_document = document});
  visit(GetGroupPolicyRequest{.group_name = "g", .policy_name = "x"});
  visit(ListGroupPoliciesRequest{.group_name = "g"});
  visit(DeleteGroupPolicyRequest{.group_name = "g", .policy_name = "x"});
  visit(PutRolePolicyRequest{.role_name = "r", .policy_name = "x", .policy_document = document});
  visit(GetRolePolicyRequest{.role_name = "r", .policy_name = "x"});
  visit(ListRolePoliciesRequest{.role_name = "r"});
  visit(DeleteRolePolicyRequest{.role_name = "r", .policy_name = "x"});
  visit(AttachUserPolicyRequest{.user_name = "bob", .policy_arn = arn});
  visit(DetachUserPolicyRequest{.user_name = "bob", .policy_arn = arn});
  visit(ListAttachedUserPoliciesRequest{.user_name = "bob"});
  visit(AttachGroupPolicyRequest{.group_name = "g", .policy_arn = arn});
  visit(DetachGroupPolicyRequest{.group_name = "g", .policy_arn = arn});
  visit(ListAttachedGroupPoliciesRequest{.group_name = "g"});
  visit(AttachRolePolicyRequest{.role_name = "r", .policy_arn = arn});
  visit(DetachRolePolicyRequest{.role_name = "r", .policy_arn = arn});
  visit(ListAttachedRolePoliciesRequest{.role_name = "r"});
  visit(CreatePolicyRequest{.policy_name = "new", .policy_document = document});
  visit(GetPolicyRequest{.policy_arn = arn});
  visit(ListPoliciesRequest{});
  visit(CreatePolicyVersionRequest{.policy_arn = arn, .policy_document = document});
  visit(GetPolicyVersionRequest{.policy_arn = arn, .version_id = "v1"});
  visit(ListPolicyVersionsRequest{.policy_arn = arn});
  visit(SetDefaultPolicyVersionRequest{.policy_arn = arn, .version_id = "v1"});
  visit(DeletePolicyVersionRequest{.policy_arn = arn, .version_id = "v1"});
  visit(DeletePolicyRequest{.policy_arn = arn});
  visit(ListEntitiesForPolicyRequest{.policy_arn = arn});
  visit(TagPolicyRequest{.policy_arn = arn, .tags = {{"a", "b"}}});
  visit(UntagPolicyRequest{.policy_arn = arn, .tag_keys = {"a"}});
  visit(ListPolicyTagsRequest{.policy_arn = arn});
  visit(CreateAccessKeyRequest{.user_name = "bob"});
  visit(ListAccessKeysRequest{.user_name = "bob"});
  visit(UpdateAccessKeyRequest{
      .user_name = "bob", .access_key_id = "AKIAIOSFODNN7EXAMPLE", .status = "Active"});
  visit(DeleteAccessKeyRequest{.user_name = "bob", .access_key_id = "AKIAIOSFODNN7EXAMPLE"});
  visit(GetAccessKeyLastUsedRequest{.access_key_id = "AKIAIOSFODNN7EXAMPLE"});
}

template <class Request>
std::string name_of(const Request&) {
  return std::string(facts::operation_row(kOperationOf<Request>).name);
}

const authz::ContextEntry* find_key(const api::Check& check, std::string_view key) {
  for (const authz::ContextEntry& entry : check.context) {
    if (entry.key == key) {
      return &entry;
    }
  }
  return nullptr;
}

class Checks : public ::testing::Test {
 protected:
  Checks() {
    world_.make_user("bob");
    world_.make_group("g");
    world_.make_role("r");
    arn_ = world_.make_policy("p");
  }

  template <class Request>
  api::CheckList of(const Request& request) {
    auto list = world_.checks_of(IamFixture::root(), request);
    EXPECT_EQ(outcome(list), "ok");
    return list.value_or(api::CheckList{});
  }

  IamFixture world_;
  std::string arn_;
};

}  // namespace

TEST_F(Checks, AskForTheActionOfTheirName) {
  std::size_t visited = 0;
  visit_operations([&](const auto& request) {
    const api::CheckList list = of(request);
    ASSERT_FALSE(list.empty()) << name_of(request);
    EXPECT_EQ(list.front().action, concat("iam:", name_of(request)));
    for (const api::Check& check : list) {
      EXPECT_EQ(check.grant, authz::Grant::ByPolicies) << check.action;
      EXPECT_FALSE(check.wording.resource.empty()) << check.action;
    }
    visited += 1;
  });
  EXPECT_EQ(visited, 70U);
}

TEST_F(Checks, RefuseAUserWithoutPolicy) {
  world_.make_user("eve");
  visit_operations([&](const auto& request) {
    EXPECT_EQ(outcome(world_.call(world_.user("eve"), request)).substr(0, 13), "AccessDenied:")
        << name_of(request);
  });
}

TEST_F(Checks, RefuseAnExplicitDeny) {
  const model::Caller eve = world_.make_caller("eve", kDenyAll);
  visit_operations([&](const auto& request) {
    const std::string told = outcome(world_.call(eve, request));
    EXPECT_EQ(told.substr(0, 13), "AccessDenied:") << name_of(request);
  });
}

TEST_F(Checks, RefuseARoleWithoutPolicyAndTheAnonymous) {
  const model::Caller session = world_.session("r");
  visit_operations([&](const auto& request) {
    const std::string told = outcome(world_.call(session, request));
    EXPECT_TRUE(told.starts_with("AccessDenied:") || told.starts_with("ValidationError: Must "))
        << name_of(request) << told;
    EXPECT_NE(outcome(world_.call(model::Caller{}, request)), "ok") << name_of(request);
  });
}

TEST_F(Checks, NameExistingEntitiesByKindAndName) {
  EXPECT_EQ(of(GetUserRequest{.user_name = "BOB"})[0].wording.resource, "user BOB");
  EXPECT_EQ(of(GetUserRequest{.user_name = "BOB"})[0].resource,
            "arn:aws:iam::111122223333:user/bob");
  EXPECT_EQ(of(GetUserRequest{.user_name = "none"})[0].resource,
            "arn:aws:iam::111122223333:user/none");
  EXPECT_EQ(of(AddUserToGroupRequest{.group_name = "g", .user_name = "bob"})[0].wording.resource,
            "group g");
  EXPECT_EQ(of(GetRoleRequest{.role_name = "r"})[0].wording.resource, "role r");
  EXPECT_EQ(of(GetPolicyRequest{.policy_arn = arn_})[0].wording.resource, concat("policy ", arn_));
  EXPECT_EQ(of(GetUserRequest{})[0].resource, "arn:aws:iam::111122223333:root");
}

TEST_F(Checks, NameCreationsAndListsByArn) {
  EXPECT_EQ(of(CreateUserRequest{.path = "/a/", .user_name = "n"})[0].wording.resource,
            "arn:aws:iam::111122223333:user/a/n");
  EXPECT_EQ(of(CreateGroupRequest{.group_name = "n"})[0].wording.resource,
            "arn:aws:iam::111122223333:group/n");
  EXPECT_EQ(of(CreateRoleRequest{.role_name = "n"})[0].wording.resource,
            "arn:aws:iam::111122223333:role/n");
  EXPECT_EQ(of(CreatePolicyRequest{.policy_name = "n"})[0].wording.resource, "policy n");
  EXPECT_EQ(of(CreatePolicyRequest{.policy_name = "n"})[0].resource,
            "arn:aws:iam::111122223333:policy/n");
  EXPECT_EQ(of(ListUsersRequest{})[0].wording.resource, "arn:aws:iam::111122223333:user/");
  EXPECT_EQ(of(ListUsersRequest{.path_prefix = "/a/"})[0].resource,
            "arn:aws:iam::111122223333:user/a/");
  EXPECT_EQ(of(ListPoliciesRequest{})[0].wording.resource, "policy path /");
  EXPECT_TRUE(of(ListPoliciesRequest{})[0].wildcard_only);
}

TEST_F(Checks, MovingNeedsBothEnds) {
  const api::CheckList list =
      of(UpdateUserRequest{.user_name = "bob", .new_path = "/x/", .new_user_name = "rob"});

  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].resource, "arn:aws:iam::111122223333:user/bob");
  EXPECT_EQ(list[1].resource, "arn:aws:iam::111122223333:user/x/rob");
  EXPECT_EQ(of(UpdateUserRequest{.user_name = "bob"}).size(), 1U);
}

// Otherwise a policy that denies moving bob there would be passed by whoever writes BOB.
TEST_F(Checks, MovingAsksForTheNameThatIsKeptHoweverItIsSpelled) {
  EXPECT_EQ(of(UpdateUserRequest{.user_name = "BOB", .new_path = "/x/"})[1].resource,
            "arn:aws:iam::111122223333:user/x/bob");
  EXPECT_EQ(of(UpdateGroupRequest{.group_name = "G", .new_path = "/x/"})[1].resource,
            "arn:aws:iam::111122223333:group/x/g");
  EXPECT_EQ(of(UpdateUserRequest{.user_name = "None", .new_path = "/x/"})[1].resource,
            "arn:aws:iam::111122223333:user/x/None");
}

TEST_F(Checks, CreatingWithTagsNeedsThePermissionToTag) {
  const api::CheckList list = of(CreateUserRequest{.user_name = "n", .tags = {{"k", "v"}}});

  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].action, "iam:TagUser");
  for (const api::Check& check : list) {
    EXPECT_TRUE(check.creates_resource);
    EXPECT_EQ(check.request_tags, (std::vector<model::Tag>{{"k", "v"}}));
  }
  EXPECT_EQ(of(CreateRoleRequest{.role_name = "n", .tags = {{"k", "v"}}})[1].action, "iam:TagRole");
  EXPECT_EQ(of(CreatePolicyRequest{.policy_name = "n", .tags = {{"k", "v"}}})[1].action,
            "iam:TagPolicy");
  EXPECT_EQ(of(CreateUserRequest{.user_name = "n"}).size(), 1U);
}

TEST_F(Checks, CarryTagsOfTheEntityAndOfTheRequest) {
  (void)world_.call(TagUserRequest{.user_name = "bob", .tags = {{"team", "red"}}});

  const api::CheckList tag = of(TagUserRequest{.user_name = "bob", .tags = {{"k", "v"}}});
  ASSERT_NE(tag[0].resource_tags, nullptr);
  EXPECT_EQ(*tag[0].resource_tags, (std::vector<model::Tag>{{"team", "red"}}));
  EXPECT_EQ(tag[0].request_tags, (std::vector<model::Tag>{{"k", "v"}}));
  const api::CheckList untag = of(UntagUserRequest{.user_name = "bob", .tag_keys = {"a", "b"}});
  const authz::ContextEntry* keys = find_key(untag[0], "aws:TagKeys");
  ASSERT_NE(keys, nullptr);
  EXPECT_TRUE(keys->is_list);
  EXPECT_EQ(keys->values, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(untag[0].request_tags.empty());
}

TEST_F(Checks, CarryThePolicyThatIsAttached) {
  const api::Check check = of(AttachRolePolicyRequest{.role_name = "r", .policy_arn = arn_})[0];

  ASSERT_NE(find_key(check, "iam:PolicyARN"), nullptr);
  EXPECT_EQ(find_key(check, "iam:PolicyARN")->values.at(0), arn_);
  EXPECT_EQ(find_key(check, "iam:PermissionsBoundary"), nullptr);
}

TEST_F(Checks, CarryTheBoundaryThatCounts) {
  const std::string asked(IamFixture::kReadOnly);
  (void)world_.call(
      PutRolePermissionsBoundaryRequest{.role_name = "r", .permissions_boundary = arn_});
  const auto boundary = [&](const api::CheckList& list) {
    const authz::ContextEntry* entry = find_key(list[0], "iam:PermissionsBoundary");
    return entry != nullptr ? entry->values.at(0) : std::string();
  };

  EXPECT_EQ(boundary(of(AttachRolePolicyRequest{.role_name = "r", .policy_arn = arn_})), arn_);
  EXPECT_EQ(boundary(of(PutRolePolicyRequest{.role_name = "r"})), arn_);
  EXPECT_EQ(boundary(of(DeleteRolePermissionsBoundaryRequest{.role_name = "r"})), arn_);
  EXPECT_EQ(boundary(of(PutRolePermissionsBoundaryRequest{.role_name = "r",
                                                          .permissions_boundary = asked})),
            asked);
  EXPECT_EQ(boundary(of(CreateRoleRequest{.role_name = "n", .permissions_boundary = asked})),
            asked);
  EXPECT_EQ(boundary(of(CreateRoleRequest{.role_name = "n"})), "");
  EXPECT_EQ(boundary(of(PutUserPolicyRequest{.user_name = "bob"})), "");
}

// The keys that the service authorization reference lists for the actions of IAM that act on what
// is there already (read 2026-11-29); CreateUser and CreateRole carry the boundary that is asked
// for (CarryTheBoundaryThatCounts).
TEST_F(Checks, CarryTheKeysThatTheReferenceNamesAndNoOthers) {
  (void)world_.call(
      PutRolePermissionsBoundaryRequest{.role_name = "r", .permissions_boundary = arn_});
  (void)world_.call(
      PutUserPermissionsBoundaryRequest{.user_name = "bob", .permissions_boundary = arn_});
  const std::vector<std::string_view> bounded{"AttachRolePolicy",
                                              "AttachUserPolicy",
                                              "DeleteRole",
                                              "DeleteRolePermissionsBoundary",
                                              "DeleteRolePolicy",
                                              "DeleteUserPermissionsBoundary",
                                              "DeleteUserPolicy",
                                              "DetachRolePolicy",
                                              "DetachUserPolicy",
                                              "GetRole",
                                              "PutRolePermissionsBoundary",
                                              "PutRolePolicy",
                                              "PutUserPermissionsBoundary",
                                              "PutUserPolicy",
                                              "UpdateAssumeRolePolicy",
                                              "UpdateRole",
                                              "UpdateRoleDescription"};
  const std::vector<std::string_view> attaching{"AttachGroupPolicy",
                                                "AttachRolePolicy",
                                                "AttachUserPolicy",
                                                "DetachGroupPolicy",
                                                "DetachRolePolicy",
                                                "DetachUserPolicy"};
  const std::vector<std::string_view> tagging{
      "TagPolicy", "TagRole", "TagUser", "UntagPolicy", "UntagRole", "UntagUser"};
  const auto expect_key = [](const api::Check& check, std::string_view key, const auto& actions) {
    const std::string_view action = std::string_view(check.action).substr(4);
    const bool is_named = std::find(actions.begin(), actions.end(), action) != actions.end();
    EXPECT_EQ(find_key(check, key) != nullptr, is_named) << action << " " << key;
  };

  visit_operations([&](const auto& request) {
    const api::Check check = of(request)[0];
    expect_key(check, "iam:PermissionsBoundary", bounded);
    expect_key(check, "iam:PolicyARN", attaching);
    expect_key(check, "iam:PassedToService", std::vector<std::string_view>{});
    const bool passes_tags =
        !check.request_tags.empty() || find_key(check, "aws:TagKeys") != nullptr;
    const std::string_view action = std::string_view(check.action).substr(4);
    EXPECT_EQ(passes_tags, std::find(tagging.begin(), tagging.end(), action) != tagging.end())
        << action;
  });
}

TEST_F(Checks, ABoundaryConditionDecidesAboutTheRoleItself) {
  (void)world_.call(
      PutRolePermissionsBoundaryRequest{.role_name = "r", .permissions_boundary = arn_});
  world_.make_role("free");
  const model::Caller delegate = world_.make_caller(
      "delegate",
      concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*",)",
             R"("Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":")",
             arn_,
             R"("}}}]})"));
  const auto told = [&](const auto& request) {
    return outcome(world_.call(delegate, request)).substr(0, 13);
  };
  const std::string trust(kTrustEc2);

  EXPECT_EQ(told(GetRoleRequest{.role_name = "r"}), "ok");
  EXPECT_EQ(told(UpdateRoleRequest{.role_name = "r"}), "ok");
  EXPECT_EQ(told(UpdateRoleDescriptionRequest{.role_name = "r", .description = "d"}), "ok");
  EXPECT_EQ(told(UpdateAssumeRolePolicyRequest{.role_name = "r", .policy_document = trust}), "ok");
  EXPECT_EQ(told(GetRoleRequest{.role_name = "free"}), "AccessDenied:");
  EXPECT_EQ(told(UpdateAssumeRolePolicyRequest{.role_name = "free", .policy_document = trust}),
            "AccessDenied:");
  EXPECT_EQ(told(DeleteRoleRequest{.role_name = "free"}), "AccessDenied:");
  EXPECT_EQ(told(DeleteRoleRequest{.role_name = "r"}), "ok");
}

TEST_F(Checks, SpeakAwssSentence) {
  world_.make_user("eve");

  EXPECT_EQ(outcome(world_.call(world_.user("eve"), GetUserRequest{.user_name = "bob"})),
            "AccessDenied: User: arn:aws:iam::111122223333:user/eve is not authorized to perform: "
            "iam:GetUser on resource: user bob because no identity-based policy allows the "
            "iam:GetUser action");
  EXPECT_EQ(outcome(world_.call(world_.user("eve"), GetUserRequest{.user_name = "nobody"})),
            "AccessDenied: User: arn:aws:iam::111122223333:user/eve is not authorized to perform: "
            "iam:GetUser on resource: user nobody because no identity-based policy allows the "
            "iam:GetUser action");
}

TEST_F(Checks, AccountsDoNotReachIntoOthers) {
  const model::Caller other = IamFixture::root(IamFixture::kOther);

  EXPECT_EQ(outcome(world_.call(other, GetPolicyRequest{.policy_arn = arn_})).substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(other, DeletePolicyRequest{.policy_arn = arn_})).substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(other, DeleteUserRequest{.user_name = "bob"})),
            "NoSuchEntity: The user with name bob cannot be found.");
  EXPECT_EQ(outcome(world_.call(other, DeleteRoleRequest{.role_name = "r"})),
            "NoSuchEntity: The role with name r cannot be found.");
  EXPECT_EQ(outcome(world_.call(other, DeleteGroupRequest{.group_name = "g"})),
            "NoSuchEntity: The group with name g cannot be found.");
  EXPECT_EQ(world_.call(other, ListUsersRequest{})->users.size(), 0U);
  EXPECT_EQ(world_.call(other, ListRolesRequest{})->roles.size(), 0U);
  EXPECT_EQ(world_.call(other, ListGroupsRequest{})->groups.size(), 0U);
}

TEST_F(Checks, PathsOfPoliciesRestrictWhoMayBeTouched) {
  const model::Caller limited = world_.make_caller(
      "limited",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*",)"
      R"("Resource":"arn:aws:iam::*:user/team/*"}]})");
  (void)world_.call(CreateUserRequest{.path = "/team/", .user_name = "tim"});

  EXPECT_EQ(outcome(world_.call(limited, GetUserRequest{.user_name = "tim"})), "ok");
  EXPECT_EQ(outcome(world_.call(limited, CreateUserRequest{.path = "/team/", .user_name = "tom"})),
            "ok");
  EXPECT_EQ(
      outcome(world_.call(limited, UpdateUserRequest{.user_name = "tim", .new_path = "/team/a/"})),
      "ok");
  EXPECT_EQ(outcome(world_.call(limited, GetUserRequest{.user_name = "bob"})).substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(limited, UpdateUserRequest{.user_name = "tim", .new_path = "/"}))
                .substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(limited, CreateUserRequest{.user_name = "x"})).substr(0, 13),
            "AccessDenied:");
}

TEST_F(Checks, ABoundaryConditionHoldsForCreatingAndChanging) {
  const model::Caller delegate = world_.make_caller(
      "delegate",
      concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":)"
             R"(["iam:CreateRole","iam:PutRolePolicy"],"Resource":"*","Condition":)"
             R"({"StringEquals":{"iam:PermissionsBoundary":")",
             arn_,
             R"("}}}]})"));
  CreateRoleRequest bare{.role_name = "n", .assume_role_policy_document = std::string(kTrustEc2)};
  CreateRoleRequest bounded = bare;
  bounded.permissions_boundary = arn_;

  EXPECT_EQ(outcome(world_.call(delegate, bare)).substr(0, 13), "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(delegate, bounded)), "ok");
  const auto put = [&](const char* role) {
    return outcome(world_.call(
        delegate,
        PutRolePolicyRequest{
            .role_name = role, .policy_name = "x", .policy_document = std::string(kAllowAll)}));
  };
  EXPECT_EQ(put("n"), "ok");
  EXPECT_EQ(put("r").substr(0, 13), "AccessDenied:");
}

}  // namespace signet::iam
