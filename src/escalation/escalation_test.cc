#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "escalation/explorer.h"
#include "escalation/graph.h"
#include "identity/fixture_for_test.h"

namespace signet::escalation {
namespace {

using identity::kAccount;

constexpr std::string_view kRoot = "arn:aws:iam::111122223333:root";

std::string arn(std::string_view resource) {
  return concat("arn:aws:iam::", kAccount, ":", resource);
}

std::string document(const std::vector<std::string>& statements) {
  std::string all;
  for (const std::string& statement : statements) {
    all += concat(all.empty() ? "" : ",", statement);
  }
  return concat(R"({"Version":"2012-10-17","Statement":[)", all, "]}");
}

std::string statement(std::string_view effect,
                      std::string_view action,
                      std::string_view resource,
                      std::string_view condition) {
  return concat(R"({"Effect":")",
                effect,
                R"(","Action":")",
                action,
                R"(","Resource":")",
                resource,
                "\"",
                condition.empty() ? "" : concat(",\"Condition\":", condition),
                "}");
}

std::string allow(std::string_view action,
                  std::string_view resource = "*",
                  std::string_view condition = {}) {
  return statement("Allow", action, resource, condition);
}

std::string deny(std::string_view action,
                 std::string_view resource = "*",
                 std::string_view condition = {}) {
  return statement("Deny", action, resource, condition);
}

std::string trust(std::string_view kind,
                  std::string_view principal,
                  std::string_view condition = {}) {
  return document(
      {concat(R"({"Effect":"Allow","Principal":{")",
              kind,
              R"(":")",
              principal,
              R"("},"Action":["sts:AssumeRole","sts:AssumeRoleWithSAML","sts:TagSession"])",
              condition.empty() ? "" : concat(",\"Condition\":", condition),
              "}")});
}

constexpr std::string_view kMfa = R"({"Bool":{"aws:MultiFactorAuthPresent":"true"}})";

identity::TrustAnchor make_anchor() {
  identity::TrustAnchor anchor;
  anchor.account = kAccount;
  anchor.id = "a1";
  anchor.region = "us-east-1";
  anchor.name = "anchor";
  anchor.is_enabled = true;
  anchor.bundle = "certificates";
  return anchor;
}

identity::AnywhereProfile make_anywhere_profile(std::vector<std::string> roles) {
  identity::AnywhereProfile profile;
  profile.account = kAccount;
  profile.id = "p1";
  profile.region = "us-east-1";
  profile.name = "profile";
  profile.is_enabled = true;
  profile.session_seconds = 3600;
  profile.role_arns = std::move(roles);
  return profile;
}

class EscalationTest : public testing::Test {
 protected:
  EscalationTest() {
    write([](identity::Transaction& transaction) {
      transaction.put(identity::make_account(identity::kOtherAccount));
    });
    user("ann", {});
    user("victim", {});
    role("target", trust("AWS", arn("user/nobody")), {});
  }

  void write(const std::function<void(identity::Transaction&)>& change) {
    const auto done = fixture_.directory().apply(
        [&](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          change(transaction);
          return {};
        });
    ASSERT_TRUE(done.has_value()) << done.error().cause;
  }

  void user(std::string_view name, const std::vector<std::string>& statements) {
    write([&](identity::Transaction& transaction) {
      identity::User one = identity::make_user(concat("AIDA", name), std::string(name));
      if (const auto* old = transaction.view().find<identity::User>(one.id)) {
        one = *old;
      }
      one.inline_policies = {};
      if (!statements.empty()) {
        one.inline_policies = {
            {.name = "own", .document = identity::make_document(document(statements))}};
      }
      transaction.put(std::move(one));
    });
  }

  void change_user(std::string_view name, const std::function<void(identity::User&)>& change) {
    write([&](identity::Transaction& transaction) {
      identity::User one = *transaction.view().find<identity::User>(concat("AIDA", name));
      change(one);
      transaction.put(std::move(one));
    });
  }

