#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "authn/authenticator.h"
#include "base/strings.h"
#include "sts/handlers.h"
#include "sts/session_for_test.h"
#include "token/opaque.h"

namespace signet::sts {
namespace {

using authz::AuthzFixture;
using identity::DelegationRequest;

constexpr const char* kExpired =
    "ExpiredTradeInTokenException: The trade-in token provided in the request has expired and can "
    "no longer be exchanged for credentials. Request a new token and retry the operation.";

class DelegatedAccess : public testing::Test {
 protected:
  DelegatedAccess() {
    const auto allow_all = [](auto& entity) {
      entity.inline_policies = {{.name = "all", .document = authz::document("Allow", "*")}};
    };
    world_.change_user(allow_all);
    world_.change_role(allow_all);
  }

  // A request of the other account that was accepted by this identity and released now, for an
  // hour. Its token.
  std::string release(std::string_view approver_id,
                      const std::function<void(DelegationRequest&)>& change = {}) {
    const token::OpaqueToken token = token::make_opaque_token(world_.random);
    DelegationRequest request = identity::make_delegation("0123456789abcdef", "arn:owner");
    request.account = identity::kOtherAccount;
    request.owner_account = identity::kAccount;
    request.state = identity::DelegationState::Finalized;
    request.policy = authz::document("Allow", "s3:Get*");
    request.session_seconds = 3600;
    request.released = world_.clock.now();
    request.token_hash = token.hash;
    request.approver = identity::DelegationApprover{.arn = "arn:approver",
                                                    .principal_id = std::string(approver_id),
                                                    .session_name = "work",
                                                    .tags = {{"team", "blue"}},
                                                    .source_identity = "alice",
                                                    .accepted = world_.clock.now()};
    if (change) {
      change(request);
    }
    std::string text = token::exchange_token_text(request.id, token);
    world_.write([&](identity::Transaction& transaction) { transaction.put(std::move(request)); });
    return text;
  }

  Result<GetDelegatedAccessTokenResponse> trade(
      const std::string& token, std::string_view account = identity::kOtherAccount) {
    GetDelegatedAccessTokenRequest request;
    request.trade_in_token = Secret(std::string(token));
    return world_.call(AuthzFixture::root(account), request);
  }

  std::shared_ptr<const model::Session> session_of(
      const Result<GetDelegatedAccessTokenResponse>& answer) {
    return session_behind(answer, world_);
  }

  bool allows(const std::shared_ptr<const model::Session>& session, std::string_view action) {
    const auto snapshot = world_.snapshot();
    const auto caller = authn::caller_of_session(session, *snapshot);
    EXPECT_TRUE(caller);
    const auto request = world_.request_now();
    return world_.authorizer.allows(
        {*snapshot, *caller, request},
        {.action = std::string(action), .resource = "arn:aws:s3:::bucket/key"});
  }

