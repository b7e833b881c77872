#include "facts/outcome_for_test.h"
#include "signin/handlers.h"
#include "signin/sign_in_fixture_for_test.h"

namespace signet::signin {
namespace {

using authz::AuthzFixture;

constexpr std::string_view kAlice = "arn:aws:iam::111122223333:user/alice";
constexpr std::string_view kAll = "arn:aws:iam::111122223333:*";
constexpr std::string_view kNoSession = "NoSuchEntity: The session was not found.";

class SessionsTest : public SignInTest {
 protected:
  SessionsTest() { allow("signin:*"); }

  // Signs in with another browser; the ARN of its session.
  std::string sign_in() {
    jar_.clear();
    EXPECT_EQ(try_password(kPassword).status, 303);
    const auto sessions = list();
    return sessions.items.empty() ? "" : sessions.items.back().session_arn;
  }

  ListSessionsResponse list(const ListSessionsRequest& request = {}) {
    auto answer = world_.call(AuthzFixture::user(), request);
    EXPECT_EQ(outcome(answer), "ok");
    return answer ? *std::move(answer) : ListSessionsResponse();
  }

  BatchRevokeSessionsResponse revoke(const std::string& arn) {
    BatchRevokeSessionsRequest request;
    request.session_arns = {arn};
    auto answer = world_.call(AuthzFixture::user(), request, true);
    EXPECT_EQ(outcome(answer), "ok");
    return answer ? *std::move(answer) : BatchRevokeSessionsResponse();
  }

