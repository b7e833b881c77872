#include <algorithm>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

constexpr std::string_view kTwoLines = R"({"Version":"2012-10-17",
 "Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}]})";
constexpr std::string_view kDenyDelete =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}]})";
constexpr std::string_view kNeedsIp =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",
        "Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]})";
constexpr const char* kObject = "arn:aws:s3:::b/k";

SimulateCustomPolicyRequest custom(std::vector<std::string> actions,
                                   std::vector<std::string> resources = {kObject},
                                   std::string_view policy = kTwoLines) {
  return {.policy_input_list = {std::string(policy)},
          .action_names = std::move(actions),
          .resource_arns = std::move(resources)};
}

class Simulation : public testing::Test {
 protected:
  // The only result of a simulation that must succeed.
  template <class Request>
  EvaluationResult one(const Request& request) {
    const auto answer = world_.call(request);
    if (!answer || answer->evaluation_results->size() != 1) {
      ADD_FAILURE() << outcome(answer);
      return {};
    }
    return answer->evaluation_results->front();
  }

  template <class Request>
  std::string refusal(const Request& request) {
    return outcome(world_.call(request));
  }

  void put_policy(std::string_view user, std::string_view name, std::string_view text) {
    ASSERT_EQ(outcome(world_.call(PutUserPolicyRequest{.user_name = std::string(user),
                                                       .policy_name = std::string(name),
                                                       .policy_document = std::string(text)})),
              "ok");
  }

  static std::string user_arn(std::string_view name) {
    return concat("arn:aws:iam::", IamFixture::kAccount, ":user/", name);
  }

  IamFixture world_;
};

TEST_F(Simulation, ListsTheStatementWithItsPosition) {
  const EvaluationResult result = one(custom({"s3:GetObject"}));

  EXPECT_EQ(result.eval_action_name, "s3:GetObject");
  EXPECT_EQ(result.eval_resource_name, kObject);
  EXPECT_EQ(result.eval_decision, "allowed");
  ASSERT_EQ(result.matched_statements->size(), 1U);
  const Statement& statement = result.matched_statements->front();
  EXPECT_EQ(statement.source_policy_id, "PolicyInputList.1");
  EXPECT_EQ(statement.source_policy_type, "IAM Policy");
  EXPECT_EQ(statement.start_position->line, 2);
  EXPECT_EQ(statement.start_position->column, 16);
  EXPECT_EQ(statement.end_position->line, 2);
  EXPECT_TRUE(result.missing_context_values->empty());
  EXPECT_TRUE(result.eval_decision_details->empty());
  EXPECT_FALSE(result.permissions_boundary_decision_detail);
  EXPECT_FALSE(result.organizations_decision_detail);
  ASSERT_EQ(result.resource_specific_results->size(), 1U);
  EXPECT_EQ(result.resource_specific_results->front().eval_resource_decision, "allowed");
}

TEST_F(Simulation, TellsImplicitFromExplicitDenial) {
  auto request = custom({"s3:DeleteObject"});
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");
  EXPECT_TRUE(one(request).matched_statements->empty());

  request.policy_input_list.emplace_back(kDenyDelete);
  EXPECT_EQ(one(request).eval_decision, "explicitDeny");
  EXPECT_EQ(one(request).matched_statements->at(0).source_policy_id, "PolicyInputList.2");
}

TEST_F(Simulation, NamesMissingContextValuesAndTakesGivenOnes) {
  auto request = custom({"s3:GetObject"}, {kObject}, kNeedsIp);
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");
  EXPECT_EQ(one(request).missing_context_values->at(0), "aws:SourceIp");

  request.context_entries = {{.context_key_name = "aws:SourceIp",
                              .context_key_values = {"192.0.2.9"},
                              .context_key_type = "ip"}};
  EXPECT_EQ(one(request).eval_decision, "allowed");
  EXPECT_TRUE(one(request).missing_context_values->empty());

  request.context_entries[0].context_key_values = {"198.51.100.1"};
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");
}

TEST_F(Simulation, ABoundaryLimitsAndIsReported) {
  auto request = custom({"s3:GetObject"});
  request.permissions_boundary_policy_input_list = {std::string(kDenyDelete)};
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");
  EXPECT_EQ(one(request).permissions_boundary_decision_detail->allowed_by_permissions_boundary,
            false);

  request.permissions_boundary_policy_input_list = {std::string(kAllowAll)};
  EXPECT_EQ(one(request).eval_decision, "allowed");
  EXPECT_EQ(one(request).permissions_boundary_decision_detail->allowed_by_permissions_boundary,
            true);
}

