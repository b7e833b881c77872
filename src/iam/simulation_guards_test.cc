#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

constexpr std::string_view kDenyDelete =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:DeleteObject",)"
    R"("Resource":"*"}]})";
constexpr std::string_view kOwnBucketOnly =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",)"
    R"("Resource":"arn:aws:s3:::own/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]})";
constexpr std::string_view kScpArn =
    "arn:aws:organizations::444455556666:policy/o-example/service_control_policy/p-nodelete";

std::string allow(std::string_view actions) {
  return concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":")",
                actions,
                R"(","Resource":"*"}]})");
}

ContextEntry secure() {
  return {.context_key_name = "aws:SecureTransport",
          .context_key_values = {"true"},
          .context_key_type = "boolean"};
}

// What simulations take from organizations, and what they leave out.
class SimulatedPolicies : public testing::Test {
 protected:
  template <class Request>
  EvaluationResult one(const Request& request) {
    const auto answer = world_.call(request);
    if (!answer || answer->evaluation_results->size() != 1) {
      ADD_FAILURE() << outcome(answer);
      return {};
    }
    return answer->evaluation_results->front();
  }

  // The decision, and whether the organization allows.
  template <class Request>
  std::string decision(const Request& request) {
    const EvaluationResult result = one(request);
    const auto& detail = result.organizations_decision_detail;
    const bool is_told = detail && detail->allowed_by_organizations;
    return concat(result.eval_decision,
                  is_told ? (*detail->allowed_by_organizations ? " +org" : " -org") : "");
  }

  static SimulateCustomPolicyRequest custom(std::string action,
                                            const std::vector<std::vector<std::string>>& levels) {
    SimulateCustomPolicyRequest request{.policy_input_list = {std::string(kAllowAll)},
                                        .action_names = {std::move(action)},
                                        .resource_arns = {"arn:aws:s3:::own/k"}};
    for (const std::vector<std::string>& level : levels) {
      request.ordered_organization_policy_input_list.emplace_back()
          .service_control_policy_input_list = level;
    }
    return request;
  }

  // ann: inline s3, group inline sts, group attached sqs.
  void make_people() {
    world_.make_user("ann");
    world_.make_group("crew");
    call(AddUserToGroupRequest{.group_name = "crew", .user_name = "ann"});
    call(PutUserPolicyRequest{
        .user_name = "ann", .policy_name = "own", .policy_document = allow("s3:*")});
    call(PutGroupPolicyRequest{
        .group_name = "crew", .policy_name = "shared", .policy_document = allow("sts:*")});
    call(CreatePolicyRequest{.policy_name = "queue", .policy_document = allow("sqs:*")});
    call(AttachGroupPolicyRequest{.group_name = "crew", .policy_arn = policy_arn("queue")});
  }

  template <class Request>
  void call(const Request& request) {
    ASSERT_EQ(outcome(world_.call(request)), "ok");
  }

  static std::string policy_arn(std::string_view name) {
    return concat("arn:aws:iam::", IamFixture::kAccount, ":policy/", name);
  }

  static SimulatePrincipalPolicyRequest ann(std::string action) {
    return {.policy_source_arn = concat("arn:aws:iam::", IamFixture::kAccount, ":user/ann"),
            .action_names = {std::move(action)}};
  }

  // The decision for ann when one thing is left out.
  std::string without(std::string action, const PolicyIdentifier& excluded) {
    SimulatePrincipalPolicyRequest request = ann(std::move(action));
    request.policy_exclusion_list = {excluded};
    return decision(request);
  }

  static PolicyIdentifier type(std::string name) {
    PolicyIdentifier one;
    one.policy_type = std::move(name);
    return one;
  }

  static PolicyIdentifier arn(std::string text) {
    PolicyIdentifier one;
    one.policy_arn = std::move(text);
    return one;
  }

  static PolicyIdentifier inline_of(std::string kind, std::string owner, std::string name) {
    PolicyIdentifier one;
    one.inline_policy_identifier = InlinePolicyIdentifierType{.policy_name = std::move(name),
                                                              .attachment_type = std::move(kind),
                                                              .attachment_name = std::move(owner)};
    return one;
  }

  std::string refusal(const PolicyIdentifier& excluded) {
    SimulatePrincipalPolicyRequest request = ann("s3:GetObject");
    request.policy_exclusion_list = {excluded};
    return outcome(world_.call(request));
  }