  Result<GetSessionResponse> get(const std::string& arn, std::string_view principal = {}) {
    GetSessionRequest request;
    request.session_arn = arn;
    if (!principal.empty()) {
      request.principal_arn = std::string(principal);
    }
    return world_.call(AuthzFixture::user(), request);
  }
};

TEST_F(SessionsTest, AreListedOldestFirstWithWhoseTheyAre) {
  const std::string first = sign_in();
  world_.clock.advance_seconds(10);
  const std::string second = sign_in();

  const auto listed = list();

  ASSERT_EQ(listed.items.size(), 2U);
  EXPECT_EQ(listed.items[0].session_arn, first);
  EXPECT_EQ(listed.items[1].session_arn, second);
  EXPECT_TRUE(first.starts_with("arn:aws:signin:eu-west-1:111122223333:session/")) << first;
  EXPECT_EQ(listed.items[0].principal_arn, kAlice) << "without its path";
  EXPECT_EQ(listed.items[0].status, "ACTIVE");
  EXPECT_EQ(listed.items[0].expires_at - listed.items[0].issued_at, 12 * 3600);
  EXPECT_FALSE(listed.items[0].client_id);
  EXPECT_FALSE(listed.items[0].role);
}

TEST_F(SessionsTest, ArePagedAndFiltered) {
  std::vector<std::string> arns;
  for (int i = 0; i < 3; ++i) {
    arns.push_back(sign_in());
    world_.clock.advance_seconds(10);
  }
  ListSessionsRequest request;
  request.max_results = 2;
  const auto first = list(request);
  ASSERT_EQ(first.items.size(), 2U);
  ASSERT_TRUE(first.next_token);
  request.next_token = first.next_token;
  const auto second = list(request);
  ASSERT_EQ(second.items.size(), 1U);
  EXPECT_EQ(second.items[0].session_arn, arns[2]);
  EXPECT_FALSE(second.next_token);

  ListSessionsRequest issued;
  issued.issued_after = AuthzFixture::kNow.seconds() + 10;
  issued.issued_before = AuthzFixture::kNow.seconds() + 20;
  const auto between = list(issued);
  ASSERT_EQ(between.items.size(), 1U);
  EXPECT_EQ(between.items[0].session_arn, arns[1]);

  ListSessionsRequest of_clients;
  of_clients.client_id = "arn:aws:signin:::devtools/same-device";
  EXPECT_TRUE(list(of_clients).items.empty());
  for (const std::string_view wrong : {"x", "AAAA", "YS9iL2M", "!!!"}) {
    ListSessionsRequest asked;
    asked.next_token = std::string(wrong);
    EXPECT_EQ(outcome(world_.call(AuthzFixture::user(), asked)),
              "ValidationError: nextToken is not valid.")
        << wrong;
  }
}

TEST_F(SessionsTest, AreOverAtOnceWhenTheyAreRevoked) {
  const std::string arn = sign_in();
  ASSERT_TRUE(is_signed_in());
  for (int again = 0; again < 2; ++again) {
    const auto revoked = revoke(arn);
    ASSERT_EQ(revoked.revoked_sessions.size(), 1U);
    EXPECT_TRUE(revoked.errors.empty());
    EXPECT_FALSE(is_signed_in());
  }
  EXPECT_EQ(list().items[0].status, "REVOKED");
  EXPECT_EQ(get(arn).value().status, "REVOKED");
  ListSessionsRequest active;
  active.status = "ACTIVE";
  EXPECT_TRUE(list(active).items.empty());
  world_.clock.advance_seconds(12 * 3600);
  EXPECT_TRUE(list().items.empty()) << "it would have expired";
  EXPECT_EQ(outcome(get(arn)), kNoSession);
}

TEST_F(SessionsTest, ThatEndedByThemselvesAreNotThere) {
  const std::string arn = sign_in();
  world_.clock.advance_seconds(3600);
  EXPECT_TRUE(list().items.empty()) << "not used for an hour";
  EXPECT_EQ(outcome(get(arn)), kNoSession);
  EXPECT_EQ(revoke(arn).errors.size(), 1U);

  const std::string other = sign_in();
  world_.clock.advance_seconds(1);
  set_password();
  allow("signin:*");
  EXPECT_TRUE(list().items.empty()) << "its password is another";
}

TEST_F(SessionsTest, OfOthersAreNotFound) {
  const std::string arn = sign_in();
  EXPECT_EQ(outcome(get(arn)), "ok");
  EXPECT_EQ(outcome(get(arn, kAll)), "ok");
  EXPECT_EQ(outcome(get(arn, kAlice)), "ok");
  for (const std::string_view other : {"arn:aws:iam::111122223333:user/bob",
                                       "arn:aws:iam::111122223333:root",
                                       "arn:aws:iam::111122223333:role/reader",
                                       "arn:aws:iam::444455556666:*",
                                       "nonsense"}) {
    EXPECT_EQ(outcome(get(arn, other)), kNoSession) << other;
  }
  for (const std::string& wrong :
       {arn.substr(0, arn.size() - 1), arn + "0", std::string("x"), std::string()}) {
    EXPECT_EQ(outcome(get(wrong)), kNoSession) << wrong;
    const auto refused = revoke(wrong);
    ASSERT_EQ(refused.errors.size(), 1U);
    EXPECT_EQ(refused.errors[0].code, "ResourceNotFoundException");
  }
  GetSessionRequest request;
  request.session_arn = arn;
  EXPECT_EQ(outcome(world_.call(AuthzFixture::root(), request)), kNoSession) << "not root's own";
  EXPECT_EQ(outcome(world_.call(AuthzFixture::root(identity::kOtherAccount), request)), kNoSession);
  EXPECT_TRUE(is_signed_in());
}

TEST_F(SessionsTest, TakePermission) {
  const std::string arn = sign_in();
  allow("s3:*");
  EXPECT_TRUE(outcome(get(arn)).starts_with("AccessDenied")) << outcome(get(arn));
  EXPECT_TRUE(outcome(world_.call(AuthzFixture::user(), ListSessionsRequest()))
                  .starts_with("AccessDenied"));
  BatchRevokeSessionsRequest request;
  request.session_arns = {arn};
  EXPECT_TRUE(
      outcome(world_.call(AuthzFixture::user(), request, true)).starts_with("AccessDenied"));
  EXPECT_TRUE(is_signed_in());
}

TEST_F(SessionsTest, EndWithTheOneThatTheyCameFrom) {
  const std::string arn = sign_in();
  const auto make = [this](std::string id, std::string origin) {
    world_.write([&](identity::Transaction& transaction) {
      transaction.put(identity::Ticket{
          .kind = identity::TicketKind::ConsoleSession,
          .id_hash = "hash of " + id,
          .account = identity::kOtherAccount,
          .expires = world_.clock.now().plus_seconds(1000),
          .data = identity::make_shared_secret("{}"),
          .session = identity::SignInSession{
              .id = std::move(id), .owner = "AROAX", .origin = std::move(origin)}});
    });
  };
  make("derived", arn.substr(arn.rfind('/') + 1));
  make("another", "else");

  EXPECT_TRUE(revoke(arn).errors.empty());

  const auto snapshot = world_.snapshot();
  EXPECT_EQ(snapshot->find_session(identity::kOtherAccount, "derived")->kind,
            identity::TicketKind::RevokedSession);
  EXPECT_EQ(snapshot->find_session(identity::kOtherAccount, "another")->kind,
            identity::TicketKind::ConsoleSession);
}

TEST_F(SessionsTest, TokensThatNobodyGaveAreInactive) {
  for (const std::string_view text : {"ASORx", "ASOAx", "ASOR", "x"}) {
    IntrospectOAuth2TokenWithIAMRequest request;
    request.token = Secret(std::string(text));
    const auto answer = world_.call(AuthzFixture::user(), request);
    ASSERT_EQ(outcome(answer), "ok");
    EXPECT_FALSE(answer->active);
    EXPECT_FALSE(answer->sub);
  }
  EXPECT_TRUE(is_signed_in() || jar_.empty());
}

}  // namespace
}  // namespace signet::signin
