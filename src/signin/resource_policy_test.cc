#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "base/strings.h"
#include "signin/handlers.h"

namespace signet::signin {
namespace {

using authz::AuthzFixture;

constexpr std::string_view kNotConfigured =
    "NoSuchEntity: Console authorization is not configured for that target.";

class SignInPolicy : public testing::Test {
 protected:
  template <class Request>
  auto change(const Request& request, const model::Caller& caller = AuthzFixture::root()) {
    return world_.call(caller, request, true);
  }

  template <class Request>
  auto read(const Request& request = {}, const model::Caller& caller = AuthzFixture::root()) {
    return world_.call(caller, request);
  }

  static PutResourcePermissionStatementRequest statement(std::string_view source) {
    PutResourcePermissionStatementRequest request;
    request.source_ip = std::string(source);
    return request;
  }

  std::string put(std::string_view source) {
    const auto made = change(statement(source));
    EXPECT_EQ(outcome(made), "ok");
    return made ? made->statement_id : "";
  }

  static DeleteResourcePermissionStatementRequest deletion(const std::string& id) {
    DeleteResourcePermissionStatementRequest request;
    request.statement_id = id;
    return request;
  }

  api::ApiFixture world_;
};

TEST_F(SignInPolicy, IsSwitchedOnAndOff) {
  EXPECT_EQ(outcome(read(GetConsoleAuthorizationConfigurationRequest())), kNotConfigured);
  EXPECT_EQ(outcome(change(DeleteConsoleAuthorizationConfigurationRequest())), kNotConfigured);

  const auto on = change(PutConsoleAuthorizationConfigurationRequest());
  ASSERT_EQ(outcome(on), "ok");
  EXPECT_TRUE(on->console_authorization_enabled);
  EXPECT_EQ(on->target_id, identity::kAccount);
  EXPECT_TRUE(read(GetConsoleAuthorizationConfigurationRequest())->console_authorization_enabled);

  const auto off = change(DeleteConsoleAuthorizationConfigurationRequest());
  ASSERT_EQ(outcome(off), "ok");
  EXPECT_FALSE(off->console_authorization_enabled);
  EXPECT_EQ(outcome(read(GetConsoleAuthorizationConfigurationRequest())), kNotConfigured);
}

TEST_F(SignInPolicy, IsOfTheCallersAccountAlone) {
  PutConsoleAuthorizationConfigurationRequest put;
  GetConsoleAuthorizationConfigurationRequest get;
  DeleteConsoleAuthorizationConfigurationRequest erase;
  for (const char* target : {identity::kOtherAccount, "o-exampleorgid", "", "999999999999"}) {
    put.target_id = get.target_id = erase.target_id = target;
    EXPECT_EQ(outcome(change(put)), kNotConfigured) << target;
    EXPECT_EQ(outcome(read(get)), kNotConfigured) << target;
    EXPECT_EQ(outcome(change(erase)), kNotConfigured) << target;
  }
  put.target_id = get.target_id = identity::kAccount;
  EXPECT_EQ(outcome(change(put)), "ok");
  EXPECT_EQ(outcome(read(get)), "ok");
  EXPECT_EQ(outcome(read(GetConsoleAuthorizationConfigurationRequest(),
                         AuthzFixture::root(identity::kOtherAccount))),
            kNotConfigured);
}

TEST_F(SignInPolicy, EveryCallNeedsItsOwnPermission) {
  const std::string id = put("192.0.2.0/24");
  ASSERT_EQ(outcome(change(PutConsoleAuthorizationConfigurationRequest())), "ok");
  const auto each = [this](std::string_view name, const auto& request) {
    world_.change_user([](identity::User& user) {
      user.inline_policies = {{.name = "p", .document = authz::document("Allow", "signin:List*")}};
    });
    const std::string refused = outcome(change(request, AuthzFixture::user()));
    EXPECT_TRUE(refused.starts_with("AccessDenied")) << name << refused;
    EXPECT_NE(refused.find(concat("signin:", name)), std::string::npos) << refused;
    world_.change_user([name](identity::User& user) {
      user.inline_policies = {
          {.name = "p", .document = authz::document("Allow", concat("signin:", name))}};
    });
    EXPECT_EQ(outcome(change(request, AuthzFixture::user())), "ok") << name;
  };
  each("GetResourcePolicy", GetResourcePolicyRequest());
  each("PutResourcePermissionStatement", statement("192.0.2.1"));
  each("DeleteResourcePermissionStatement", deletion(id));
  each("GetConsoleAuthorizationConfiguration", GetConsoleAuthorizationConfigurationRequest());
  each("PutConsoleAuthorizationConfiguration", PutConsoleAuthorizationConfigurationRequest());
  each("DeleteConsoleAuthorizationConfiguration", DeleteConsoleAuthorizationConfigurationRequest());
}

// What could deny nobody, or everybody, was not meant.
TEST_F(SignInPolicy, AStatementNamesWhereOneComesFrom) {
  for (const std::string_view source :
       {"", "x", "192.0.2", "192.0.2.256", "192.0.2.0/33", "192.0.2.0/", "2001:db8::/129"}) {
    EXPECT_EQ(outcome(change(statement(source))),
              "ValidationError: sourceIp must be an IP address or a range of some.")
        << source;
  }
  EXPECT_TRUE(outcome(change(PutResourcePermissionStatementRequest()))
                  .starts_with("ValidationError: sourceIp"));
  for (const auto member : {&PutResourcePermissionStatementRequest::source_vpc,
                            &PutResourcePermissionStatementRequest::signin_source_vpce,
                            &PutResourcePermissionStatementRequest::console_source_vpce,
                            &PutResourcePermissionStatementRequest::vpc_source_ip}) {
    PutResourcePermissionStatementRequest request = statement("192.0.2.1");
    request.*member = "vpc-1";
    EXPECT_TRUE(outcome(change(request)).starts_with("ValidationError: This server has no VPCs"));
  }
  EXPECT_TRUE(outcome(read(GetResourcePolicyRequest())).starts_with("NoSuchEntity"))
      << "none was kept";
  put("192.0.2.1");
  put("2001:db8::/32");
}

TEST_F(SignInPolicy, AClientTokenMakesOneStatement) {
  PutResourcePermissionStatementRequest request = statement("192.0.2.0/24");
  request.client_token = "once";
  const auto first = change(request);
  ASSERT_EQ(outcome(first), "ok");
  EXPECT_EQ(change(request)->statement_id, first->statement_id);
  request.requested_region = "eu-west-1";
  EXPECT_EQ(outcome(change(request)),
            "EntityAlreadyExists: The client token was used for another statement.");
  EXPECT_EQ(read(ListResourcePermissionStatementsRequest())->permission_statements.size(), 1U);

  EXPECT_NE(put("192.0.2.0/24"), put("192.0.2.0/24")) << "without a token each is its own";
}

TEST_F(SignInPolicy, AnAccountHasTwentyStatements) {
  std::string last;
  for (int i = 0; i < 20; ++i) {
    last = put(concat("192.0.2.", std::to_string(i)));
  }
  EXPECT_TRUE(outcome(change(statement("192.0.2.99"))).starts_with("LimitExceeded"));
  ASSERT_EQ(outcome(change(deletion(last))), "ok");
  EXPECT_EQ(outcome(change(deletion(last))), "NoSuchEntity: The statement was not found.");
  put("192.0.2.99");
}

TEST_F(SignInPolicy, PagesHaveEveryStatementOnce) {
  std::set<std::string> made;
  for (int i = 0; i < 7; ++i) {
    made.insert(put(concat("192.0.2.", std::to_string(i))));
  }
  for (const std::int64_t size : {1, 3, 7, 100}) {
    std::multiset<std::string> seen;
    ListResourcePermissionStatementsRequest request;
    request.max_results = size;
    for (int pages = 0; pages < 8; ++pages) {
      const auto page = read(request);
      ASSERT_EQ(outcome(page), "ok");
      EXPECT_LE(page->permission_statements.size(), static_cast<std::size_t>(size));
      for (const PermissionStatementSummary& one : page->permission_statements) {
        seen.insert(one.sid);
      }
      request.next_token = page->next_token;
      if (!request.next_token) {
        break;
      }
    }
    EXPECT_EQ(seen, std::multiset<std::string>(made.begin(), made.end())) << size;
  }
}

TEST_F(SignInPolicy, IsShownAsADenialOfEverybodyElse) {
  PutResourcePermissionStatementRequest request = statement("192.0.2.0/24");
  request.requested_region = "eu-west-1";
  request.excluded_principal = "arn:aws:iam::111122223333:user/alice";
  ASSERT_EQ(outcome(change(request)), "ok");
  const auto shown = read(GetResourcePolicyRequest());
  ASSERT_EQ(outcome(shown), "ok");
  const auto& statements = *shown->signin_resource_based_policy.statement;
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_EQ(statements[0].effect, "Deny");
  EXPECT_EQ(statements[0].resource, "*");
  ASSERT_EQ(statements[0].condition->size(), 3U);
  EXPECT_EQ(statements[0].condition->at(0).first, "NotIpAddress");
  EXPECT_EQ(statements[0].condition->at(0).second.at(0).second.at(0), "192.0.2.0/24");
  EXPECT_EQ(statements[0].condition->at(1).first, "StringNotEquals");
  EXPECT_EQ(statements[0].condition->at(2).first, "ArnNotEquals");
  EXPECT_EQ(outcome(read(GetResourcePolicyRequest(), AuthzFixture::root(identity::kOtherAccount))),
            "NoSuchEntity: The account has no sign-in resource policy.");
}

}  // namespace
}  // namespace signet::signin