  // The account's organization: full access at the root, deletion denied below.
  void join_organization() {
    world_.write([](identity::Transaction& transaction) {
      identity::OrgPolicies organization;
      organization.account = IamFixture::kAccount;
      organization.organization_id = "o-example";
      organization.scps = {
          {.policies = {{.name = "FullAWSAccess",
                         .document = identity::make_document(std::string(kAllowAll))}}},
          {.policies = {{.name = "FullAWSAccess",
                         .document = identity::make_document(std::string(kAllowAll))},
                        {.name = std::string(kScpArn),
                         .document = identity::make_document(std::string(kDenyDelete))}}}};
      transaction.put(std::move(organization));
    });
  }

  IamFixture world_;
};

TEST_F(SimulatedPolicies, EveryLevelOfAnOrganizationMustAllow) {
  const std::string all(kAllowAll);

  EXPECT_EQ(decision(custom("s3:GetObject", {})), "allowed");
  EXPECT_EQ(decision(custom("s3:GetObject", {{all}})), "allowed +org");
  EXPECT_EQ(decision(custom("s3:GetObject", {{all}, {all, std::string(kDenyDelete)}})),
            "allowed +org");
  EXPECT_EQ(decision(custom("s3:DeleteObject", {{all}, {all, std::string(kDenyDelete)}})),
            "explicitDeny -org");
  EXPECT_EQ(decision(custom("s3:GetObject", {{all}, {allow("iam:*")}, {all}})),
            "implicitDeny -org");
  EXPECT_EQ(decision(custom("s3:GetObject", {{all}, {}})), "implicitDeny -org");
}

TEST_F(SimulatedPolicies, AnOrganizationsConditionsAndResourcesCount) {
  SimulateCustomPolicyRequest request = custom("s3:GetObject", {{std::string(kOwnBucketOnly)}});
  EXPECT_EQ(decision(request), "implicitDeny -org");
  EXPECT_EQ(*one(request).missing_context_values, std::vector<std::string>{"aws:SecureTransport"});

  request.context_entries = {secure()};
  EXPECT_EQ(decision(request), "allowed +org");
  request.resource_arns = {"arn:aws:s3:::other/k"};
  EXPECT_EQ(decision(request), "implicitDeny -org");
}

TEST_F(SimulatedPolicies, WhatIsNoServiceControlPolicyIsRefused) {
  const std::string refused =
      outcome(world_.call(custom("s3:GetObject", {{std::string(kAllowAll)}, {"{}"}})));

  EXPECT_TRUE(
      refused.starts_with("InvalidInput: Invalid policy OrderedOrganizationPolicyInputList.2.1: "))
      << refused;
}

TEST_F(SimulatedPolicies, KindsOfPoliciesAreLeftOut) {
  make_people();

  EXPECT_EQ(decision(ann("s3:GetObject")), "allowed");
  EXPECT_EQ(without("s3:GetObject", type("inline")), "implicitDeny");
  EXPECT_EQ(without("sts:AssumeRole", type("inline")), "implicitDeny");
  EXPECT_EQ(without("sqs:SendMessage", type("inline")), "allowed");
  EXPECT_EQ(without("sqs:SendMessage", type("user-managed")), "implicitDeny");
  EXPECT_EQ(without("sqs:SendMessage", type("aws-managed")), "allowed");
  EXPECT_EQ(without("s3:GetObject", type("rcp")), "allowed");
}

TEST_F(SimulatedPolicies, OnePolicyIsLeftOut) {
  make_people();

  EXPECT_EQ(without("sqs:SendMessage", arn(policy_arn("queue"))), "implicitDeny");
  EXPECT_EQ(without("sqs:SendMessage", arn(policy_arn("q?e*"))), "implicitDeny");
  EXPECT_EQ(without("sqs:SendMessage", arn(policy_arn("Queue"))), "allowed");
  EXPECT_EQ(without("sqs:SendMessage", arn(policy_arn("none"))), "allowed");
  EXPECT_EQ(without("s3:GetObject", inline_of("user", "ann", "own")), "implicitDeny");
  EXPECT_EQ(without("s3:GetObject", inline_of("user", "a*", "own")), "implicitDeny");
  EXPECT_EQ(without("s3:GetObject", inline_of("user", "bob", "own")), "allowed");
  EXPECT_EQ(without("s3:GetObject", inline_of("group", "ann", "own")), "allowed");
  EXPECT_EQ(without("s3:GetObject", inline_of("user", "ann", "OWN")), "allowed");
  EXPECT_EQ(without("sts:AssumeRole", inline_of("group", "crew", "shared")), "implicitDeny");
}