TEST_F(Simulation, AResourcePolicyNeedsAUserAsCaller) {
  const std::string bucket_policy =
      concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")",
             user_arn("ann"),
             R"("},"Action":"s3:DeleteObject","Resource":"*"}]})");
  auto request = custom({"s3:DeleteObject"});
  request.resource_policy = bucket_policy;
  const std::string invalid =
      "InvalidInput: Invalid caller - Caller must be an IAM user in this context.";
  EXPECT_EQ(refusal(request), invalid) << "no caller";
  request.caller_arn = concat("arn:aws:iam::", IamFixture::kAccount, ":role/r");
  EXPECT_EQ(refusal(request), invalid) << "a role";
  request.caller_arn = concat("arn:aws:iam::", IamFixture::kAccount, ":root");
  EXPECT_EQ(refusal(request), invalid) << "root";

  request.caller_arn = user_arn("ann");
  EXPECT_EQ(one(request).eval_decision, "allowed");
  EXPECT_EQ(one(request).matched_statements->at(0).source_policy_id, "ResourcePolicy");

  request.caller_arn = user_arn("bob");
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");
}

TEST_F(Simulation, AcrossAccountsBothSidesMustAllowAndAreShown) {
  auto request = custom({"s3:GetObject"});
  request.resource_owner = concat("arn:aws:iam::", IamFixture::kOther, ":root");

  const EvaluationResult result = one(request);

  EXPECT_EQ(result.eval_decision, "implicitDeny");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"IAM Policy", "allowed"}, {"Resource Policy", "implicitDeny"}};
  EXPECT_EQ(*result.eval_decision_details, expected);
}

TEST_F(Simulation, PagesOverPairsOfActionAndResource) {
  auto request = custom({"s3:GetObject", "s3:PutObject"}, {kObject, "arn:aws:s3:::c/k"});
  request.max_items = 3;

  const auto first = world_.call(request);
  ASSERT_EQ(outcome(first), "ok");
  ASSERT_EQ(first->evaluation_results->size(), 3U);
  EXPECT_TRUE(*first->is_truncated);
  EXPECT_EQ(first->evaluation_results->at(1).eval_resource_name, "arn:aws:s3:::c/k");
  EXPECT_EQ(first->evaluation_results->at(2).eval_action_name, "s3:PutObject");

  request.marker = first->marker;
  const auto second = world_.call(request);
  ASSERT_EQ(outcome(second), "ok");
  ASSERT_EQ(second->evaluation_results->size(), 1U);
  EXPECT_FALSE(*second->is_truncated);
  EXPECT_FALSE(second->marker);

  request.action_names.pop_back();
  EXPECT_EQ(refusal(request), "ValidationError: Invalid Marker.");
}

TEST_F(Simulation, RefusesInputsThatCannotBeUsed) {
  const auto starts = [this](const SimulateCustomPolicyRequest& request, std::string_view text) {
    EXPECT_TRUE(refusal(request).starts_with(text)) << refusal(request);
  };
  starts(custom({"s3:*"}), "InvalidInput: Invalid action name s3:*");
  starts(custom({"s3:Get?bject"}), "InvalidInput: Invalid action name");
  starts(custom({"GetObject"}), "InvalidInput: Invalid action name");
  starts(custom({"s3:GetObject"}, {"bucket"}), "InvalidInput: Invalid resource ARN bucket");
  starts(custom({"s3:GetObject"}, {}, "{"), "InvalidInput: Invalid policy PolicyInputList.1");
  starts(custom({"s3:GetObject"}, {}, kTrustEc2), "InvalidInput: Invalid policy PolicyInputList.1");
  auto handling = custom({"s3:GetObject"});
  handling.resource_handling_option = "EC2-Classic-EBS";
  starts(handling, "InvalidInput: Invalid resource handling option");
  auto owner = custom({"s3:GetObject"});
  owner.resource_owner = "nobody";
  starts(owner, "InvalidInput: Invalid resource owner");
  auto context = custom({"s3:GetObject"});
  context.context_entries = {{.context_key_name = "aws:SourceIp",
                              .context_key_values = {"a", "b"},
                              .context_key_type = "string"}};
  starts(context, "InvalidInput: Invalid context entry aws:SourceIp");
  context.context_entries[0].context_key_type = "text";
  starts(context, "InvalidInput: Invalid context entry aws:SourceIp: unknown type");
}

