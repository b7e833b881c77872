#include "policy_prove/prove.h"

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "policy_prove/documents.h"
#include "policy_telling/batch.h"

namespace signet::policy::prove {
namespace {

std::string document(std::string_view statements) {
  return concat(R"({"Version":"2012-10-17","Statement":[)", statements, "]}");
}

Proof checked(std::expected<Proof, std::string> proof) {
  EXPECT_TRUE(proof.has_value()) << proof.error();
  return proof ? *std::move(proof) : Proof();
}

// What is new in identity policies.
Proof compare(std::string_view now, std::string_view before) {
  const std::array<NamedDocument, 1> a{NamedDocument{.name = "now", .text = document(now)}};
  const std::array<NamedDocument, 1> b{NamedDocument{.name = "before", .text = document(before)}};
  return checked(prove_no_new_access(DocumentKind::Identity, a, b));
}

void expect_equivalent(std::string_view a, std::string_view b) {
  EXPECT_EQ(compare(a, b).result, ProofResult::Pass) << a << "\n" << b;
  EXPECT_EQ(compare(b, a).result, ProofResult::Pass) << b << "\n" << a;
}

bool is_allowed(const std::string& question) {
  std::string out;
  return BatchEvaluator().evaluate(question, out) &&
         out.find("\"verdict\":\"Allowed\"") != std::string::npos;
}

constexpr std::string_view kRead =
    R"({"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"})";

std::string allow_if(std::string_view condition) {
  return concat(
      R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{)",
      condition,
      "}}");
}

TEST(Prove, TheSamePolicyGrantsNothingNew) {
  EXPECT_EQ(compare(kRead, kRead).result, ProofResult::Pass);
}

TEST(Prove, AWitnessIsAllowedNowAndWasNotBefore) {
  const Proof proof = compare(
      R"({"Sid":"More","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"})", kRead);
  ASSERT_EQ(proof.result, ProofResult::Fail) << proof.reason;
  const Witness& witness = *proof.witness;
  EXPECT_TRUE(is_allowed(witness.question)) << witness.question;
  EXPECT_FALSE(is_allowed(witness.before)) << witness.before;
  EXPECT_EQ(witness.action, "s3:GetObjectAcl") << "of AWS's actions one that objects have";
  EXPECT_EQ(witness.resource, "arn:aws:s3:::b/x");
  ASSERT_EQ(witness.granted_by.size(), 1U);
  EXPECT_EQ(witness.granted_by[0].sid, "More");
  EXPECT_EQ(witness.granted_by[0].policy, "now");
}

TEST(Prove, ADenyLessIsNewAccess) {
  const Proof proof = compare(
      kRead,
      concat(
          kRead,
          R"(,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}})"));
  ASSERT_EQ(proof.result, ProofResult::Fail);
  EXPECT_NE(proof.witness->question.find(R"("aws:SecureTransport":"false")"), std::string::npos);
}

TEST(Prove, PoliciesWrittenOtherwiseAreEquivalent) {
  expect_equivalent(concat(kRead, R"(,{"Effect":"Allow","Action":"iam:GetUser","Resource":"*"})"),
                    concat(R"({"Effect":"Allow","Action":"iam:getuser","Resource":"*"},)", kRead));
  expect_equivalent(
      R"({"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"arn:aws:s3:::b/*"})",
      R"({"Effect":"Allow","Action":"s3:List*","Resource":"arn:aws:s3:::b/*"},
         {"Effect":"Allow","Action":["s3:GetObject","s3:Get*"],"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b/x*"]})");
  expect_equivalent(R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/**"})",
                    kRead);
  expect_equivalent(R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/?*"},
                       {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/"})",
                    kRead);
  expect_equivalent(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"},
                       {"Effect":"Deny","NotAction":"s3:GetObject","Resource":"*"},
                       {"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::b/*"})",
                    kRead);
}

TEST(Prove, ConditionsThatCoverEverythingAreNone) {
  const auto both = [](std::string_view a, std::string_view b) {
    expect_equivalent(concat(allow_if(a), ",", allow_if(b)), kRead);
  };
  both(R"("StringLike":{"aws:UserAgent":"a*"})", R"("StringNotLike":{"aws:UserAgent":"a*"})");
  both(R"("Null":{"aws:UserAgent":"true"})", R"("StringLike":{"aws:UserAgent":"*"})");
  both(R"("Bool":{"aws:SecureTransport":"true"})", R"("Bool":{"aws:SecureTransport":"false"})");
  both(R"("DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"})",
       R"("DateGreaterThanEquals":{"aws:CurrentTime":"2027-01-01T00:00:00Z"})");
  both(R"("NumericLessThan":{"s3:max-keys":"10"})",
       R"("NumericGreaterThanEqualsIfExists":{"s3:max-keys":10})");
  both(R"("IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]})",
       R"("NotIpAddress":{"aws:SourceIp":"0.0.0.0/0"})");
  both(R"("ForAllValues:StringEquals":{"aws:TagKeys":"a"})",
       R"("ForAnyValue:StringNotEquals":{"aws:TagKeys":"a"})");
}

TEST(Prove, AGapBetweenConditionsIsFound) {
  const auto gap = [](std::string_view a, std::string_view b) {
    const Proof proof = compare(kRead, concat(allow_if(a), ",", allow_if(b)));
    EXPECT_EQ(proof.result, ProofResult::Fail) << a << b << proof.reason;
  };
  gap(R"("StringLike":{"aws:UserAgent":"a*"})", R"("StringNotLikeIfExists":{"aws:UserAgent":"*"})");
  gap(R"("DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"})",
      R"("DateGreaterThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"})");
  gap(R"("NumericLessThan":{"s3:max-keys":"10"})", R"("NumericGreaterThan":{"s3:max-keys":"10"})");
  gap(R"("IpAddress":{"aws:SourceIp":"0.0.0.0/0"})", R"("IpAddress":{"aws:SourceIp":"::/1"})");
  gap(R"("ForAllValues:StringEquals":{"aws:TagKeys":"a"})",
      R"("ForAnyValue:StringEquals":{"aws:TagKeys":"b"})");
}

TEST(Prove, AnAddressBehindABlockIsFound) {
  const std::string whole = allow_if(R"("IpAddress":{"aws:SourceIp":"203.0.113.0/24"})");
  const std::string half = allow_if(R"("IpAddress":{"aws:SourceIp":"203.0.113.0/25"})");
  const Proof proof = compare(whole, half);
  ASSERT_EQ(proof.result, ProofResult::Fail);
  EXPECT_NE(proof.witness->question.find(R"("aws:SourceIp":"203.0.113.128")"), std::string::npos);
  EXPECT_EQ(compare(half, whole).result, ProofResult::Pass);
}

TEST(Prove, ATimeBesideThoseThatAreNamedIsFound) {
  constexpr std::string_view kNothing = R"({"Effect":"Deny","Action":"*","Resource":"*"})";
  for (const std::string_view op : {"DateLessThan", "DateGreaterThan", "DateNotEquals"}) {
    const std::string block = concat("\"", op, R"(":{"aws:CurrentTime":"2027-01-01T00:00:00Z"})");
    EXPECT_EQ(compare(allow_if(block), kNothing).result, ProofResult::Fail) << op;
  }
}

TEST(Prove, ValuesOfAListMeetWhatIsAskedOfAnyTogether) {
  const std::string both = allow_if(
      R"("ForAnyValue:StringEquals":{"aws:TagKeys":"a"},"ForAnyValue:StringLike":{"aws:TagKeys":"b*"})");
  const std::string first = allow_if(R"("ForAnyValue:StringEquals":{"aws:TagKeys":"a"})");
  EXPECT_EQ(compare(both, R"({"Effect":"Deny","Action":"*","Resource":"*"})").result,
            ProofResult::Fail);
  EXPECT_EQ(compare(both, first).result, ProofResult::Pass);
  EXPECT_EQ(compare(first, both).result, ProofResult::Fail);
}

TEST(Prove, AListMeetsNeitherAnOperatorNorItsNegation) {
  // R-3.10: of a key that nobody declares, whose value may be a list.
  const std::string equal = allow_if(R"("StringEquals":{"x:k":"a"})");
  const std::string other = allow_if(R"("StringNotEquals":{"x:k":"a"})");
  const Proof proof = compare(kRead, concat(equal, ",", other));
  ASSERT_EQ(proof.result, ProofResult::Fail) << proof.reason;
  EXPECT_NE(proof.witness->question.find(R"("x:k":[)"), std::string::npos);
}

TEST(Prove, VariablesStandForTheSameOnBothSides) {
  constexpr std::string_view kHome =
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"})";
  EXPECT_EQ(compare(kHome, kHome).result, ProofResult::Pass);
  EXPECT_EQ(
      compare(kHome, R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"})").result,
      ProofResult::Pass);
  EXPECT_EQ(compare(kHome, R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/a/*"})")
                .result,
            ProofResult::Fail);
}

TEST(Prove, WhatHangsTogetherInAnotherWayIsUnknown) {
  // Allowed only where a name holds a text that is two of its own copies: not covered, and not
  // passed over.
  const Proof proof = compare(
      allow_if(
          R"("StringEquals":{"aws:PrincipalTag/a":"${aws:PrincipalTag/b}${aws:PrincipalTag/b}"},
                  "StringLike":{"aws:PrincipalTag/a":"x?","aws:PrincipalTag/b":"y*"})"),
      R"({"Effect":"Deny","Action":"*","Resource":"*"})");
  EXPECT_NE(proof.result, ProofResult::Fail);
  const Proof other =
      compare(allow_if(R"("StringEquals":{"aws:PrincipalTag/a":"q${aws:PrincipalTag/b}"},
                          "StringNotEquals":{"aws:PrincipalTag/b":"x"},
                          "StringLike":{"aws:PrincipalTag/a":"q??"})"),
              R"({"Effect":"Deny","Action":"*","Resource":"*"})");
  EXPECT_NE(other.result, ProofResult::Pass) << "a is qyy where b is yy";
}

TEST(Prove, ASpentBudgetIsUnknown) {
  ProofQuestion question{
      .now = question_of(DocumentKind::Identity,
                         std::array{NamedDocument{.name = "p", .text = document(kRead)}}),
      .before = {},
      .within = {},
      .callers = Callers::Identities};
  question.before = question_of(
      DocumentKind::Identity,
      std::array{NamedDocument{
          .name = "p",
          .text =
              document(R"({"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"})")}});
  EXPECT_EQ(checked(find_new_access(question)).result, ProofResult::Pass);
  question.budget = 1'000;
  const Proof proof = checked(find_new_access(question));
  EXPECT_EQ(proof.result, ProofResult::Unknown);
  EXPECT_FALSE(proof.reason.empty());
}

TEST(Prove, ABoundaryCountsInAWholeQuestion) {
  const auto question = [](std::string_view boundary) {
    return concat(
        R"({"principal":"arn:aws:iam::111122223333:role/r","resource_account":"111122223333",)",
        R"("identity_policies":[)",
        document(R"({"Effect":"Allow","Action":"*","Resource":"*"})"),
        R"(],"boundary":[)",
        document(boundary),
        "]}");
  };
  const std::string narrow = question(kRead);
  const std::string wide = question(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})");
  EXPECT_EQ(checked(find_new_access({.now = narrow, .before = wide})).result, ProofResult::Pass);
  const Proof more = checked(find_new_access({.now = wide, .before = narrow}));
  ASSERT_EQ(more.result, ProofResult::Fail);
  EXPECT_EQ(more.witness->principal, "arn:aws:sts::111122223333:assumed-role/r/session");
}

TEST(Prove, FederatedUsersCountForIdentityPolicies) {
  EXPECT_EQ(compare(allow_if(R"("StringEquals":{"aws:PrincipalType":"FederatedUser"})"),
                    R"({"Effect":"Deny","Action":"*","Resource":"*"})")
                .result,
            ProofResult::Fail);
}

TEST(Prove, KeysThatAQuestionGivesHoldOfAllRequests) {
  const std::string question = concat(
      R"({"principal":"arn:aws:iam::111122223333:user/u","resource_account":"111122223333",)",
      R"("context":{"aws:PrincipalTag/team":"red","aws:PrincipalOrgPaths":["o/r/"]},"identity_policies":[)",
      document(concat(allow_if(R"("StringEquals":{"aws:PrincipalTag/team":"blue"})"),
                      ",",
                      allow_if(R"("Null":{"aws:PrincipalTag/other":"false"})"),
                      ",",
                      allow_if(R"("ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"p*"})"))),
      "]}");
  EXPECT_EQ(checked(find_new_access({.now = question, .before = {}})).result, ProofResult::Pass)
      << "another team, a tag that the user has not, another organization";
}

TEST(Prove, WhatBothSidesHaveNeedsNoSearch) {
  // The budget is for searching: statements that stand on both sides are compared without it.
  const auto side = [](std::string_view statements) {
    return question_of(DocumentKind::Identity,
                       std::array{NamedDocument{.name = "p", .text = document(statements)}});
  };
  const auto result = [](const std::string& now, const std::string& before) {
    return checked(find_new_access(
                       {.now = now, .before = before, .callers = Callers::Identities, .budget = 1}))
        .result;
  };
  const std::string odd =
      allow_if(R"("StringLike":{"aws:PrincipalTag/a":"${aws:PrincipalTag/b}*"})");
  const std::string deny = R"({"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/x"})";
  EXPECT_EQ(result(side(odd), side(odd)), ProofResult::Pass);
  EXPECT_EQ(result(side(odd), side(concat(kRead, ",", odd))), ProofResult::Pass) << "an Allow less";
  EXPECT_EQ(result(side(concat(odd, ",", deny)), side(odd)), ProofResult::Pass) << "a Deny more";
  EXPECT_EQ(result(side(concat(kRead, ",", odd)), side(odd)), ProofResult::Unknown)
      << "an Allow more";
  EXPECT_EQ(result(side(odd), side(concat(odd, ",", deny))), ProofResult::Unknown) << "a Deny less";
}

TEST(Prove, WhatIsTakenApartNeedsNoSearch) {
  const auto side = [](std::string_view statements) {
    return question_of(DocumentKind::Identity,
                       std::array{NamedDocument{.name = "p", .text = document(statements)}});
  };
  const auto allow = [](std::string_view actions, std::string_view resources) {
    return concat(R"({"Effect":"Allow","Action":[)", actions, R"(],"Resource":[)", resources, "]}");
  };
  const std::string put = allow(R"("s3:Put*")", R"("arn:aws:s3:::b/*")");
  const std::string get = allow(R"("s3:Get*")", R"("arn:aws:s3:::c","arn:aws:s3:::b/*")");
  const std::string whole =
      side(allow(R"("s3:Get*","s3:Put*")", R"("arn:aws:s3:::b/*","arn:aws:s3:::c")"));
  const std::string parts =
      side(concat(put, ",", allow(R"("s3:Put*")", R"("arn:aws:s3:::c")"), ",", get));
  const std::string fewer = side(concat(put, ",", get));
  const auto result = [](const std::string& now, const std::string& before) {
    return checked(find_new_access(
                       {.now = now, .before = before, .callers = Callers::Identities, .budget = 1}))
        .result;
  };
  EXPECT_EQ(result(whole, parts), ProofResult::Pass);
  EXPECT_EQ(result(parts, whole), ProofResult::Pass);
  EXPECT_EQ(result(whole, fewer), ProofResult::Unknown);
}

TEST(Prove, StatementsThatOnlyLookAlikeAreNotTheSame) {
  const auto differ = [](std::string_view now, std::string_view before) {
    EXPECT_EQ(compare(now, before).result, ProofResult::Fail) << now << before;
  };
  // Values that run together, another key, another operator, NotAction for Action.
  differ(allow_if(R"("StringEquals":{"aws:UserAgent":["ab","c"]})"),
         allow_if(R"("StringEquals":{"aws:UserAgent":["a","bc"]})"));
  differ(allow_if(R"("StringEquals":{"aws:UserAgent":["a","b"]})"),
         allow_if(R"("StringEquals":{"aws:UserAgent":"a\u001fb"})"));
  differ(allow_if(R"("StringEquals":{"aws:UserAgent":"a"})"),
         allow_if(R"("StringEquals":{"aws:Referer":"a"})"));
  differ(allow_if(R"("StringLike":{"aws:UserAgent":"a*"})"),
         allow_if(R"("StringEquals":{"aws:UserAgent":"a*"})"));
  differ(R"({"Effect":"Allow","NotAction":"s3:GetObject","Resource":"*"})",
         R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"*"})");
  differ(R"({"Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:aws:s3:::b"})",
         R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b"})");
}

TEST(Prove, TheSameStatementInAnotherPlaceIsAChange) {
  const std::string allow = document(R"({"Effect":"Allow","Action":"*","Resource":"*"})");
  const auto side = [&allow](std::string_view boundary) {
    return concat(
        R"({"principal":"arn:aws:iam::111122223333:role/r","resource_account":"111122223333",)",
        R"("identity_policies":[)",
        allow,
        boundary,
        "}");
  };
  const std::string bounded = side(concat(R"(],"boundary":[)", document(kRead), "]"));
  const std::string unbounded = side("]");
  EXPECT_EQ(checked(find_new_access({.now = unbounded, .before = bounded})).result,
            ProofResult::Fail);
  EXPECT_EQ(checked(find_new_access({.now = bounded, .before = unbounded})).result,
            ProofResult::Pass);
  // What the identity policies allowed already is new in the boundary.
  constexpr std::string_view kWrite = R"({"Effect":"Allow","Action":"s3:Put*","Resource":"*"})";
  const std::string both = concat(kRead, ",", kWrite);
  const auto within = [&both](std::string_view boundary) {
    return concat(
        R"({"principal":"arn:aws:iam::111122223333:role/r","resource_account":"111122223333",)",
        R"("identity_policies":[)",
        document(both),
        R"(],"boundary":[)",
        document(boundary),
        "]}");
  };
  EXPECT_EQ(checked(find_new_access({.now = within(both), .before = within(kRead)})).result,
            ProofResult::Fail);
}

TEST(Prove, TagsAreOpenWhereTheQuestionHasNoContext) {
  const auto question = [](std::string_view context) {
    return concat(
        R"({"principal":"arn:aws:iam::111122223333:user/u","resource_account":"111122223333",)",
        context,
        R"("identity_policies":[)",
        document(allow_if(R"("StringEquals":{"aws:PrincipalTag/team":"red"})")),
        "]}");
  };
  EXPECT_EQ(checked(find_new_access({.now = question(""), .before = {}})).result, ProofResult::Fail)
      << "nothing is said of the user's tags";
  EXPECT_EQ(checked(find_new_access({.now = question(R"("context":{},)"), .before = {}})).result,
            ProofResult::Pass)
      << "the user has no tags";
}

// What a role may do with these identity policies and this boundary, if anything.
Proof anything(std::string_view identity, std::string_view boundary) {
  return checked(find_new_access(
      {.now = concat(
           R"({"principal":"arn:aws:iam::111122223333:role/r","resource_account":"111122223333",)",
           R"("identity_policies":[)",
           document(identity),
           R"(],"boundary":[)",
           document(boundary),
           "]}"),
       .before = {}}));
}

TEST(Prove, AStatementThatContradictsADenyLeavesTheNextToBeTried) {
  const std::string needs_c = allow_if(R"("StringEquals":{"x:c":"1"})");
  const std::string not_together =
      R"({"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"x:a":"1","x:b":"1","x:c":"1"}}})";
  const std::string together = allow_if(R"("StringEquals":{"x:a":"1","x:b":"1"})");
  const std::string other = allow_if(R"("StringEquals":{"x:d":"1"})");
  EXPECT_EQ(anything(concat(needs_c, ",", not_together), together).result, ProofResult::Pass);
  EXPECT_EQ(anything(concat(needs_c, ",", not_together), concat(together, ",", other)).result,
            ProofResult::Fail);
}

TEST(Prove, AChoiceThatMakesADenyInescapableIsTakenBack) {
  // With the first statement the Deny applies to every request: all of them have the two keys.
  const std::string first = allow_if(R"("StringEquals":{"x:p":"1"})");
  const std::string second = allow_if(R"("StringEquals":{"x:r":"1"})");
  const std::string deny =
      R"({"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"x:p":"1"},"Null":{"aws:CurrentTime":"false","aws:SecureTransport":"false"}}})";
  EXPECT_EQ(anything(concat(first, ",", deny), kRead).result, ProofResult::Pass);
  EXPECT_EQ(anything(concat(first, ",", second, ",", deny), kRead).result, ProofResult::Fail);
}

TEST(Prove, AVariableInABooleanRefusesNoValueForCertain) {
  const std::string same =
      allow_if(R"("Bool":{"aws:SecureTransport":"${aws:PrincipalTag/secure}"})");
  EXPECT_NE(anything(same, kRead).result, ProofResult::Pass);
}

TEST(Prove, AChoiceThatRulesStatementsOutIsTakenBack) {
  // With the first identity statement the boundary's first cannot apply, and its second never does.
  const std::string agent = allow_if(R"("StringEquals":{"aws:UserAgent":"c"})");
  const std::string prefix = allow_if(R"("StringEquals":{"s3:prefix":"d"})");
  const std::string other_agent = allow_if(R"("StringNotEquals":{"aws:UserAgent":"c"})");
  const std::string never =
      allow_if(R"("Null":{"aws:Referer":"true"},"StringEquals":{"aws:Referer":"x"})");
  const std::string boundary = concat(other_agent, ",", never);
  EXPECT_EQ(anything(agent, boundary).result, ProofResult::Pass);
  EXPECT_EQ(anything(concat(agent, ",", prefix), boundary).result, ProofResult::Fail);
}

TEST(Prove, TheOwnersRootIsNotLockedOutOfItsBucketPolicy) {
  const auto question =
      concat(R"({"principal":"arn:aws:iam::111122223333:root","resource_account":"111122223333",)",
             R"("resource_policy":[)",
             document(R"({"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"})"),
             "]}");
  const auto can = [&question](std::string_view action) {
    return checked(find_new_access(
                       {.now = question,
                        .before = {},
                        .within = document(concat(
                            R"({"Effect":"Allow","Action":")", action, R"(","Resource":"*"})"))}))
        .result;
  };
  EXPECT_EQ(can("s3:PutBucketPolicy"), ProofResult::Fail);
  EXPECT_EQ(can("s3:GetObject"), ProofResult::Pass);
}

TEST(Prove, ResourcesOfAnotherAccountCountWhereNoOwnerIsSaid) {
  const auto question = [](std::string_view resource_policy) {
    return concat(
        R"({"principal":"arn:aws:iam::111122223333:user/u","identity_policies":[)",
        document(
            R"({"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:444455556666:q"})"),
        resource_policy,
        "]}");
  };
  EXPECT_EQ(checked(find_new_access({.now = question(""), .before = {}})).result, ProofResult::Pass)
      << "its owner allows nothing";
  const std::string allowing = concat(
      R"(],"resource_policy":[)",
      document(
          R"({"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sqs:*","Resource":"*"})"));
  EXPECT_EQ(checked(find_new_access({.now = question(allowing), .before = {}})).result,
            ProofResult::Fail);
}

TEST(Prove, OneNameUnderTwoTypesIsTwoPrincipals) {
  const auto statement = [](std::string_view type, std::string_view action) {
    return concat(R"({"Effect":"Allow","Principal":{")",
                  type,
                  R"(":"logs.amazonaws.com"},"Action":")",
                  action,
                  R"(","Resource":"arn:aws:s3:::b/*"})");
  };
  const std::string canonical = statement("CanonicalUser", "s3:GetObject");
  const std::string both = concat(canonical, ",", statement("Service", "s3:PutObject"));
  const std::array<NamedDocument, 1> now{NamedDocument{.name = "now", .text = document(both)}};
  const std::array<NamedDocument, 1> before{
      NamedDocument{.name = "before", .text = document(canonical)}};
  EXPECT_EQ(checked(prove_no_new_access(DocumentKind::Resource, now, before)).result,
            ProofResult::Fail);
}

TEST(Prove, AWildcardWithinAPrincipalCountsWhereItsStatementChanged) {
  const auto statement = [](std::string_view principal, std::string_view action) {
    return concat(R"({"Effect":"Allow","Principal":)",
                  principal,
                  R"(,"Action":")",
                  action,
                  R"(","Resource":"arn:aws:s3:::b/*"})");
  };
  constexpr std::string_view kSome = R"({"AWS":"arn:aws:iam::111122223333:user/*"})";
  constexpr std::string_view kLogs = R"({"Service":"logs.amazonaws.com"})";
  const auto prove = [](std::string_view a, std::string_view b) {
    const std::array<NamedDocument, 1> now{NamedDocument{.name = "now", .text = document(a)}};
    const std::array<NamedDocument, 1> before{NamedDocument{.name = "old", .text = document(b)}};
    return checked(prove_no_new_access(DocumentKind::Resource, now, before)).result;
  };
  const std::string some = statement(kSome, "s3:GetObject");
  EXPECT_EQ(prove(concat(some, ",", statement(kLogs, "s3:GetObject")),
                  concat(some, ",", statement(kLogs, "s3:Get*"))),
            ProofResult::Pass);
  EXPECT_EQ(prove(some, statement(kSome, "s3:Get*")), ProofResult::Unknown);
  EXPECT_EQ(prove(concat(some, ",", statement(kLogs, "s3:Get*")),
                  concat(some, ",", statement(kLogs, "s3:GetObject"))),
            ProofResult::Fail);
}

TEST(Prove, QuestionsAboutDifferentCallersAreNotCompared) {
  const auto of = [](std::string_view name) {
    return concat(R"({"principal":"arn:aws:iam::111122223333:user/)", name, R"("})");
  };
  EXPECT_FALSE(find_new_access({.now = of("a"), .before = of("b")}).has_value());
  EXPECT_TRUE(find_new_access({.now = of("a"), .before = of("a")}).has_value());
}

TEST(Prove, APolicyThatCannotBeReadIsAnError) {
  const std::array<NamedDocument, 1> bad{NamedDocument{.name = "bad.json", .text = "{nonsense"}};
  const auto proof = prove_no_new_access(DocumentKind::Identity, bad, bad);
  ASSERT_FALSE(proof.has_value());
  EXPECT_NE(proof.error().find("identity_policies"), std::string::npos) << proof.error();
}

TEST(Prove, RedundantStatementsAreThoseWhoseRemovalChangesNothing) {
  const std::string text = document(concat(
      R"({"Sid":"All","Effect":"Allow","Action":"s3:Get*","Resource":"*"},)",
      kRead,
      R"(,{"Sid":"Idle","Effect":"Deny","Action":"iam:*","Resource":"*"})",
      R"(,{"Sid":"Used","Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::c/*"})"));
  const std::array<NamedDocument, 1> documents{NamedDocument{.name = "p", .text = text}};
  const auto found = find_redundant(DocumentKind::Identity, documents);
  ASSERT_TRUE(found.has_value()) << found.error();
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].sid, "Read");
  EXPECT_EQ((*found)[1].sid, "Idle");
  EXPECT_EQ((*found)[1].result, ProofResult::Pass);
}

}  // namespace
}  // namespace signet::policy::prove
