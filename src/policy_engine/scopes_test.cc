#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "policy_engine/decide.h"

// Layers of scoped credentials (new-in-2026 1).
namespace signet::policy {
namespace {

constexpr std::string_view kUser = "arn:aws:iam::111122223333:user/u";
constexpr std::string_view kSession = "arn:aws:sts::111122223333:assumed-role/r/s";

std::string statement(std::string_view effect,
                      std::string_view action,
                      std::string_view more = "") {
  std::string text = R"({"Version":"2012-10-17","Statement":[{"Effect":")";
  text += effect;
  text += R"(","Action":")";
  text += action;
  text += R"(","Resource":"*")";
  text += more;
  text += "}]}";
  return text;
}

std::string allow(std::string_view action) {
  return statement("Allow", action);
}

PolicySetRef set_of(const std::string& text, SetKind kind = SetKind::Identity) {
  return PolicySet::make(kind, {{.policy = compile_text(text), .id = "p", .pins = {}}});
}

GuardRailsRef layers_of(const std::vector<std::string>& texts) {
  std::vector<std::vector<PolicyMember>> levels;
  for (const std::string& text : texts) {
    levels.push_back({{.policy = compile_text(text), .id = "", .pins = {}}});
  }
  return GuardRails::make(SetKind::Identity, std::move(levels));
}

Principal role_session() {
  return {.kind = PrincipalKind::AssumedRole,
          .account = "111122223333",
          .arn = kSession,
          .entity_arn = "arn:aws:iam::111122223333:role/r",
          .session_name = "s"};
}

Decision ask(const Principal& principal,
             PolicyInputs inputs,
             const std::vector<std::string>& layers) {
  const GuardRailsRef scopes = layers_of(layers);
  inputs.scopes = scopes.get();
  const RequestContext context;
  Decision decision = decide(
      {.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"}, principal, context, inputs);
  decision.statement = {};  // its set ends here
  return decision;
}

Decision ask_user(const std::vector<std::string>& layers, std::string_view identity = "s3:*") {
  const PolicySetRef set = set_of(allow(identity));
  return ask(
      {.kind = PrincipalKind::User, .account = "111122223333", .arn = kUser, .entity_arn = kUser},
      {.identity = set.get()},
      layers);
}

TEST(Scopes, EveryLayerMustAllow) {
  EXPECT_TRUE(ask_user({allow("s3:Get*")}).is_allowed());
  EXPECT_TRUE(ask_user({allow("s3:*"), allow("s3:Get*"), allow("*")}).is_allowed());
  for (const std::vector<std::string>& layers :
       {std::vector{allow("s3:Put*")},
        std::vector{allow("s3:*"), allow("s3:Put*")},
        std::vector{allow("s3:Put*"), allow("s3:*"), allow("s3:*")}}) {
    const Decision decision = ask_user(layers);
    EXPECT_EQ(decision.verdict, Verdict::ImplicitlyDenied);
    EXPECT_EQ(decision.type, PolicyType::Scope);
  }
}

TEST(Scopes, GrantNothing) {
  const Decision decision = ask_user({allow("*")}, "sqs:*");
  EXPECT_EQ(decision.verdict, Verdict::ImplicitlyDenied);
  EXPECT_EQ(decision.type, PolicyType::Identity);
}

TEST(Scopes, DenyInAnyLayerDenies) {
  const Decision decision = ask_user({allow("*"), statement("Deny", "s3:GetObject"), allow("*")});
  EXPECT_EQ(decision.verdict, Verdict::ExplicitlyDenied);
  EXPECT_EQ(decision.type, PolicyType::Scope);
}

TEST(Scopes, CapWhatAResourceGrantsToTheSessionItself) {
  std::string grant = statement("Allow", "s3:*");
  grant.insert(grant.size() - 3, concat(R"(,"Principal":{"AWS":")", kSession, R"("})"));
  const PolicySetRef bucket = set_of(grant, SetKind::Resource);
  const PolicySetRef silent = set_of(allow("s3:Put*"));
  const PolicyInputs inputs{.resource = bucket.get(), .session = silent.get()};

  EXPECT_TRUE(decide({.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"},
                     role_session(),
                     RequestContext(),
                     inputs)
                  .is_allowed());  // past a session policy (policy-semantics 7.3)
  EXPECT_TRUE(ask(role_session(), inputs, {allow("s3:Get*")}).is_allowed());
  EXPECT_EQ(ask(role_session(), inputs, {allow("s3:Put*")}).type, PolicyType::Scope);
}

TEST(Scopes, CapRoot) {
  const Principal root{.kind = PrincipalKind::Root,
                       .account = "111122223333",
                       .arn = "arn:aws:iam::111122223333:root"};
  EXPECT_TRUE(ask(root, {}, {allow("s3:*")}).is_allowed());
  EXPECT_FALSE(ask(root, {}, {allow("sqs:*")}).is_allowed());
}

TEST(Scopes, OneThatCannotBeReadDenies) {
  const Decision decision = ask_user({allow("*"), "{"});
  EXPECT_FALSE(decision.is_allowed());
  EXPECT_TRUE(decision.is_error);
  EXPECT_EQ(decision.type, PolicyType::Scope);
}

TEST(Scopes, NeverTakeAwayWhatNeedsNoPermission) {
  const GuardRailsRef scopes = layers_of({statement("Deny", "*")});
  EXPECT_TRUE(decide({.action = "sts:GetCallerIdentity", .resource = "*"},
                     role_session(),
                     RequestContext(),
                     {.scopes = scopes.get()})
                  .is_allowed());
}

}  // namespace
}  // namespace signet::policy