  api::ApiFixture world_;
};

TEST_F(DelegatedAccess, ActsAsTheApproverWithinThePolicy) {
  const auto answer = trade(release(AuthzFixture::kRoleId));

  EXPECT_EQ(answer->assumed_principal, "arn:aws:iam::111122223333:role/team/reader");
  EXPECT_FALSE(answer->packed_policy_size);
  EXPECT_EQ(answer->credentials->expiration, world_.clock.now().plus_seconds(3600));
  const auto session = session_of(answer);
  EXPECT_EQ(session->kind, model::SessionKind::Delegated);
  EXPECT_TRUE(session->is_chained);
  EXPECT_FALSE(session->mfa_time);
  EXPECT_EQ(session->source_identity, "alice");
  EXPECT_TRUE(allows(session, "s3:GetObject"));
  EXPECT_FALSE(allows(session, "s3:PutObject"));
  world_.change_role([](identity::Role& role) { role.inline_policies.clear(); });
  EXPECT_FALSE(allows(session, "s3:GetObject")) << "no more than the approver has";
}

TEST_F(DelegatedAccess, OfUsersAndRootIsLimitedToo) {
  for (const std::string_view approver :
       {AuthzFixture::kUserId, std::string_view(identity::kAccount)}) {
    const auto session = session_of(trade(release(approver)));
    EXPECT_TRUE(allows(session, "s3:GetObject"));
    EXPECT_FALSE(allows(session, "s3:PutObject"));
  }
}

TEST_F(DelegatedAccess, KeepsWhatLimitedTheApproversSession) {
  const auto session =
      session_of(trade(release(AuthzFixture::kRoleId, [](DelegationRequest& request) {
        request.approver->has_session_policy = true;
        request.approver->policy = authz::document("Allow", "s3:*Object")->text();
        request.approver->scope_policies = {authz::document("Allow", "s3:Get*")->text()};
      })));
  EXPECT_TRUE(allows(session, "s3:GetObject"));
  EXPECT_FALSE(allows(session, "s3:GetBucketTagging"));
  EXPECT_EQ(session->scope_policies.size(), 2U);
}

TEST_F(DelegatedAccess, MayBeHadAgainButEndsAtTheSameTime) {
  const std::string token = release(AuthzFixture::kRoleId);
  const auto first = trade(token);
  world_.clock.set(world_.clock.now().plus_seconds(1800));
  const auto second = trade(token);

  ASSERT_EQ(outcome(second), "ok");
  EXPECT_NE(second->credentials->access_key_id, first->credentials->access_key_id);
  EXPECT_EQ(second->credentials->expiration, first->credentials->expiration);
  world_.clock.set(world_.clock.now().plus_seconds(1799));
  EXPECT_EQ(outcome(trade(token)), "ok");
  world_.clock.set(world_.clock.now().plus_seconds(1));
  EXPECT_EQ(outcome(trade(token)), kExpired);
}

TEST_F(DelegatedAccess, TokensOfOthersAreGoodForNothing) {
  const std::string token = release(AuthzFixture::kRoleId);
  EXPECT_EQ(outcome(trade(token, identity::kAccount)), kExpired) << "the partner's alone";
  std::string other = token;
  other.back() = other.back() == 'A' ? 'E' : 'A';
  for (const std::string& wrong : {std::string(),
                                   std::string("x"),
                                   token.substr(1),
                                   other,
                                   token + "A",
                                   std::string("0123456789abcdef."),
                                   concat("fedcba9876543210", token.substr(token.find('.')))}) {
    EXPECT_EQ(outcome(trade(wrong)), kExpired) << wrong;
  }
  EXPECT_EQ(outcome(trade(token)), "ok");
}

TEST_F(DelegatedAccess, EndsWithItsApprover) {
  const std::string token = release(AuthzFixture::kRoleId);
  const auto session = session_of(trade(token));
  world_.clock.set(world_.clock.now().plus_seconds(10));
  world_.change_role(
      [this](identity::Role& role) { role.sessions_valid_after = world_.clock.now(); });
  EXPECT_EQ(outcome(trade(token)), kExpired) << "revoked since the acceptance";
  EXPECT_FALSE(authn::caller_of_session(session, *world_.snapshot()));
  world_.write([](identity::Transaction& transaction) {
    transaction.erase<identity::Role>(AuthzFixture::kRoleId);
  });
  EXPECT_EQ(outcome(trade(token)), kExpired);
}

TEST_F(DelegatedAccess, IsRefusedWhenItDoesNotFitIntoAToken) {
  const std::string token = release(AuthzFixture::kRoleId, [this](DelegationRequest& request) {
    std::string text =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":[)";
    for (int i = 0; i < 300; ++i) {
      const token::OpaqueToken name = token::make_opaque_token(world_.random);
      text +=
          concat(i == 0 ? "" : ",", "\"arn:aws:s3:::", token::exchange_token_text("b", name), "\"");
    }
    request.approver->scope_policies = {text + "]}]}"};
  });
  EXPECT_EQ(outcome(trade(token)).substr(0, 20), "PackedPolicyTooLarge");
}

}  // namespace
}  // namespace signet::sts