TEST_F(SimulatedPolicies, PoliciesOfAwsAreLeftOut) {
  world_.make_user("ann");
  const std::string everything(IamFixture::kReadOnly);  // what it allows here
  call(AttachUserPolicyRequest{.user_name = "ann", .policy_arn = everything});

  EXPECT_EQ(decision(ann("s3:GetObject")), "allowed");
  EXPECT_EQ(without("s3:GetObject", type("user-managed")), "allowed");
  EXPECT_EQ(without("s3:GetObject", type("aws-managed")), "implicitDeny");
  EXPECT_EQ(without("s3:GetObject", arn(everything)), "implicitDeny");
  EXPECT_EQ(without("s3:GetObject", arn("arn:aws:iam::aws:policy/IAM*")), "implicitDeny");
}

TEST_F(SimulatedPolicies, BoundaryAndOrganizationAreLeftOut) {
  make_people();
  join_organization();
  call(CreatePolicyRequest{.policy_name = "fence", .policy_document = allow("iam:*")});
  call(PutUserPermissionsBoundaryRequest{.user_name = "ann",
                                         .permissions_boundary = policy_arn("fence")});

  EXPECT_EQ(decision(ann("s3:GetObject")), "implicitDeny +org");
  EXPECT_EQ(without("s3:GetObject", type("permission-boundary")), "allowed +org");
  EXPECT_EQ(without("s3:GetObject", arn(policy_arn("fence"))), "allowed +org");

  call(DeleteUserPermissionsBoundaryRequest{.user_name = "ann"});
  EXPECT_EQ(decision(ann("s3:DeleteObject")), "explicitDeny -org");
  EXPECT_EQ(without("s3:DeleteObject", type("scp")), "allowed");
  EXPECT_EQ(without("s3:DeleteObject", arn(std::string(kScpArn))), "allowed +org");
  EXPECT_EQ(without("s3:DeleteObject", type("inline")), "explicitDeny -org");
}

TEST_F(SimulatedPolicies, ExclusionsOfAnotherFormAreRefused) {
  make_people();
  PolicyIdentifier both = type("scp");
  both.policy_arn = policy_arn("queue");

  for (const PolicyIdentifier& wrong : {PolicyIdentifier(),
                                        both,
                                        arn("not an arn, but long enough"),
                                        arn(policy_arn("**")),
                                        arn("arn:aws:iam::*:policy/queue"),
                                        arn(policy_arn("a*/queue")),
                                        inline_of("user", "a*n*", "own")}) {
    EXPECT_TRUE(refusal(wrong).starts_with("InvalidInput: Invalid policy exclusion "));
  }
}

TEST_F(SimulatedPolicies, ContextKeysOfServiceControlPoliciesAreNotReported) {
  make_people();
  world_.write([](identity::Transaction& transaction) {
    identity::OrgPolicies organization;
    organization.account = IamFixture::kAccount;
    organization.scps = {
        {.policies = {
             {.name = "all", .document = identity::make_document(std::string(kAllowAll))},
             {.name = "own", .document = identity::make_document(std::string(kOwnBucketOnly))}}}};
    transaction.put(std::move(organization));
  });

  const auto keys = world_.call(
      GetContextKeysForPrincipalPolicyRequest{.policy_source_arn = ann("").policy_source_arn});

  ASSERT_EQ(outcome(keys), "ok");
  EXPECT_TRUE(keys->context_key_names->empty());
}

TEST_F(SimulatedPolicies, DetailsAreToldAcrossAccountsUnlessTheOrganizationEndsIt) {
  make_people();
  join_organization();
  SimulatePrincipalPolicyRequest request = ann("s3:GetObject");
  EXPECT_FALSE(one(request).eval_decision_details);

  request.resource_arns = {"arn:aws:s3:::own/k"};
  ASSERT_TRUE(one(request).eval_decision_details);
  EXPECT_TRUE(one(request).eval_decision_details->empty());

  request.resource_owner = concat("arn:aws:iam::", IamFixture::kOther, ":root");
  EXPECT_EQ(one(request).eval_decision_details->size(), 2U);
  request.action_names = {"s3:DeleteObject"};
  EXPECT_FALSE(one(request).eval_decision_details);
}

}  // namespace
}  // namespace signet::iam