TEST_F(Simulation, APrincipalBringsItsPoliciesGroupsBoundaryAndKeys) {
  world_.make_user("ann");
  put_policy("ann", "home", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
      "Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"}]})");
  SimulatePrincipalPolicyRequest request{.policy_source_arn = user_arn("ann"),
                                         .action_names = {"s3:GetObject"},
                                         .resource_arns = {"arn:aws:s3:::b/ann/k"}};
  EXPECT_EQ(one(request).eval_decision, "allowed");
  EXPECT_EQ(one(request).matched_statements->at(0).source_policy_id, "home");

  request.resource_arns = {"arn:aws:s3:::b/bob/k"};
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");

  world_.make_group("g");
  const std::string arn = world_.make_policy("everything");
  ASSERT_EQ(outcome(world_.call(AttachGroupPolicyRequest{.group_name = "g", .policy_arn = arn})),
            "ok");
  ASSERT_EQ(outcome(world_.call(AddUserToGroupRequest{.group_name = "g", .user_name = "ann"})),
            "ok");
  EXPECT_EQ(one(request).eval_decision, "allowed");
  EXPECT_EQ(one(request).matched_statements->at(0).source_policy_id, "everything");

  request.permissions_boundary_policy_input_list = {std::string(kTwoLines)};
  request.action_names = {"s3:PutObject"};
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");
}

TEST_F(Simulation, AGroupIsSimulatedByItself) {
  world_.make_group("g");
  SimulatePrincipalPolicyRequest request{
      .policy_source_arn = concat("arn:aws:iam::", IamFixture::kAccount, ":group/g"),
      .action_names = {"s3:GetObject"}};
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");

  request.policy_input_list = {std::string(kAllowAll)};
  EXPECT_EQ(one(request).eval_decision, "allowed");
}

TEST_F(Simulation, TrustPoliciesDecideOnAssumingRoles) {
  world_.make_user("ann");
  put_policy("ann", "all", kAllowAll);
  world_.make_role("machine");  // trusts EC2 only
  const std::string role = concat("arn:aws:iam::", IamFixture::kAccount, ":role/machine");
  SimulatePrincipalPolicyRequest request{.policy_source_arn = user_arn("ann"),
                                         .action_names = {"sts:AssumeRole"},
                                         .resource_arns = {role}};
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");

  const std::string trust = concat(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")",
      user_arn("ann"),
      R"("},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}]})");
  ASSERT_EQ(outcome(world_.call(
                UpdateAssumeRolePolicyRequest{.role_name = "machine", .policy_document = trust})),
            "ok");
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");
  EXPECT_EQ(one(request).missing_context_values->at(0), "sts:ExternalId");

  request.context_entries = {{.context_key_name = "sts:ExternalId",
                              .context_key_values = {"x"},
                              .context_key_type = "string"}};
  EXPECT_EQ(one(request).eval_decision, "allowed");

  request.resource_arns = {role + "-gone"};
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");
}

TEST_F(Simulation, WithoutATrustPolicyACustomSimulationAsksTheIdentityPoliciesOnly) {
  auto request = custom(
      {"sts:AssumeRole"}, {concat("arn:aws:iam::", IamFixture::kAccount, ":role/any")}, kAllowAll);
  EXPECT_EQ(one(request).eval_decision, "allowed");
  EXPECT_EQ(one(request).matched_statements->size(), 1U);

  request.policy_input_list = {std::string(kTwoLines)};
  EXPECT_EQ(one(request).eval_decision, "implicitDeny");
}

TEST_F(Simulation, OrganizationPoliciesAreAppliedAndReported) {
  world_.make_user("ann");
  put_policy("ann", "all", kAllowAll);
  SimulatePrincipalPolicyRequest request{.policy_source_arn = user_arn("ann"),
                                         .action_names = {"s3:DeleteObject"},
                                         .resource_arns = {kObject}};
  EXPECT_FALSE(one(request).organizations_decision_detail);

  world_.write([](identity::Transaction& transaction) {
    identity::OrgPolicies org;
    org.account = IamFixture::kAccount;
    org.scps = {identity::OrgLevel{{{"full", identity::make_document(std::string(kAllowAll))},
                                    {"no", identity::make_document(std::string(kDenyDelete))}}}};
    transaction.put(std::move(org));
  });

  EXPECT_EQ(one(request).eval_decision, "explicitDeny");
  EXPECT_EQ(one(request).organizations_decision_detail->allowed_by_organizations, false);
  request.action_names = {"s3:GetObject"};
  EXPECT_EQ(one(request).eval_decision, "allowed");
  EXPECT_EQ(one(request).organizations_decision_detail->allowed_by_organizations, true);
}

