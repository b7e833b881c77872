#include "policy/explain.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "policy/batch.h"
#include "policy/check.h"
#include "policy/simulate.h"

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
  const auto json = Json::parse(render_json(trace));
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ((*json)[json->member(0, "verdict")].content, "ExplicitlyDenied");
  EXPECT_EQ((*json)[json->member(0, "statements")].count, 2U);
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

std::vector<std::string> codes_of(std::string_view text, Profile profile) {
  std::vector<std::string> codes;
  for (const Finding& finding : check_document(text, {.profile = profile, .bucket = "b"})) {
    codes.push_back(finding.code);
  }
  std::sort(codes.begin(), codes.end());
  return codes;
}

std::string identity_with(const std::string& rest) {
  return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",)" + rest + "}}";
}

TEST(Check, FindsWhatIsDangerousOrDead) {
  const std::pair<std::string, std::string> rows[] = {
      {identity_with(R"("NotAction":"s3:*","Resource":"*")"), "AllowWithNotAction"},
      {identity_with(R"("Action":"s3:*","NotResource":"arn:aws:s3:::b")"), "AllowWithNotResource"},
      {identity_with(R"("Action":"*","Resource":"*")"), "FullAccess"},
      {identity_with(R"("Action":"iam:Pass*","Resource":"*")"), "PassRoleWithStar"},
      {identity_with(R"("Action":["s3:Get*","s3:GetObject"],"Resource":"*")"), "RedundantAction"},
      {identity_with(R"("Action":"s3:Get Object","Resource":"*")"), "ActionNeverMatches"},
      {identity_with(R"("Action":"s3:Get","Resource":"arn:aws:s3")"), "ShortResource"},
      {identity_with(R"("Action":"s3:Get","Resource":"arn:aws:sqs:${x}:1:q")"),
       "VariableInArnHead"},
      {identity_with(R"("Action":"s3:Get","Resource":"arn:aws:s3:::b/${")"), "MalformedVariable"},
      {identity_with(
           R"("Action":"s3:Get","Resource":"*","Condition":{"StringEquals":{"aws:TagKeys":"a"}})"),
       "MissingQuantifier"},
      {identity_with(
           R"("Action":"s3:Get","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}})"),
       "ForAllValuesWithoutNull"},
      {identity_with(
           R"("Action":"s3:Get","Resource":"*","Condition":{"StringEquals":{"aws:Unheard":"a"}})"),
       "UnknownGlobalKey"},
      {identity_with(
           R"("Action":"s3:Get","Resource":"*","Condition":{"StringEquals":{"aws:username":"a*"}})"),
       "WildcardInEquals"},
      {identity_with(
           R"("Action":"s3:Get","Resource":"*","Condition":{"NumericEquals":{"s3:max-keys":"ten"}})"),
       "UnreadableValue"},
      {identity_with(
           R"("Action":"s3:Get","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2020"}})"),
       "AmbiguousDate"},
      {identity_with(R"("Action":"s3:Get","Resource":"*","Condition":{"StringEquals":{"x:a":[]}})"),
       "EmptyValues"},
      {identity_with(
           R"("Action":"s3:Get","Resource":"*","Condition":{"StringEquals":{"x:a":"1","X:A":"1"}})"),
       "RepeatedConditionKey"},
      {"{\"Version\":", "InvalidPolicy"},
  };
  for (const auto& [text, code] : rows) {
    EXPECT_EQ(codes_of(text, Profile::Identity), std::vector<std::string>{code}) << text;
  }
  EXPECT_TRUE(codes_of(identity_with(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*")"),
                       Profile::Identity)
                  .empty());
  EXPECT_EQ(
      codes_of(
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}})",
          Profile::Bucket),
      std::vector<std::string>{"PublicAccess"});
}

TEST(Check, RendersWithPositionsAndExitStatus) {
  const std::vector<CheckedFile> files{
      {.name = "a.json",
       .findings = check_document(identity_with(R"("Action":"*","Resource":"*")"), {})}};
  EXPECT_EQ(render_findings(files),
            "a.json:1:64: security-warning: grants every action on every resource [FullAccess]\n");
  EXPECT_EQ(exit_status(files), 2);
  EXPECT_EQ(exit_status({}), 0);
  EXPECT_TRUE(Json::parse(findings_json(files)).has_value());
  const auto sarif = Json::parse(findings_sarif(files));
  ASSERT_TRUE(sarif.has_value()) << sarif.error().message;
  EXPECT_NE(findings_sarif(files).find("\"startColumn\":64"), std::string::npos);
}

TEST(Batch, AnswersErrorsWithTheLinesId) {
  BatchEvaluator batch;
  const std::pair<std::string, std::string> rows[] = {
      {"nonsense", R"({"id":null,"error":"not JSON: unknown word"})"},
      {R"({"id":7})", R"({"id":7,"error":"action is missing"})"},
      {R"({"id":"x","action":"a:b","identity_policies":[{"Version":"2012-10-17"}]})",
       R"~({"id":"x","error":"identity_policies[0]: no Statement (line 1, column 1)"})~"},
      {R"({"id":1,"action":"a:b","principal":"arn:aws:iam::1:group/g"})",
       R"({"id":1,"error":"principal is no user, role session, federated user or root"})"}};
  for (const auto& [line, answer] : rows) {
    std::string out;
    EXPECT_FALSE(batch.evaluate(line, out));
    EXPECT_EQ(out, answer);
  }
  std::string out;
  EXPECT_TRUE(batch.evaluate(R"({"id":[1],"action":"a:b","resource":null,"principal":null})", out));
  EXPECT_EQ(out, R"({"id":[1],"verdict":"ImplicitlyDenied","reason":"resource","matched":[]})");
}

}  // namespace
}  // namespace signet::policy
