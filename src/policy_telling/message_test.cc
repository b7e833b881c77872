#include "policy_telling/message.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::policy {
namespace {

constexpr std::string_view kCaller = "arn:aws:iam::111122223333:user/u";

Decision denial(Verdict verdict, PolicyType type) {
  return Decision{.verdict = verdict,
                  .type = type,
                  .side = AccountSide::Same,
                  .is_error = false,
                  .statement = {}};
}

TEST(AccessDeniedMessage, NamesTheKindOfPolicyInAwsWords) {
  const std::pair<PolicyType, std::pair<std::string, std::string>> rows[] = {
      {PolicyType::Identity,
       {"because no identity-based policy allows the s3:Get action",
        "with an explicit deny in an identity-based policy"}},
      {PolicyType::Resource,
       {"because no resource-based policy allows the s3:Get action",
        "with an explicit deny in a resource-based policy"}},
      {PolicyType::Boundary,
       {"because no permissions boundary allows the s3:Get action",
        "with an explicit deny in a permissions boundary"}},
      {PolicyType::Session,
       {"because no session policy allows the s3:Get action",
        "with an explicit deny in a session policy"}},
      {PolicyType::Scp,
       {"because no service control policy allows the s3:Get action",
        "with an explicit deny in a service control policy"}},
      {PolicyType::Rcp,
       {"because no resource control policy allows the s3:Get action",
        "with an explicit deny in a resource control policy"}},
      {PolicyType::Endpoint,
       {"because no VPC endpoint policy allows the s3:Get action",
        "with an explicit deny in a VPC endpoint policy"}},
      {PolicyType::Trust,
       {"because no role trust policy allows the s3:Get action",
        "with an explicit deny in the role trust policy"}},
  };
  for (const auto& [type, words] : rows) {
    EXPECT_EQ(denial_reason(denial(Verdict::ImplicitlyDenied, type), "s3:Get"), words.first);
    EXPECT_EQ(denial_reason(denial(Verdict::ExplicitlyDenied, type), "s3:Get"), words.second);
  }
  EXPECT_EQ(denial_reason(denial(Verdict::Allowed, PolicyType::Identity), "s3:Get"), "");
}

TEST(AccessDeniedMessage, FollowsTheGrammar) {
  const Decision decision = denial(Verdict::ImplicitlyDenied, PolicyType::Identity);
  EXPECT_EQ(access_denied_message(
                decision, {.caller_arn = kCaller, .action = "iam:GetUser", .resource = "user bob"}),
            "User: arn:aws:iam::111122223333:user/u is not authorized to perform: iam:GetUser on "
            "resource: user bob "
            "because no identity-based policy allows the iam:GetUser action");
  EXPECT_EQ(
      access_denied_message(
          decision, {.caller_arn = kCaller, .action = "sts:GetAccessKeyInfo", .resource = {}}),
      "User: arn:aws:iam::111122223333:user/u is not authorized to perform: sts:GetAccessKeyInfo "
      "because no "
      "identity-based policy allows the sts:GetAccessKeyInfo action");
  EXPECT_EQ(access_denied_message(decision,
                                  {.caller_arn = kCaller,
                                   .action = "sts:AssumeRole",
                                   .resource = "arn:aws:iam::111122223333:role/r",
                                   .with_reason = false}),
            "User: arn:aws:iam::111122223333:user/u is not authorized to perform: sts:AssumeRole "
            "on resource: "
            "arn:aws:iam::111122223333:role/r");
  EXPECT_EQ(access_denied_message(denial(Verdict::ImplicitlyDenied, PolicyType::Resource),
                                  {.caller_arn = {},
                                   .action = "s3:GetObject",
                                   .resource = "arn:aws:s3:::b/k",
                                   .quote_resource = true}),
            "User: anonymous is not authorized to perform: s3:GetObject on resource: "
            "\"arn:aws:s3:::b/k\" because no "
            "resource-based policy allows the s3:GetObject action");
}

TEST(AccessDeniedMessage, NamesTheManagedPolicyThatDenies) {
  const auto deny = [](std::string id) {
    return PolicySet::make(
        SetKind::Identity,
        {{.policy = compile_text(
              R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})"),
          .id = std::move(id),
          .pins = {}}});
  };
  const Principal user{.kind = PrincipalKind::User,
                       .account = "111122223333",
                       .arn = kCaller,
                       .entity_arn = kCaller};
  const Request request{.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"};
  const RequestContext context;

  const auto managed = deny("arn:aws:iam::111122223333:policy/NoAccess");
  const auto inline_policy = deny("inline");

  EXPECT_EQ(
      denial_reason(decide(request, user, context, {.identity = managed.get()}), "s3:GetObject"),
      "with an explicit deny in an identity-based policy: "
      "arn:aws:iam::111122223333:policy/NoAccess");
  EXPECT_EQ(denial_reason(decide(request, user, context, {.identity = inline_policy.get()}),
                          "s3:GetObject"),
            "with an explicit deny in an identity-based policy");
}

TEST(Decide, APolicyThatCannotBeReadDeniesEverything) {
  const Principal user{.kind = PrincipalKind::User,
                       .account = "111122223333",
                       .arn = kCaller,
                       .entity_arn = kCaller};
  const Request request{.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"};
  const auto allow = compile_text(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})");
  const auto unreadable = compile_text("{\"Version\":");
  ASSERT_NE(allow, nullptr);
  ASSERT_EQ(unreadable, nullptr);
  const auto broken = PolicySet::make(
      SetKind::Identity,
      {{.policy = allow, .id = "a", .pins = {}}, {.policy = unreadable, .id = "b", .pins = {}}});
  const auto good = PolicySet::make(SetKind::Identity, {{.policy = allow, .id = "a", .pins = {}}});
  const RequestContext context;

  for (const PolicyInputs& inputs :
       {PolicyInputs{.identity = broken.get()},
        PolicyInputs{.identity = good.get(), .boundary = broken.get()},
        PolicyInputs{.identity = good.get(), .session = broken.get()},
        PolicyInputs{.resource = broken.get(), .identity = good.get()}}) {
    const Decision decision = decide(request, user, context, inputs);
    EXPECT_EQ(decision.verdict, Verdict::ImplicitlyDenied);
    EXPECT_TRUE(decision.is_error);
  }
  EXPECT_TRUE(decide(request, user, context, {.identity = good.get()}).is_allowed());
}

}  // namespace
}  // namespace signet::policy
