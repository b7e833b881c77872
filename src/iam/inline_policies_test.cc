#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

// A valid document whose counted size is `size`.
std::string document_of_size(std::size_t size) {
  std::string text =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::"}]})";
  const std::string place = R"("}]})";
  text.insert(text.size() - place.size(), std::string(size - text.size(), 'b'));
  return text;
}

}  // namespace

TEST(InlinePolicies, KeepTheTextAsItWasGiven) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");
  world.make_role("r");
  const std::string text =
      "{ \"Statement\" : [ {\n\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"} ],"
      " \"Version\":\"2012-10-17\" }";

  EXPECT_EQ(outcome(world.call(PutUserPolicyRequest{
                .user_name = "bob", .policy_name = "p", .policy_document = text})),
            "ok");
  EXPECT_EQ(outcome(world.call(PutGroupPolicyRequest{
                .group_name = "g", .policy_name = "p", .policy_document = text})),
            "ok");
  EXPECT_EQ(outcome(world.call(PutRolePolicyRequest{
                .role_name = "r", .policy_name = "p", .policy_document = text})),
            "ok");
  const auto got = world.call(GetUserPolicyRequest{.user_name = "bob", .policy_name = "p"});
  EXPECT_EQ(got->policy_document, text);
  EXPECT_EQ(got->user_name, "bob");
  EXPECT_EQ(got->policy_name, "p");
  EXPECT_EQ(
      world.call(GetGroupPolicyRequest{.group_name = "g", .policy_name = "p"})->policy_document,
      text);
  EXPECT_EQ(world.call(GetRolePolicyRequest{.role_name = "r", .policy_name = "p"})->policy_document,
            text);
}

TEST(InlinePolicies, AreReplacedByPutAndListedByName) {
  IamFixture world;
  world.make_user("bob");
  for (const char* name : {"b", "c", "a", "b"}) {
    EXPECT_EQ(
        outcome(world.call(PutUserPolicyRequest{
            .user_name = "bob", .policy_name = name, .policy_document = std::string(kAllowAll)})),
        "ok");
  }

  const auto list = world.call(ListUserPoliciesRequest{.user_name = "bob"});
  const auto first = world.call(ListUserPoliciesRequest{.user_name = "bob", .max_items = 2});
  const auto rest =
      world.call(ListUserPoliciesRequest{.user_name = "bob", .marker = first->marker});

  EXPECT_EQ(list->policy_names, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(first->policy_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(rest->policy_names, (std::vector<std::string>{"c"}));
  world.make_user("eve");
  EXPECT_EQ(
      outcome(world.call(ListUserPoliciesRequest{.user_name = "eve", .marker = first->marker})),
      "ValidationError: Invalid Marker.");
}

TEST(InlinePolicies, AreValidatedAtWrite) {
  IamFixture world;
  world.make_user("bob");
  const auto with = [&](std::string text) {
    return outcome(world.call(PutUserPolicyRequest{
        .user_name = "bob", .policy_name = "p", .policy_document = std::move(text)}));
  };

  EXPECT_EQ(with("{"), "MalformedPolicyDocument: Syntax errors in policy.");
  EXPECT_EQ(with(R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"),
            "MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater.");
  EXPECT_EQ(with(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]})"),
            "MalformedPolicyDocument: Policy statement must contain resources.");
  EXPECT_EQ(world.call(ListUserPoliciesRequest{.user_name = "bob"})->policy_names.size(), 0U);
}

TEST(InlinePolicies, HaveAQuotaOnTheirSum) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");
  world.make_role("r");
  const auto user = [&](const char* name, std::size_t size) {
    return outcome(world.call(PutUserPolicyRequest{
        .user_name = "bob", .policy_name = name, .policy_document = document_of_size(size)}));
  };

  EXPECT_EQ(user("a", 1024), "ok");
  EXPECT_EQ(user("b", 1024), "ok");
  EXPECT_EQ(user("b", 1025),
            "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user bob");
  EXPECT_EQ(user("c", 200),
            "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user bob");
  EXPECT_EQ(outcome(world.call(PutGroupPolicyRequest{
                .group_name = "g", .policy_name = "p", .policy_document = document_of_size(5121)})),
            "LimitExceeded: Maximum policy size of 5120 bytes exceeded for group g");
  EXPECT_EQ(outcome(world.call(PutRolePolicyRequest{
                .role_name = "r", .policy_name = "p", .policy_document = document_of_size(10241)})),
            "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role r");
  EXPECT_EQ(outcome(world.call(PutRolePolicyRequest{
                .role_name = "r", .policy_name = "p", .policy_document = document_of_size(10240)})),
            "ok");
}

