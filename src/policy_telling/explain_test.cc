#include "policy_telling/explain.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "policy_telling/batch.h"
#include "policy_telling/simulate.h"

namespace signet::policy {
namespace {

constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/u";

PolicySetRef set_of(SetKind kind, const std::string& text, const std::string& id) {
  return PolicySet::make(kind, {{.policy = compile_text(text), .id = id, .pins = {}}});
}

const std::string kIdentity =
    "{\"Version\":\"2012-10-17\",\"Statement\":[\n"
    "  "
    "{\"Sid\":\"Read\",\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"arn:aws:s3:::b/"
    "${aws:PrincipalTag/t}/*\"},\n"
    "  {\"Sid\":\"Mfa\",\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\n"
    "   \"Condition\":{\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"false\"}}}]}";

struct Scene {
  Principal principal{
      .kind = PrincipalKind::User, .account = "111122223333", .arn = kUser, .entity_arn = kUser};
  Request request{.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"};
  RequestContext context;
  PolicySetRef identity = set_of(SetKind::Identity, kIdentity, "reader");
};

TEST(Explain, SaysWhichPartOfWhichStatementDecided) {
  const Scene scene;
  const Trace trace =
      explain(scene.request, scene.principal, scene.context, {.identity = scene.identity.get()});

  EXPECT_EQ(trace.decision.verdict, Verdict::ExplicitlyDenied);
  ASSERT_EQ(trace.statements.size(), 2U);
  const StatementTrace& read = trace.statements[0];
  EXPECT_FALSE(read.applies);
  EXPECT_EQ(read.parts[0].part, "Action");
  EXPECT_TRUE(read.parts[0].matched);
  EXPECT_EQ(read.parts[1].part, "Resource");
  EXPECT_FALSE(read.parts[1].matched);
  EXPECT_EQ(read.parts[1].given, "arn:aws:s3:::b/k");
  const StatementTrace& mfa = trace.statements[1];
  EXPECT_TRUE(mfa.applies);
  EXPECT_TRUE(mfa.is_deciding);
  EXPECT_EQ(mfa.begin.line, 3U);
  EXPECT_EQ(mfa.begin.column, 3U);
  EXPECT_EQ(mfa.end.line, 4U);
  EXPECT_EQ(mfa.parts.back().given, "(absent)");
  EXPECT_EQ(trace.missing_keys,
            (std::vector<std::string>{"aws:PrincipalTag/t", "aws:MultiFactorAuthPresent"}));
}

std::vector<StatementTrace> nearest_of(const Scene& scene,
                                       const std::string& text,
                                       std::size_t limit = 9) {
  const PolicySetRef set = set_of(SetKind::Identity, text, "p");
  const PolicyInputs inputs{.identity = set.get()};
  const Decision decision = decide(scene.request, scene.principal, scene.context, inputs);
  return nearest_statements(decision, scene.request, scene.principal, scene.context, inputs, limit);
}

TEST(NearestStatements, AreThoseOfTheActionWithWhatDidNotMatch) {
  const std::string text = R"({"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"s3:PutObject","Resource":"*"},
    {"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::other/*",
     "Condition":{"Bool":{"aws:SecureTransport":"true"}}},
    {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::c/*"}]})";

  const std::vector<StatementTrace> nearest = nearest_of(Scene(), text);

  ASSERT_EQ(nearest.size(), 2U);
  EXPECT_EQ(nearest[0].statement, 2U) << "fewest parts in the way first";
  ASSERT_EQ(nearest[0].parts.size(), 1U);
  EXPECT_EQ(nearest[0].parts[0].part, "Resource");
  EXPECT_EQ(nearest[1].parts.size(), 2U);
  EXPECT_EQ(nearest_of(Scene(), text, 1).size(), 1U);
}

TEST(NearestStatements, AreOfImplicitDenialsOnly) {
  EXPECT_TRUE(nearest_of(Scene(), kIdentity).empty()) << "an explicit denial";
  EXPECT_TRUE(nearest_of(Scene(), R"({"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]})")
                  .empty())
      << "allowed";
}

TEST(Explain, RendersForPeopleAndForPrograms) {
  const Scene scene;
  const Trace trace =
      explain(scene.request, scene.principal, scene.context, {.identity = scene.identity.get()});

  const std::string text = render_text(trace);
  EXPECT_NE(text.find("ExplicitlyDenied (identity)"), std::string::npos);
  EXPECT_NE(text.find("=> identity reader line 3 column 3 \"Mfa\": Deny applies"),
            std::string::npos);
  EXPECT_NE(text.find("no  Resource: arn:aws:s3:::b/${aws:PrincipalTag/t}/*  <-  arn:aws:s3:::b/k"),
            std::string::npos);
  const auto json = PolicyJson::parse(render_json(trace));
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ((*json)[json->member(0, "verdict")].content, "ExplicitlyDenied");
  EXPECT_EQ((*json)[json->member(0, "statements")].count, 2U);
}

TEST(Explain, NamesTheLayersThatANotPrincipalLacks) {
  const Scene scene;
  const auto bucket = set_of(SetKind::Resource,
                             R"({"Version":"2012-10-17","Statement":{"Effect":"Deny",
  "NotPrincipal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}})",
                             "bucket");

  const Trace trace = explain(scene.request,
                              scene.principal,
                              scene.context,
                              {.resource = bucket.get(), .identity = scene.identity.get()});

  EXPECT_EQ(trace.decision.type, PolicyType::Resource);
  std::string given;
  for (const StatementTrace& statement : trace.statements) {
    for (const auto& part : statement.parts) {
      given = part.part == "NotPrincipal" ? part.given : given;
    }
  }
  EXPECT_EQ(given, concat(kUser, " (not listed: the principal itself)"));
}

TEST(Explain, TellsOfPoliciesThatCannotBeRead) {
  const Scene scene;
  const auto broken =
      PolicySet::make(SetKind::Identity, {{.policy = nullptr, .id = "lost", .pins = {}}});
  const Trace trace =
      explain(scene.request, scene.principal, scene.context, {.identity = broken.get()});
  EXPECT_TRUE(trace.decision.is_error);
  EXPECT_EQ(trace.unreadable, (std::vector<std::string>{"identity: lost"}));
}

TEST(Simulate, ReportsWhatTheApiReports) {
  Scene scene;
  scene.context.set(KeyId::AwsMultiFactorAuthPresent, "true");
  const auto boundary = set_of(
      SetKind::Identity,
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}})",
      "edge");
  const auto everything = set_of(
      SetKind::Identity,
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
      "all");

  const SimulationResult denied =
      simulate(scene.request,
               scene.principal,
               scene.context,
               {.identity = everything.get(), .boundary = boundary.get()});
  const SimulationResult allowed =
      simulate(scene.request, scene.principal, scene.context, {.identity = everything.get()});
  const SimulationResult refused =
      simulate(scene.request, scene.principal, {}, {.identity = scene.identity.get()});

  EXPECT_EQ(denied.decision, "implicitDeny");
  EXPECT_EQ(denied.allowed_by_boundary, false);
  EXPECT_TRUE(denied.matched_statements.empty());
  EXPECT_EQ(allowed.decision, "allowed");
  EXPECT_FALSE(allowed.allowed_by_boundary.has_value());
  ASSERT_EQ(allowed.matched_statements.size(), 1U);
  EXPECT_EQ(allowed.matched_statements[0].source_policy_id, "all");
  EXPECT_EQ(allowed.matched_statements[0].source_policy_type, "IAM Policy");
  EXPECT_EQ(allowed.matched_statements[0].start.column, 37U);
  EXPECT_EQ(refused.decision, "explicitDeny");
  ASSERT_EQ(refused.matched_statements.size(), 1U);
  EXPECT_EQ(refused.matched_statements[0].start.line, 3U);
  EXPECT_TRUE(allowed.decision_details.empty());
}

TEST(Simulate, AnswersForTrustPoliciesAndOtherAccounts) {
  Scene scene;
  const auto trust = set_of(
      SetKind::Resource,
      R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/u"},"Action":"sts:AssumeRole"}})",
      "trust");
  const Request own{.action = "sts:AssumeRole", .resource = "arn:aws:iam::111122223333:role/r"};
  const Request other{.action = "sts:AssumeRole", .resource = "arn:aws:iam::444455556666:role/r"};

  EXPECT_EQ(simulate(own, scene.principal, scene.context, {.resource = trust.get()}).decision,
            "allowed");
  const SimulationResult cross =
      simulate(other, scene.principal, scene.context, {.resource = trust.get()});
  EXPECT_EQ(cross.decision, "implicitDeny");
  ASSERT_EQ(cross.decision_details.size(), 2U);
  EXPECT_EQ(cross.decision_details[0].second, "implicitDeny");
  EXPECT_EQ(cross.decision_details[1].second, "allowed");
}

TEST(Batch, AnswersErrorsWithTheLinesId) {
  BatchEvaluator batch;
  const std::pair<std::string, std::string> rows[] = {
      {"nonsense", R"({"id":null,"error":"not JSON: unknown word"})"},
      {R"({"id":7})", R"({"id":7,"error":"action is missing"})"},
      {R"({"id":"x","action":"a:b","identity_policies":[{"Version":"2012-10-17"}]})",
       R"~({"id":"x","error":"identity_policies[0]: no Statement (line 1, column 1)"})~"},
      {R"({"id":1,"action":"a:b","principal":"arn:aws:iam::1:group/g"})",
       R"({"id":1,"error":"principal is no user, role, role session, federated user or root"})"},
      {R"({"id":1,"action":"a:b","principal":"arn:aws:iam::111122223333:role/p/"})",
       R"({"id":1,"error":"a role ARN needs a name"})"}};
  for (const auto& [line, answer] : rows) {
    std::string out;
    EXPECT_FALSE(batch.evaluate(line, out));
    EXPECT_EQ(out, answer);
  }
  std::string out;
  EXPECT_TRUE(batch.evaluate(R"({"id":[1],"action":"a:b","resource":null,"principal":null})", out));
  EXPECT_EQ(out, R"({"id":[1],"verdict":"ImplicitlyDenied","reason":"resource","matched":[]})");
}

TEST(Batch, TakesARoleForAnySessionOfIt) {
  BatchEvaluator batch;
  const auto asked = [&batch](std::string_view role, std::string_view policies) {
    std::string out;
    EXPECT_TRUE(
        batch.evaluate(concat(R"({"id":1,"action":"s3:GetObject","resource":"arn:aws:s3:::b/k",)",
                              R"("principal":"arn:aws:iam::111122223333:role/)",
                              role,
                              R"(","resource_account":"111122223333",)",
                              policies,
                              "}"),
                       out))
        << out;
    return out;
  };
  constexpr std::string_view kAllow =
      R"("identity_policies":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}])";
  const auto bucket = [](std::string_view principal) {
    return concat(R"("resource_policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow",)",
                  R"("Principal":{"AWS":"arn:aws:)",
                  principal,
                  R"("},"Action":"s3:*","Resource":"*"}})");
  };

  EXPECT_NE(asked("p/r", kAllow).find("\"Allowed\",\"reason\":\"identity\""), std::string::npos);
  EXPECT_NE(asked("p/r", bucket("iam::111122223333:role/p/r")).find("\"Allowed\""),
            std::string::npos);
  EXPECT_NE(asked("p/r", bucket("iam::111122223333:role/r")).find("\"ImplicitlyDenied\""),
            std::string::npos);
  EXPECT_NE(asked("r", bucket("sts::111122223333:assumed-role/r/s")).find("\"ImplicitlyDenied\""),
            std::string::npos);
}

}  // namespace
}  // namespace signet::policy