TEST_F(Simulation, SourcesThatAreNoneAreRefused) {
  const auto of = [](std::string arn) {
    return SimulatePrincipalPolicyRequest{.policy_source_arn = std::move(arn),
                                          .action_names = {"s3:GetObject"}};
  };
  EXPECT_EQ(refusal(of(user_arn("gone"))),
            "NoSuchEntity: The user with name gone cannot be found.");
  EXPECT_EQ(refusal(of(concat("arn:aws:iam::", IamFixture::kAccount, ":role/gone"))),
            "NoSuchEntity: The role with name gone cannot be found.");
  EXPECT_EQ(refusal(of(concat("arn:aws:iam::", IamFixture::kAccount, ":group/gone"))),
            "NoSuchEntity: The group with name gone cannot be found.");
  EXPECT_TRUE(refusal(of("arn:aws:s3:::b")).starts_with("InvalidInput: Invalid Entity Arn"));
  EXPECT_TRUE(refusal(of("ann")).starts_with("InvalidInput: Invalid Entity Arn"));
}

TEST_F(Simulation, NeedsPermissionOnTheEntity) {
  const model::Caller caller = world_.make_caller(
      "ann",
      concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Simulate*",)",
             R"("Resource":")",
             user_arn("ann"),
             R"("}]})"));
  world_.make_user("bob");
  SimulatePrincipalPolicyRequest request{.policy_source_arn = user_arn("ann"),
                                         .action_names = {"s3:GetObject"}};
  EXPECT_EQ(outcome(world_.call(caller, request)), "ok");

  request.policy_source_arn = user_arn("bob");
  EXPECT_EQ(outcome(world_.call(caller, request)),
            concat("AccessDenied: User: ",
                   caller.arn,
                   " is not authorized to perform: iam:SimulatePrincipalPolicy on resource: ",
                   user_arn("bob"),
                   " because no identity-based policy allows the iam:SimulatePrincipalPolicy "
                   "action"));
  EXPECT_TRUE(
      outcome(world_.call(caller, custom({"s3:GetObject"}))).starts_with("AccessDenied: User: "));
}

TEST_F(Simulation, ContextKeysComeOnceAsWritten) {
  const auto keys = world_.call(GetContextKeysForCustomPolicyRequest{
      .policy_input_list = {
          std::string(kNeedsIp),
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",
              "Resource":"arn:aws:s3:::b/${aws:username}",
              "Condition":{"Bool":{"aws:securetransport":"true"},
                           "IpAddress":{"AWS:SOURCEIP":"192.0.2.1"}}}]})"}});

  ASSERT_EQ(outcome(keys), "ok");
  std::vector<std::string> names = *keys->context_key_names;
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names,
            (std::vector<std::string>{"aws:SourceIp", "aws:securetransport", "aws:username"}));
  EXPECT_TRUE(refusal(GetContextKeysForCustomPolicyRequest{.policy_input_list = {"{"}})
                  .starts_with("InvalidInput: Invalid policy PolicyInputList.1"));
}

TEST_F(Simulation, ContextKeysOfAPrincipalIncludeItsGroups) {
  world_.make_user("ann");
  world_.make_group("g");
  ASSERT_EQ(outcome(world_.call(PutGroupPolicyRequest{
                .group_name = "g", .policy_name = "p", .policy_document = std::string(kNeedsIp)})),
            "ok");
  const GetContextKeysForPrincipalPolicyRequest request{.policy_source_arn = user_arn("ann")};
  auto keys = world_.call(request);
  ASSERT_EQ(outcome(keys), "ok");
  EXPECT_TRUE(keys->context_key_names->empty());

  ASSERT_EQ(outcome(world_.call(AddUserToGroupRequest{.group_name = "g", .user_name = "ann"})),
            "ok");
  keys = world_.call(request);
  ASSERT_EQ(outcome(keys), "ok");
  EXPECT_EQ(*keys->context_key_names, std::vector<std::string>{"aws:SourceIp"});
}

}  // namespace
}  // namespace signet::iam