  void role(std::string_view name,
            const std::string& trusted,
            const std::vector<std::string>& statements) {
    write([&](identity::Transaction& transaction) {
      identity::Role one = identity::make_role(concat("AROA", name), std::string(name));
      one.trust_policy = identity::make_document(trusted);
      if (!statements.empty()) {
        one.inline_policies = {
            {.name = "own", .document = identity::make_document(document(statements))}};
      }
      transaction.put(std::move(one));
    });
  }

  void policy(std::string_view name, const std::string& text) {
    write([&](identity::Transaction& transaction) {
      identity::ManagedPolicy one = identity::make_policy(concat("ANPA", name), std::string(name));
      one.versions.front().document = identity::make_document(text);
      transaction.put(std::move(one));
    });
  }

  Powers powers(std::string_view principal) {
    snapshot_ = fixture_.directory().current();
    Explorer explorer(*snapshot_, Instant::from_seconds(1'790'000'000));
    const auto found = explorer.powers_of(arn(principal));
    EXPECT_TRUE(found.has_value());
    return found.value_or(Powers());
  }

  Graph graph() {
    snapshot_ = fixture_.directory().current();
    return find_graph(*snapshot_, Instant::from_seconds(1'790'000'000));
  }

  // "user/victim: iam:CreateAccessKey", with "+" between calls and "?" behind those with a
  // condition.
  static std::string shown(const Way& way) {
    std::string calls;
    for (const Call& call : way.calls) {
      calls += concat(calls.empty() ? "" : " + ",
                      call.action,
                      call.condition.kind == Condition::Kind::Always
                          ? ""
                          : (call.condition.kind == Condition::Kind::If ? "?" : "??"));
    }
    return concat(way.to.substr(arn("").size()), ": ", calls);
  }

  std::vector<std::string> becomes(std::string_view principal) {
    std::vector<std::string> all;
    for (const Way& way : powers(principal).becomes) {
      all.push_back(shown(way));
    }
    return all;
  }

  std::string everything(std::string_view principal) {
    const Powers found = powers(principal);
    return found.everything ? shown(*found.everything) : "no";
  }

  using Ways = std::vector<std::string>;

  identity::Fixture fixture_;
  std::shared_ptr<const identity::Snapshot> snapshot_;
};

TEST_F(EscalationTest, WithoutPermissionsNobodyBecomesAnybody) {
  EXPECT_EQ(becomes("user/ann"), Ways());
  EXPECT_EQ(everything("user/ann"), "no");
}

TEST_F(EscalationTest, ARoleIsAssumedByWhomItTrusts) {
  role("target", trust("AWS", arn("user/ann")), {});
  EXPECT_EQ(becomes("user/ann"), Ways{"role/target: sts:AssumeRole"});
  EXPECT_EQ(becomes("user/victim"), Ways());
  user("ann", {deny("sts:*")});
  EXPECT_EQ(becomes("user/ann"), Ways());
}

TEST_F(EscalationTest, TrustInTheAccountTakesAPolicyOfOnesOwn) {
  role("target", trust("AWS", kRoot), {});
  EXPECT_EQ(becomes("user/ann"), Ways());
  user("ann", {allow("sts:AssumeRole", arn("role/target"))});
  EXPECT_EQ(becomes("user/ann"), Ways{"role/target: sts:AssumeRole"});
  user("ann", {allow("sts:AssumeRole", arn("role/*"))});
  EXPECT_EQ(becomes("user/ann"), Ways{"role/target: sts:AssumeRole"});
}

TEST_F(EscalationTest, MfaIsACondition) {
  role("target", trust("AWS", arn("user/ann"), kMfa), {});
  EXPECT_EQ(becomes("user/ann"), Ways{"role/target: sts:AssumeRole?"});
  const Way way = powers("user/ann").becomes.front();
  EXPECT_TRUE(needs_mfa(way));
  EXPECT_EQ(way.calls.front().condition.formula, Ways{std::string(kMfa)});
  EXPECT_NE(way.calls.front().command.find("--serial-number"), std::string::npos);
  // No session of a role ever has it.
  role("worker",
       trust("AWS", arn("user/victim")),
       {allow("sts:AssumeRole", arn("role/target"), kMfa)});
  role("target", trust("AWS", kRoot), {});
  EXPECT_EQ(becomes("role/worker"), Ways());
}

TEST_F(EscalationTest, WhatElseTheRequestSaysIsTold) {
  role("target", trust("AWS", arn("user/ann"), R"({"StringEquals":{"sts:ExternalId":"x7"}})"), {});
  EXPECT_EQ(becomes("user/ann"), Ways{"role/target: sts:AssumeRole?"});
  const Call call = powers("user/ann").becomes.front().calls.front();
  EXPECT_EQ(call.condition.formula, Ways{R"({"StringEquals":{"sts:ExternalId":"x7"}})"});
  EXPECT_NE(call.command.find("--external-id 'x7'"), std::string::npos) << call.command;
}

TEST_F(EscalationTest, TagsOfTheUserDecideWithoutACondition) {
  role("target", trust("AWS", kRoot, R"({"StringEquals":{"aws:PrincipalTag/team":"red"}})"), {});
  user("ann", {allow("sts:AssumeRole")});
  EXPECT_EQ(becomes("user/ann"), Ways());
  change_user("ann", [](identity::User& one) { one.tags = {{.key = "team", .value = "red"}}; });
  EXPECT_EQ(becomes("user/ann"), Ways{"role/target: sts:AssumeRole"});
}

TEST_F(EscalationTest, ASessionOfARoleThatIsNamedIsACondition) {
  role("worker", trust("AWS", arn("user/victim")), {});
  role("target", trust("AWS", "arn:aws:sts::111122223333:assumed-role/worker/alice"), {});
  EXPECT_EQ(becomes("role/worker"), Ways{"role/target: sts:AssumeRole?"});
}

TEST_F(EscalationTest, ATrustPolicyThatCanBeRewrittenIsAWay) {
  user("ann", {allow("iam:UpdateAssumeRolePolicy", arn("role/target"))});
  EXPECT_EQ(becomes("user/ann"), Ways{"role/target: iam:UpdateAssumeRolePolicy + sts:AssumeRole"});
  user("ann", {allow("iam:UpdateAssumeRolePolicy", arn("role/target")), deny("sts:AssumeRole")});
  EXPECT_EQ(becomes("user/ann"), Ways());
}

TEST_F(EscalationTest, KeysOfAUserAreAWay) {
  user("ann", {allow("iam:CreateAccessKey", arn("user/victim"))});
  EXPECT_EQ(becomes("user/ann"), Ways{"user/victim: iam:CreateAccessKey"});
  write([](identity::Transaction& transaction) {
    transaction.put(identity::make_key("AKIAONE", "AIDAvictim"));
    transaction.put(identity::make_key("AKIATWO", "AIDAvictim"));
  });
  EXPECT_EQ(becomes("user/ann"), Ways()) << "two keys are all that a user may have";
  user("ann", {allow("iam:*AccessKey", arn("user/victim"))});
  EXPECT_EQ(becomes("user/ann"), Ways{"user/victim: iam:DeleteAccessKey + iam:CreateAccessKey"});
}

TEST_F(EscalationTest, AKeyOfOneselfIsNone) {
  user("ann", {allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")});
  EXPECT_EQ(becomes("user/ann"), Ways());
}

TEST_F(EscalationTest, APasswordIsAWayWhereThereIsNoneOrOneToReplace) {
  user("ann", {allow("iam:CreateLoginProfile", arn("user/victim"))});
  EXPECT_EQ(becomes("user/ann"), Ways{"user/victim: iam:CreateLoginProfile"});
  change_user("victim", [](identity::User& one) { one.login = identity::LoginProfile(); });
  EXPECT_EQ(becomes("user/ann"), Ways()) << "there is one";
  user("ann", {allow("iam:UpdateLoginProfile", arn("user/victim"))});
  EXPECT_EQ(becomes("user/ann"), Ways{"user/victim: iam:UpdateLoginProfile"});
  write([](identity::Transaction& transaction) {
    identity::MfaDevice device = identity::make_device("phone");
    device.is_assigned = true;
    device.user_id = "AIDAvictim";
    transaction.put(std::move(device));
  });
  EXPECT_EQ(becomes("user/ann"), Ways()) << "the device's code is missing";
  user("ann", {allow("iam:UpdateLoginProfile"), allow("iam:DeactivateMFADevice")});
  EXPECT_EQ(becomes("user/ann"),
            Ways{"user/victim: iam:UpdateLoginProfile + iam:DeactivateMFADevice"});
}

TEST_F(EscalationTest, ASamlProviderThatCanBeReplacedIsAWay) {
  write([](identity::Transaction& transaction) {
    transaction.put(identity::make_saml_provider("idp"));
  });
  role("target",
       trust("Federated",
             arn("saml-provider/idp"),
             R"({"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}})"),
       {});
  EXPECT_EQ(becomes("user/ann"), Ways());
  user("ann", {allow("iam:UpdateSAMLProvider")});
  EXPECT_EQ(becomes("user/ann"),
            Ways{"role/target: iam:UpdateSAMLProvider + sts:AssumeRoleWithSAML?"});
}

TEST_F(EscalationTest, ARoleThatIsPassedToRolesAnywhereIsAWay) {
  role("target", trust("Service", "rolesanywhere.amazonaws.com"), {});
  user("ann", {allow("rolesanywhere:*")});
  EXPECT_EQ(becomes("user/ann"), Ways()) << "it may not be passed";
  user("ann", {allow("rolesanywhere:*"), allow("iam:PassRole", arn("role/target"))});
  EXPECT_EQ(becomes("user/ann"),
            Ways{"role/target: rolesanywhere:CreateTrustAnchor + rolesanywhere:CreateProfile + "
                 "iam:PassRole + sts:AssumeRole + sts:TagSession"});
  role("target", trust("Service", "ec2.amazonaws.com"), {});
  EXPECT_EQ(becomes("user/ann"), Ways()) << "nothing here takes roles for EC2";
}

TEST_F(EscalationTest, ATrustAnchorThatCanBeReplacedIsAWayWhereAProfileHasTheRole) {
  identity::TrustAnchor anchor = make_anchor();
  const std::string anchor_arn = "arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/a1";
  role("target",
       trust("Service",
             "rolesanywhere.amazonaws.com",
             concat(R"({"ArnEquals":{"aws:SourceArn":")", anchor_arn, "\"}}")),
       {});
  user("ann", {allow("rolesanywhere:UpdateTrustAnchor", anchor_arn)});
  write([&](identity::Transaction& transaction) { transaction.put(anchor); });
  EXPECT_EQ(becomes("user/ann"), Ways()) << "no profile has the role";
  write([](identity::Transaction& transaction) {
    transaction.put(make_anywhere_profile({arn("role/target")}));
  });
  EXPECT_EQ(becomes("user/ann"),
            Ways{"role/target: rolesanywhere:UpdateTrustAnchor + sts:AssumeRole + sts:TagSession"});
  write([&](identity::Transaction& transaction) {
    identity::AnywhereProfile limited = make_anywhere_profile({arn("role/target")});
    limited.session_policy = identity::kAllow;
    transaction.put(limited);
  });
  EXPECT_EQ(becomes("user/ann"), Ways()) << "the profile limits its sessions";
  anchor.is_enabled = false;
  write([&](identity::Transaction& transaction) {
    transaction.put(make_anywhere_profile({arn("role/target")}));
    transaction.put(anchor);
  });
  EXPECT_EQ(becomes("user/ann"), Ways()) << "nobody is let in by the anchor";
}

TEST_F(EscalationTest, AProfileThatCanBeChangedIsAWay) {
  role("target", trust("Service", "rolesanywhere.amazonaws.com"), {});
  write([](identity::Transaction& transaction) {
    transaction.put(make_anywhere_profile({arn("role/other")}));
  });
  const std::vector<std::string> statements = {allow("rolesanywhere:UpdateProfile"),
                                               allow("rolesanywhere:CreateTrustAnchor")};
  user("ann", statements);
  EXPECT_EQ(becomes("user/ann"), Ways()) << "the role may not be passed";
  user("ann", {statements[0], statements[1], allow("iam:PassRole", arn("role/target"))});
  EXPECT_EQ(becomes("user/ann"),
            Ways{"role/target: rolesanywhere:CreateTrustAnchor + rolesanywhere:UpdateProfile + "
                 "iam:PassRole + sts:AssumeRole + sts:TagSession"});
}

TEST_F(EscalationTest, AProviderThatIsTrustedAndMissingCanBeMade) {
  role("target",
       trust("Federated",
             arn("saml-provider/gone"),
             R"({"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}})"),
       {});
  user("ann", {allow("iam:CreateSAMLProvider", arn("saml-provider/other"))});
  EXPECT_EQ(becomes("user/ann"), Ways());
  user("ann", {allow("iam:CreateSAMLProvider")});
  EXPECT_EQ(becomes("user/ann"),
            Ways{"role/target: iam:CreateSAMLProvider + sts:AssumeRoleWithSAML?"});
  write([](identity::Transaction& transaction) {
    transaction.put(identity::make_saml_provider("gone"));
  });
  EXPECT_EQ(becomes("user/ann"), Ways()) << "there is one, whose metadata others hold";
}

TEST_F(EscalationTest, AMissingProviderOfTokensTakesATokenOfItsIssuer) {
  role("target",
       document({R"({"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{)"
                 R"("Federated":"arn:aws:iam::111122223333:oidc-provider/ci.example.com"},)"
                 R"("Condition":{"StringEquals":{"ci.example.com:sub":"repo:x"}}})"}),
       {});
  user("ann", {allow("iam:CreateOpenIDConnectProvider")});
  EXPECT_EQ(becomes("user/ann"),
            Ways{"role/target: iam:CreateOpenIDConnectProvider + sts:AssumeRoleWithWebIdentity??"});
  const Call call = powers("user/ann").becomes.front().calls.back();
  EXPECT_EQ(call.condition.reason,
            "it takes a token of ci.example.com that meets "
            R"({"StringEquals":{"ci.example.com:sub":"repo:x"}})");
  write([](identity::Transaction& transaction) {
    transaction.put(identity::make_provider("ci.example.com"));
  });
  EXPECT_EQ(becomes("user/ann"), Ways());
}

TEST_F(EscalationTest, ADenyThatCanBeTakenAwayIsNoLimit) {
  const auto guarded = [this](const std::string& statement) {
    change_user("ann", [&](identity::User& one) {
      one.inline_policies.edit([&](std::vector<identity::InlinePolicy>& all) {
        all.push_back(
            {.name = "guard", .document = identity::make_document(document({statement}))});
      });
    });
  };
  user("ann", {allow("iam:*UserPolicy", arn("user/ann"))});
  guarded(deny("iam:PutUserPolicy"));
  EXPECT_EQ(everything("user/ann"), "user/ann: iam:DeleteUserPolicy + iam:PutUserPolicy");
  user("ann", {allow("iam:*UserPolicy", arn("user/ann"))});
  guarded(deny("iam:*"));
  EXPECT_EQ(everything("user/ann"), "no") << "it guards itself";
}

TEST_F(EscalationTest, DeniesOfPoliciesAndGroupsGoInTheOrderInWhichTheyCan) {
  role("target", trust("AWS", kRoot), {});
  policy("guard", document({deny("sts:*")}));
  const std::vector<std::string> statements = {allow("sts:AssumeRole", arn("role/target")),
                                               allow("iam:DetachUserPolicy", arn("user/ann")),
                                               allow("iam:RemoveUserFromGroup")};
  user("ann", statements);
  change_user("ann", [](identity::User& one) { one.attached_policies = {arn("policy/guard")}; });
  EXPECT_EQ(becomes("user/ann"), Ways{"role/target: iam:DetachUserPolicy + sts:AssumeRole"});
  write([](identity::Transaction& transaction) {
    identity::Group group = identity::make_group("AGPAguarded", "guarded");
    group.inline_policies = {
        {.name = "g", .document = identity::make_document(document({deny("iam:Detach*")}))}};
    transaction.put(std::move(group));
  });
  change_user("ann", [](identity::User& one) { one.group_ids = {"AGPAguarded"}; });
  EXPECT_EQ(becomes("user/ann"),
            Ways{"role/target: iam:RemoveUserFromGroup + iam:DetachUserPolicy + sts:AssumeRole"});
  user("ann", {statements[0], statements[1]});
  EXPECT_EQ(becomes("user/ann"), Ways()) << "the group stays";
}

TEST_F(EscalationTest, ABoundaryThatCanBeTakenAwayKeepsNobodyFromARole) {
  role("target", trust("AWS", kRoot), {});
  policy("limit", document({allow("iam:DeleteUserPermissionsBoundary")}));
  user("ann", {allow("sts:AssumeRole"), allow("iam:DeleteUserPermissionsBoundary")});
  change_user("ann", [](identity::User& one) { one.boundary = arn("policy/limit"); });
  EXPECT_EQ(becomes("user/ann"),
            Ways{"role/target: iam:DeleteUserPermissionsBoundary + sts:AssumeRole"});
  policy("limit", document({allow("s3:*")}));
  EXPECT_EQ(becomes("user/ann"), Ways());
}

TEST_F(EscalationTest, AGrantIsNotGivenUpForNothing) {
  // The policy that denies is the one that allows: without it nothing is left.
  role("target", trust("AWS", kRoot), {});
  user("ann",
       {allow("sts:AssumeRole", arn("role/target")),
        allow("iam:DeleteUserPolicy", arn("user/ann")),
        deny("sts:*")});
  EXPECT_EQ(becomes("user/ann"), Ways());
  role("target", trust("AWS", arn("user/ann")), {});
  EXPECT_EQ(becomes("user/ann"), Ways{"role/target: iam:DeleteUserPolicy + sts:AssumeRole"})
      << "the role's own trust is enough";
}

TEST_F(EscalationTest, WhoAllowsItselfEverythingIsAnAdministrator) {
  user("ann", {allow("iam:PutUserPolicy", arn("user/ann"))});
  EXPECT_EQ(everything("user/ann"), "user/ann: iam:PutUserPolicy");
  user("ann", {allow("iam:AttachUserPolicy", arn("user/ann"))});
  EXPECT_EQ(everything("user/ann"), "user/ann: iam:AttachUserPolicy");
  user("ann",
       {allow("iam:AttachUserPolicy",
              arn("user/ann"),
              R"({"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/ReadOnlyAccess"}})")});
  EXPECT_EQ(everything("user/ann"), "no");
  user("ann", {allow("*")});
  EXPECT_EQ(everything("user/ann"), "user/ann: ");
  user("ann", {allow("*"), deny("iam:*")});
  EXPECT_EQ(everything("user/ann"), "no");
  user("ann",
       {allow("*"), deny("*", "*", R"({"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}})")});
  EXPECT_EQ(everything("user/ann"), "user/ann: iam:PutUserPolicy?");
}

TEST_F(EscalationTest, ABoundaryLimitsUntilItCanBeTakenAway) {
  policy("limit", document({allow("iam:*UserPolicy"), allow("s3:*")}));
  user("ann", {allow("*")});
  change_user("ann", [](identity::User& one) { one.boundary = arn("policy/limit"); });
  EXPECT_EQ(everything("user/ann"), "no");
  policy("limit", document({allow("iam:DeleteUserPermissionsBoundary")}));
  EXPECT_EQ(everything("user/ann"),
            "user/ann: iam:DeleteUserPermissionsBoundary + iam:PutUserPolicy");
}

TEST_F(EscalationTest, GroupsAndVersionsOfPoliciesAreWays) {
  policy("own", document({allow("sqs:*")}));
  user("ann", {allow("iam:CreatePolicyVersion", arn("policy/own"))});
  EXPECT_EQ(everything("user/ann"), "no") << "it is not the user's";
  change_user("ann", [](identity::User& one) { one.attached_policies = {arn("policy/own")}; });
  EXPECT_EQ(everything("user/ann"), "user/ann: iam:CreatePolicyVersion");
  user("ann", {allow("iam:SetDefaultPolicyVersion")});
  EXPECT_EQ(everything("user/ann"), "no") << "no version allows more";
  write([](identity::Transaction& transaction) {
    identity::ManagedPolicy one = *transaction.view().find<identity::ManagedPolicy>("ANPAown");
    one.versions.push_back(
        {.number = 2, .document = identity::make_document(document({allow("*")})), .created = {}});
    one.next_version = 3;
    transaction.put(std::move(one));
    identity::Group admins = identity::make_group("AGPAadmins", "admins");
    admins.inline_policies = {
        {.name = "all", .document = identity::make_document(document({allow("*")}))}};
    transaction.put(std::move(admins));
  });
  EXPECT_EQ(everything("user/ann"), "user/ann: iam:SetDefaultPolicyVersion");
  user("ann", {allow("iam:AddUserToGroup", arn("group/admins"))});
  EXPECT_EQ(everything("user/ann"), "user/ann: iam:AddUserToGroup");
}

TEST_F(EscalationTest, WhoMakesAdministratorsIsOne) {
  user("ann",
       {allow("iam:CreateUser"),
        allow("iam:AttachUserPolicy", arn("user/new-*")),
        allow("iam:CreateAccessKey")});
  EXPECT_EQ(everything("user/ann"), "no") << "no name is allowed by all three";
  user("ann",
       {allow("iam:CreateUser", arn("user/new-*")),
        allow("iam:AttachUserPolicy", arn("user/new-*")),
        allow("iam:CreateAccessKey")});
  EXPECT_EQ(everything("user/ann"),
            "user/ann: iam:CreateUser + iam:AttachUserPolicy + iam:CreateAccessKey");
  role("worker", trust("AWS", kRoot), {allow("iam:CreateRole"), allow("iam:PutRolePolicy")});
  EXPECT_EQ(everything("role/worker"), "role/worker: iam:PutRolePolicy");
  role("worker",
       trust("AWS", kRoot),
       {allow("iam:CreateRole"), allow("iam:PutRolePolicy"), deny("iam:*", arn("role/worker"))});
  EXPECT_EQ(everything("role/worker"),
            "role/worker: iam:CreateRole + iam:PutRolePolicy + sts:AssumeRole");
}

TEST_F(EscalationTest, WhomItStrengthensCountsWhereItBecomesThem) {
  user("ann",
       {allow("iam:AttachUserPolicy", arn("user/victim")),
        allow("iam:CreateAccessKey", arn("user/victim"))});
  const Powers found = powers("user/ann");
  ASSERT_EQ(found.strengthens.size(), 1U);
  EXPECT_EQ(shown(found.strengthens.front()), "user/victim: iam:AttachUserPolicy");
  const auto path = find_path(graph(), arn("user/ann"), {});
  ASSERT_TRUE(path.has_value());
  ASSERT_EQ(path->size(), 2U);
  EXPECT_TRUE(path->front().is_grant);
  EXPECT_EQ(shown(path->back().way), "user/victim: iam:CreateAccessKey");
  user("ann", {allow("iam:AttachUserPolicy", arn("user/victim"))});
  EXPECT_FALSE(find_path(graph(), arn("user/ann"), {}).has_value());
}

TEST_F(EscalationTest, TheShortestPathIsTold) {
  role("middle", trust("AWS", arn("user/ann")), {});
  role("admin", trust("AWS", arn("role/middle")), {allow("*")});
  const auto path = find_path(graph(), arn("user/ann"), {});
  ASSERT_TRUE(path.has_value());
  ASSERT_EQ(path->size(), 2U);
  EXPECT_EQ(shown(path->front().way), "role/middle: sts:AssumeRole");
  EXPECT_EQ(shown(path->back().way), "role/admin: sts:AssumeRole");
  EXPECT_FALSE(find_path(graph(), arn("user/victim"), {}).has_value());
  // An administrator is everybody.
  EXPECT_EQ(find_path(graph(), arn("user/ann"), arn("user/victim"))->size(), 3U);
}

TEST_F(EscalationTest, AGraphIsReadAsItWasWritten) {
  role("target", trust("AWS", arn("user/ann"), kMfa), {allow("*")});
  const Graph all = graph();
  const std::string text = write_graph(all);
  const auto again = read_graph(text);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(write_graph(*again), text);
  EXPECT_FALSE(read_graph("{}").has_value());
  EXPECT_FALSE(read_graph(R"({"principals":[{"principal":"x","becomes":[{}],"strengthens":[]}]})")
                   .has_value());
}

}  // namespace
}  // namespace signet::escalation