TEST(InlinePolicies, DoNotCountWhiteSpaceOutsideStrings) {
  IamFixture world;
  world.make_user("bob");
  const std::string text = std::string(3000, ' ') + std::string(kAllowAll);

  EXPECT_EQ(outcome(world.call(PutUserPolicyRequest{
                .user_name = "bob", .policy_name = "p", .policy_document = text})),
            "ok");
}

TEST(InlinePolicies, ThatDoNotExistAreNamedByTheirKind) {
  IamFixture world;
  world.make_user("bob");
  world.make_group("g");
  world.make_role("r");

  EXPECT_EQ(outcome(world.call(GetUserPolicyRequest{.user_name = "bob", .policy_name = "p"})),
            "NoSuchEntity: The user policy with name p cannot be found.");
  EXPECT_EQ(outcome(world.call(DeleteUserPolicyRequest{.user_name = "bob", .policy_name = "p"})),
            "NoSuchEntity: The user policy with name p cannot be found.");
  EXPECT_EQ(outcome(world.call(GetGroupPolicyRequest{.group_name = "g", .policy_name = "p"})),
            "NoSuchEntity: The group policy with name p cannot be found.");
  EXPECT_EQ(outcome(world.call(DeleteGroupPolicyRequest{.group_name = "g", .policy_name = "p"})),
            "NoSuchEntity: The group policy with name p cannot be found.");
  EXPECT_EQ(outcome(world.call(GetRolePolicyRequest{.role_name = "r", .policy_name = "p"})),
            "NoSuchEntity: The role policy with name p cannot be found.");
  EXPECT_EQ(outcome(world.call(DeleteRolePolicyRequest{.role_name = "r", .policy_name = "p"})),
            "NoSuchEntity: The role policy with name p cannot be found.");
}

TEST(InlinePolicies, NeedTheirOwner) {
  IamFixture world;
  const std::string document(kAllowAll);

  EXPECT_EQ(outcome(world.call(PutUserPolicyRequest{
                .user_name = "n", .policy_name = "p", .policy_document = document})),
            "NoSuchEntity: The user with name n cannot be found.");
  EXPECT_EQ(outcome(world.call(PutGroupPolicyRequest{
                .group_name = "n", .policy_name = "p", .policy_document = document})),
            "NoSuchEntity: The group with name n cannot be found.");
  EXPECT_EQ(outcome(world.call(PutRolePolicyRequest{
                .role_name = "n", .policy_name = "p", .policy_document = document})),
            "NoSuchEntity: The role with name n cannot be found.");
  EXPECT_EQ(outcome(world.call(GetUserPolicyRequest{.user_name = "n", .policy_name = "p"})),
            "NoSuchEntity: The user with name n cannot be found.");
  EXPECT_EQ(outcome(world.call(ListGroupPoliciesRequest{.group_name = "n"})),
            "NoSuchEntity: The group with name n cannot be found.");
  EXPECT_EQ(outcome(world.call(ListRolePoliciesRequest{.role_name = "n"})),
            "NoSuchEntity: The role with name n cannot be found.");
  EXPECT_EQ(outcome(world.call(DeleteRolePolicyRequest{.role_name = "n", .policy_name = "p"})),
            "NoSuchEntity: The role with name n cannot be found.");
}

}  // namespace signet::iam
