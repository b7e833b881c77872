#include "policy_prove/ability.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"

namespace signet::policy::prove {
namespace {

constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/team/ann";
constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/team/worker";
constexpr std::string_view kTarget = "arn:aws:iam::111122223333:role/target";

std::string allow(std::string_view action, std::string_view condition = {}) {
  return concat(R"({"Effect":"Allow","Resource":"*","Action":")",
                action,
                "\"",
                condition.empty() ? "" : concat(",\"Condition\":", condition),
                "}");
}

std::string deny(std::string_view condition) {
  return concat(R"({"Effect":"Deny","Resource":"*","Action":"*","Condition":)", condition, "}");
}

std::string document(const std::vector<std::string>& statements) {
  if (statements.empty()) {
    return {};
  }
  std::string out = R"({"Version":"2012-10-17","Statement":[)";
  for (const std::string& statement : statements) {
    out += concat(out.ends_with('[') ? "" : ",", statement);
  }
  return out + "]}";
}

Ability ability(std::string_view principal,
                const std::vector<std::string>& statements,
                std::string_view more = {}) {
  const auto found = find_ability(
      {.question = concat("{\"principal\":\"",
                          principal,
                          R"(","resource_account":"111122223333","identity_policies":[)",
                          document(statements),
                          "]",
                          more,
                          "}"),
       .actions = {more.find("resource_policy") != std::string_view::npos ? "sts:AssumeRole"
                                                                          : "s3:GetObject"},
       .resources = {more.find("resource_policy") != std::string_view::npos
                         ? std::string(kTarget)
                         : "arn:aws:s3:::photos/a.png"}});
  EXPECT_TRUE(found.has_value()) << found.error();
  return found.value_or(Ability());
}

using Blocks = std::vector<std::string>;

void expect_if(const Ability& found, const Blocks& formula) {
  EXPECT_EQ(found.kind, AbilityKind::If) << found.reason;
  EXPECT_EQ(found.formula, formula);
}

constexpr std::string_view kMfa = R"({"Bool":{"aws:MultiFactorAuthPresent":"true"}})";

TEST(Ability, WithoutConditionsIsAlwaysOrNever) {
  EXPECT_EQ(ability(kUser, {allow("s3:*")}).kind, AbilityKind::Always);
  EXPECT_EQ(ability(kUser, {allow("iam:*")}).kind, AbilityKind::Never);
  EXPECT_EQ(ability(kUser, {allow("s3:*"), deny(R"({"StringLike":{"aws:username":"*"}})")}).kind,
            AbilityKind::Never);
}

TEST(Ability, IsToldInTheWordsOfThePolicy) {
  expect_if(ability(kUser, {allow("s3:*", kMfa)}), {std::string(kMfa)});
  expect_if(
      ability(kUser,
              {allow("s3:*", R"({"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.168.0.0/16"]}})"),
               allow("s3:GetObject", kMfa)}),
      {R"({"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.168.0.0/16"]}})", std::string(kMfa)});
}

TEST(Ability, ADenialIsToldAsItsOpposite) {
  expect_if(ability(kUser, {allow("s3:*"), deny(R"({"Bool":{"aws:SecureTransport":"false"}})")}),
            {R"({"Bool":{"aws:SecureTransport":"true"}})"});
  expect_if(
      ability(kUser,
              {allow("s3:*"), deny(R"({"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}})")}),
      {std::string(kMfa)});
  expect_if(ability(kUser, {allow("s3:*"), deny(R"({"StringEquals":{"aws:UserAgent":"curl"}})")}),
            {R"({"StringNotEquals":{"aws:UserAgent":"curl"}})"});
  expect_if(
      ability(kUser, {allow("s3:*"), deny(R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}})")}),
      {R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"});
  expect_if(
      ability(kUser,
              {allow("s3:*"), deny(R"({"NumericGreaterThan":{"aws:MultiFactorAuthAge":"3600"}})")}),
      {R"({"NumericLessThanEqualsIfExists":{"aws:MultiFactorAuthAge":"3600"}})"});
}

TEST(Ability, WhatAllRequestsOfTheCallerSayIsNoCondition) {
  EXPECT_EQ(ability(kUser, {allow("s3:*", R"({"StringEquals":{"aws:username":"ann"}})")}).kind,
            AbilityKind::Always);
  EXPECT_EQ(ability(kUser, {allow("s3:*", R"({"StringEquals":{"aws:username":"bob"}})")}).kind,
            AbilityKind::Never);
  EXPECT_EQ(
      ability(
          kRole,
          {allow(
              "s3:*",
              R"({"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/team/worker"}})")})
          .kind,
      AbilityKind::Always);
}

TEST(Ability, ARoleNeverHasMfaButAnySessionName) {
  EXPECT_EQ(ability(kRole, {allow("s3:*", kMfa)}).kind, AbilityKind::Never);
  expect_if(ability(kRole, {allow("s3:*", R"({"StringLike":{"aws:userid":"*:alice"}})")}),
            {R"({"StringLike":{"aws:userid":"*:alice"}})"});
}

TEST(Ability, ConditionsOfSeveralPoliciesHoldTogether) {
  expect_if(
      ability(kUser,
              {allow("s3:*", kMfa)},
              concat(R"(,"boundary":[)",
                     document({allow("s3:*",
                                     R"({"StringEquals":{"aws:RequestedRegion":"eu-west-1"}})")}),
                     "]")),
      {R"({"Bool":{"aws:MultiFactorAuthPresent":"true"},"StringEquals":{"aws:RequestedRegion":"eu-west-1"}})"});
  // Two comparisons of one key by one operator.
  expect_if(
      ability(kUser,
              {allow("s3:*", R"({"StringLike":{"aws:UserAgent":"a*"}})")},
              concat(R"(,"boundary":[)",
                     document({allow("s3:*", R"({"StringLike":{"aws:UserAgent":"*z"}})")}),
                     "]")),
      {R"({"StringLike":{"aws:UserAgent":"a*"},"StringLikeIfExists":{"aws:UserAgent":"*z"}})"});
}

TEST(Ability, WhatAnotherAlternativeSaysIsLeftOut) {
  expect_if(ability(kUser,
                    {allow("s3:*", R"({"StringLike":{"aws:UserAgent":"a*"}})"),
                     allow("s3:*", R"({"StringLike":{"aws:UserAgent":"ab*"}})")}),
            {R"({"StringLike":{"aws:UserAgent":"a*"}})"});
}

std::string trust(std::string_view principal, std::string_view condition) {
  return concat(
      R"(,"resource_policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")",
      principal,
      R"("},"Action":"sts:AssumeRole","Condition":)",
      condition,
      "}]}");
}

TEST(Ability, ATrustPolicySaysWhen) {
  constexpr std::string_view kExternal = R"({"StringEquals":{"sts:ExternalId":"x7"}})";
  expect_if(ability(kUser, {}, trust(kUser, kExternal)), {std::string(kExternal)});
  expect_if(
      ability(kUser, {allow("sts:AssumeRole", kMfa)}, trust("111122223333", kExternal)),
      {R"({"Bool":{"aws:MultiFactorAuthPresent":"true"},"StringEquals":{"sts:ExternalId":"x7"}})"});
  EXPECT_EQ(ability(kUser, {}, trust("111122223333", kExternal)).kind, AbilityKind::Never);
}

TEST(Ability, ASessionThatIsNamedIsACondition) {
  expect_if(
      ability(
          kRole,
          {},
          R"(,"resource_policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
          R"({"AWS":"arn:aws:sts::111122223333:assumed-role/worker/alice"},"Action":"sts:AssumeRole"}]})"),
      {R"({"StringLike":{"aws:userid":"*:alice"}})"});
}

TEST(Ability, WhatCannotBeToldIsUnknownWithWhatWasFound) {
  const Ability found = ability(
      kRole,
      {R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/${aws:PrincipalTag/dir}"})"});
  EXPECT_EQ(found.kind, AbilityKind::Unknown);
  EXPECT_FALSE(found.reason.empty());
  EXPECT_TRUE(found.refused.has_value());
}

TEST(Grants, EveryStatementIsToldWithWhatLimitsIt) {
  const auto found = find_grants(concat(
      R"({"principal":"arn:aws:iam::111122223333:user/x","resource_account":"111122223333","identity_policies":[{"name":"p","document":)",
      document(
          {R"({"Sid":"Read","Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"arn:aws:s3:::photos/*"})",
           R"({"Effect":"Allow","Action":["s3:PutObject","s3:DeleteObject"],"Resource":["arn:aws:s3:::photos/*","arn:aws:s3:::logs/*"]})",
           R"({"Effect":"Allow","Action":"iam:*","Resource":"*"})",
           R"({"Effect":"Deny","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::logs/*"})",
           R"({"Effect":"Deny","Action":"s3:List*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}})",
           R"({"Effect":"Deny","Action":"iam:*","Resource":"*"})"}),
      "}]}"));
  ASSERT_TRUE(found.has_value()) << found.error();
  std::vector<std::string> shown;
  for (const Grant& grant : *found) {
    std::string line = concat(std::to_string(grant.statement), " ", name_of(grant.ability.kind));
    for (const auto* list : {&grant.asked.actions, &grant.asked.resources}) {
      for (const std::string& text : *list) {
        line += concat(" ", text);
      }
    }
    for (const std::string& block : grant.ability.formula) {
      line += concat(" ", block);
    }
    shown.push_back(line);
  }
  EXPECT_EQ(shown,
            (std::vector<std::string>{
                "0 always s3:Get* arn:aws:s3:::photos/*",
                R"(0 if s3:List* arn:aws:s3:::photos/* {"Bool":{"aws:SecureTransport":"true"}})",
                "1 always s3:PutObject arn:aws:s3:::photos/* arn:aws:s3:::logs/*",
                "1 always s3:DeleteObject arn:aws:s3:::photos/*",
                "1 never s3:DeleteObject arn:aws:s3:::logs/*",
                "2 never iam:* *"}));
}

TEST(Ability, APolicyThatCannotBeReadIsAnError) {
  const auto found = find_ability(
      {.question =
           R"({"principal":"arn:aws:iam::111122223333:user/x","identity_policies":[{"Statement":7}]})",
       .actions = {"s3:GetObject"},
       .resources = {"arn:aws:s3:::b/x"}});
  EXPECT_FALSE(found.has_value());
}

}  // namespace
}  // namespace signet::policy::prove
