#include "authn/authenticator.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "authn/key_rings.h"
#include "base/clock.h"
#include "facts/errors.h"
#include "identity/fixture_for_test.h"
#include "sigv4/signer.h"
#include "token/session_token.h"

namespace signet::authn {
namespace {

using identity::kAccount;
using model::CallerKind;
using model::Session;
using model::SessionKind;

constexpr std::string_view kBody = "Action=GetCallerIdentity&Version=2011-06-15";
constexpr std::string_view kUserKey = "AKIAUSERKEY000000001";
constexpr std::string_view kRootKey = "AKIAROOTKEY000000001";
constexpr std::string_view kSessionKey = "ASIASESSION000000001";
constexpr std::string_view kSessionSecret = "secret-of-the-session";

// The Host names no bucket.
std::string no_bucket() {
  return {};
}

// A key id, its secret and its session token (empty: none), as a client holds them.
struct Credentials {
  std::string id;
  std::string secret;
  std::string token;
};

// "ok", or the error's wire code.
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : std::string(facts::error_row(result.error().code).wire_code);
}

class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() {
    write([](identity::Transaction& transaction) {
      identity::User alice = identity::make_user("AIDAALICE", "alice");
      alice.login = identity::LoginProfile{};
      transaction.put(alice);
      identity::Role role = identity::make_role("AROAREADER", "reader");
      role.path = "/team/";
      transaction.put(role);
      transaction.put(identity::make_key(std::string(kUserKey), "AIDAALICE"));
      transaction.put(identity::make_key(std::string(kRootKey), ""));
    });
    refresh_rings();
  }

  void write(const std::function<void(identity::Transaction&)>& change) {
    const auto done = fixture_.directory().apply(
        [&](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          change(transaction);
          return {};
        });
    ASSERT_TRUE(done) << done.error().cause;
  }

  void refresh_rings() { ASSERT_TRUE(rings_.refresh(fixture_.directory(), random_, clock_.now())); }

  [[nodiscard]] std::shared_ptr<const identity::Snapshot> snapshot() {
    return fixture_.directory().current();
  }

  // A session of an hour, of alice unless changed.
  [[nodiscard]] Session session() const {
    Session made;
    made.kind = SessionKind::SessionToken;
    made.access_key_id = kSessionKey;
    made.account = kAccount;
    made.principal_id = "AIDAALICE";
    made.issued = clock_.now();
    made.expires = clock_.now().plus_seconds(3600);
    return made;
  }

  [[nodiscard]] Session role_session() const {
    Session made = session();
    made.kind = SessionKind::AssumedRole;
    made.principal_id = "AROAREADER";
    made.session_name = "work";
    return made;
  }

  [[nodiscard]] Credentials seal(const Session& made) {
    const Secret secret{std::string(kSessionSecret)};
    auto token = token::seal_session(rings_.current(), made, secret, clock_.now(), random_);
    EXPECT_TRUE(token);
    return {made.access_key_id, std::string(kSessionSecret), token.value_or("")};
  }

  static Credentials long_term(std::string_view id) {
    return {std::string(id), "secret-of-" + std::string(id), ""};
  }

  // Signs a call to STS now and authenticates it.
  Result<Authenticated> query(const Credentials& who, std::string_view body = kBody) {
    const sigv4::SignedRequest sent = sign(who, "sts", {});
    return authenticator_.query(
        facts::Service::Sts, head_of(sent, "POST"), body, *snapshot(), clock_.now());
  }

  Result<RestAuthenticated> rest(const Credentials& who) {
    const sigv4::SignedRequest sent = sign(who, "s3", "UNSIGNED-PAYLOAD");
    return authenticator_.rest(head_of(sent, "POST"), no_bucket, *snapshot(), clock_.now());
  }

  sigv4::SignedRequest sign(const Credentials& who,
                            std::string_view service,
                            std::string_view payload_hash) {
    return sigv4::sign({.method = "POST",
                        .target = "/",
                        .headers = {{"Host", "localhost"}},
                        .body = kBody,
                        .access_key = who.id,
                        .secret_key = who.secret,
                        .session_token = who.token,
                        .service = service,
                        .timestamp = clock_.now(),
                        .normalize = service != "s3",
                        .sign_body = service == "s3",
                        .payload_hash = payload_hash});
  }

  http::RequestHead head_of(const sigv4::SignedRequest& sent, std::string_view method) {
    headers_.clear();
    for (const auto& [name, value] : sent.headers) {
      headers_.push_back({name, value});
    }
    return {.method = method, .target = sent.target, .host = "localhost", .headers = headers_};
  }

  ManualClock clock_{Instant::from_seconds(1'790'000'000)};
  identity::CountingRandom random_;
  identity::Fixture fixture_;
  KeyRings rings_;
  Authenticator authenticator_{rings_};
  std::vector<http::HeaderView> headers_;
};

TEST_F(AuthenticatorTest, ALongTermKeyIsItsUser) {
  const auto result = query(long_term(kUserKey));

  ASSERT_EQ(outcome(result), "ok");
  EXPECT_EQ(result->caller->kind, CallerKind::User);
  EXPECT_EQ(result->caller->arn, "arn:aws:iam::111122223333:user/alice");
  EXPECT_EQ(result->caller->principal_id, "AIDAALICE");
  EXPECT_EQ(result->caller->user_id, "AIDAALICE");
  EXPECT_EQ(result->caller->access_key_id, kUserKey);
  EXPECT_FALSE(result->caller->is_temporary());
  EXPECT_EQ(result->region, "us-east-1");
  EXPECT_FALSE(result->is_presigned);
}

TEST_F(AuthenticatorTest, ARootKeyIsRoot) {
  const auto result = query(long_term(kRootKey));

  ASSERT_EQ(outcome(result), "ok");
  EXPECT_EQ(result->caller->kind, CallerKind::Root);
  EXPECT_EQ(result->caller->arn, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(result->caller->user_id, kAccount);
}

TEST_F(AuthenticatorTest, ARoleSessionHasTheRolesIdentityWithoutItsPath) {
  const auto result = query(seal(role_session()));

  ASSERT_EQ(outcome(result), "ok");
  EXPECT_EQ(result->caller->kind, CallerKind::AssumedRole);
  EXPECT_EQ(result->caller->arn, "arn:aws:sts::111122223333:assumed-role/reader/work");
  EXPECT_EQ(result->caller->principal_arn, "arn:aws:iam::111122223333:role/team/reader");
  EXPECT_EQ(result->caller->user_id, "AROAREADER:work");
  EXPECT_TRUE(result->caller->is_temporary());
}

TEST_F(AuthenticatorTest, AFederatedUserActsForItsIssuer) {
  Session made = session();
  made.kind = SessionKind::FederatedUser;
  made.session_name = "guest";

  const auto result = query(seal(made));

  ASSERT_EQ(outcome(result), "ok");
  EXPECT_EQ(result->caller->kind, CallerKind::FederatedUser);
  EXPECT_EQ(result->caller->arn, "arn:aws:sts::111122223333:federated-user/guest");
  EXPECT_EQ(result->caller->user_id, "111122223333:guest");
  EXPECT_EQ(result->caller->principal_id, "AIDAALICE");
}

TEST_F(AuthenticatorTest, RefusesUnsignedQueries) {
  const http::RequestHead head{.method = "POST", .target = "/", .host = "localhost"};
  const auto result =
      authenticator_.query(facts::Service::Sts, head, kBody, *snapshot(), clock_.now());
  EXPECT_EQ(outcome(result), "MissingAuthenticationToken");
}

TEST_F(AuthenticatorTest, RefusesAWrongSecretAndAChangedBody) {
  EXPECT_EQ(outcome(query({std::string(kUserKey), "another secret", ""})), "SignatureDoesNotMatch");
  EXPECT_EQ(outcome(query(long_term(kUserKey), "Action=Other")), "SignatureDoesNotMatch");
  Credentials other = seal(session());
  other.secret = "another secret";
  EXPECT_EQ(outcome(query(other)), "SignatureDoesNotMatch");
}

TEST_F(AuthenticatorTest, RefusesUnknownKeys) {
  EXPECT_EQ(outcome(query(long_term("AKIAUNKNOWN000000001"))), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, RefusesAnInactiveKeyAtOnceAlthoughItWasUsedBefore) {
  ASSERT_EQ(outcome(query(long_term(kUserKey))), "ok");
  write([](identity::Transaction& transaction) {
    identity::AccessKey key = identity::make_key(std::string(kUserKey), "AIDAALICE");
    key.status = identity::KeyStatus::Inactive;
    transaction.put(key);
  });
  EXPECT_EQ(outcome(query(long_term(kUserKey))), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, RefusesADeletedKeyAtOnceAlthoughItWasUsedBefore) {
  ASSERT_EQ(outcome(query(long_term(kUserKey))), "ok");
  write(
      [](identity::Transaction& transaction) { transaction.erase<identity::AccessKey>(kUserKey); });
  EXPECT_EQ(outcome(query(long_term(kUserKey))), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, RefusesTheOldSecretOfAKeyThatWasMadeAgain) {
  ASSERT_EQ(outcome(query(long_term(kUserKey))), "ok");
  write([](identity::Transaction& transaction) {
    identity::AccessKey key = identity::make_key(std::string(kUserKey), "AIDAALICE");
    key.secret = identity::make_shared_secret("a new secret");
    transaction.put(key);
  });
  EXPECT_EQ(outcome(query(long_term(kUserKey))), "SignatureDoesNotMatch");
  EXPECT_EQ(outcome(query({std::string(kUserKey), "a new secret", ""})), "ok");
}

TEST_F(AuthenticatorTest, RefusesALongTermKeyWithAnyToken) {
  Credentials who = long_term(kUserKey);
  who.token = "bm90IG9uZSBvZiBvdXJz";
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
  who.token = seal(session()).token;
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, RefusesATemporaryKeyWithoutItsToken) {
  Credentials who = seal(session());
  who.token.clear();
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, RefusesTheTokenOfAnotherKeyCachedOrNot) {
  const Credentials mine = seal(session());
  Session other = session();
  other.access_key_id = "ASIAANOTHER000000001";
  const Credentials theirs = seal(other);
  const Credentials mixed{mine.id, mine.secret, theirs.token};

  EXPECT_EQ(outcome(query(mixed)), "InvalidClientTokenId");
  ASSERT_EQ(outcome(query(theirs)), "ok");
  EXPECT_EQ(outcome(query(mixed)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, RefusesATokenWithAnyCharacterChanged) {
  const Credentials good = seal(session());
  ASSERT_EQ(outcome(query(good)), "ok");
  for (std::size_t i = 0; i < good.token.size(); ++i) {
    Credentials bad = good;
    bad.token[i] = bad.token[i] == 'A' ? 'B' : 'A';
    ASSERT_EQ(outcome(query(bad)), "InvalidClientTokenId") << "character " << i;
  }
  for (const std::size_t kept : {std::size_t{1}, good.token.size() / 2, good.token.size() - 4}) {
    Credentials bad = good;
    bad.token.resize(kept);
    EXPECT_EQ(outcome(query(bad)), "InvalidClientTokenId");
  }
}

TEST_F(AuthenticatorTest, RefusesATokenThatIsTooLong) {
  Credentials who = seal(session());
  who.token.append(5000, 'A');
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, RefusesATokenOfAnotherDeployment) {
  identity::Fixture elsewhere;
  KeyRings rings;
  ASSERT_TRUE(rings.refresh(elsewhere.directory(), random_, clock_.now()));
  Credentials who = seal(session());
  who.token =
      token::seal_session(
          rings.current(), session(), Secret(std::string(kSessionSecret)), clock_.now(), random_)
          .value_or("");
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, ASessionEndsAtTheSecondItSaysAlsoFromTheCache) {
  const Credentials who = seal(session());
  clock_.advance_seconds(3599);
  EXPECT_EQ(outcome(query(who)), "ok");
  clock_.advance_seconds(1);
  EXPECT_EQ(outcome(query(who)), "ExpiredToken");
  Authenticator fresh(rings_);
  const sigv4::SignedRequest sent = sign(who, "sts", {});
  EXPECT_EQ(outcome(fresh.query(
                facts::Service::Sts, head_of(sent, "POST"), kBody, *snapshot(), clock_.now())),
            "ExpiredToken");
}

TEST_F(AuthenticatorTest, ADeletedRoleEndsItsSessionsAlsoFromTheCache) {
  const Credentials who = seal(role_session());
  ASSERT_EQ(outcome(query(who)), "ok");
  write(
      [](identity::Transaction& transaction) { transaction.erase<identity::Role>("AROAREADER"); });
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, ARoleMadeAgainUnderItsNameDoesNotRevivePastSessions) {
  const Credentials who = seal(role_session());
  write([](identity::Transaction& transaction) {
    transaction.erase<identity::Role>("AROAREADER");
    transaction.put(identity::make_role("AROAANOTHER", "reader"));
  });
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, ADeletedUserEndsItsSessions) {
  Session federated = session();
  federated.kind = SessionKind::FederatedUser;
  federated.session_name = "guest";
  const Credentials own = seal(session());
  const Credentials guest = seal(federated);
  ASSERT_EQ(outcome(query(own)), "ok");
  write([](identity::Transaction& transaction) {
    transaction.erase<identity::AccessKey>(kUserKey);
    transaction.erase<identity::User>("AIDAALICE");
  });
  EXPECT_EQ(outcome(query(own)), "InvalidClientTokenId");
  EXPECT_EQ(outcome(query(guest)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, RefusesSessionsFromBeforeARevocation) {
  const Credentials of_role = seal(role_session());
  const Credentials of_user = seal(session());
  Session root = session();
  root.principal_id = kAccount;
  const Credentials of_root = seal(root);
  for (const Credentials* who : {&of_role, &of_user, &of_root}) {
    ASSERT_EQ(outcome(query(*who)), "ok");
  }
  const Instant cut = clock_.now().plus_seconds(1);
  write([&](identity::Transaction& transaction) {
    identity::User user = *transaction.view().find<identity::User>("AIDAALICE");
    user.sessions_valid_after = cut;
    transaction.put(user);
    identity::Role role = *transaction.view().find<identity::Role>("AROAREADER");
    role.sessions_valid_after = cut;
    transaction.put(role);
    identity::Account account = *transaction.view().find<identity::Account>(kAccount);
    account.root_sessions_valid_after = cut;
    transaction.put(account);
  });
  for (const Credentials* who : {&of_role, &of_user, &of_root}) {
    EXPECT_EQ(outcome(query(*who)), "InvalidClientTokenId");
  }

  clock_.advance_seconds(1);
  EXPECT_EQ(outcome(query(seal(role_session()))), "ok");
  EXPECT_EQ(outcome(query(seal(session()))), "ok");
  EXPECT_EQ(outcome(query(long_term(kUserKey))), "ok");
}

TEST_F(AuthenticatorTest, RefusesASessionWhoseAccountIsNotThatOfItsPrincipal) {
  for (Session made : {session(), role_session()}) {
    made.account = identity::kOtherAccount;
    EXPECT_EQ(outcome(query(seal(made))), "InvalidClientTokenId");
  }
}

TEST_F(AuthenticatorTest, CredentialsOfAConsoleSessionEndWithIt) {
  Session made = session();
  made.kind = SessionKind::Console;
  made.console_session_id = "c0ffee";
  const Credentials who = seal(made);
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
  write([&](identity::Transaction& transaction) {
    transaction.put(identity::Ticket{.kind = identity::TicketKind::ConsoleSession,
                                     .id_hash = "c0ffee",
                                     .account = kAccount,
                                     .expires = clock_.now().plus_seconds(60),
                                     .data = identity::make_shared_secret("{}")});
  });
  EXPECT_EQ(outcome(query(who)), "ok");
  const auto change_login = [&](std::optional<identity::LoginProfile> login) {
    write([&](identity::Transaction& transaction) {
      identity::User alice = identity::make_user("AIDAALICE", "alice");
      alice.login = std::move(login);
      transaction.put(alice);
    });
  };
  change_login(identity::LoginProfile{.changed = clock_.now().plus_seconds(1)});
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId") << "another password";
  change_login(std::nullopt);
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId") << "none";
  change_login(identity::LoginProfile{});
  EXPECT_EQ(outcome(query(who)), "ok");
  write([](identity::Transaction& transaction) {
    transaction.erase<identity::Ticket>({identity::TicketKind::ConsoleSession, "c0ffee"});
  });
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, TokensOutliveARotationOfTheSealingKey) {
  clock_.advance_seconds(kRotateSeconds - 60);
  const Credentials before = seal(session());
  clock_.advance_seconds(120);
  refresh_rings();
  EXPECT_EQ(outcome(query(before)), "ok");
  EXPECT_EQ(outcome(query(seal(session()))), "ok");
}

TEST_F(AuthenticatorTest, TheCacheIsEmptiedWhenTheRingChanges) {
  Session made = session();
  made.expires = clock_.now().plus_seconds(30 * 24 * 3600);  // longer than any call allows
  const Credentials who = seal(made);
  ASSERT_EQ(outcome(query(who)), "ok");
  clock_.advance_seconds(kRotateSeconds + kKeepSeconds + 1);
  refresh_rings();
  EXPECT_EQ(outcome(query(who)), "InvalidClientTokenId");
}

TEST_F(AuthenticatorTest, RestWithoutCredentialsIsAnonymous) {
  const http::RequestHead head{.method = "GET", .target = "/bucket", .host = "localhost"};
  const auto result = authenticator_.rest(head, no_bucket, *snapshot(), clock_.now());
  ASSERT_EQ(outcome(result), "ok");
  EXPECT_EQ(result->caller->kind, CallerKind::Anonymous);
  EXPECT_FALSE(result->auth);
  EXPECT_FALSE(result->signing_key);
}

TEST_F(AuthenticatorTest, RestAcceptsKeysAndSessions) {
  const auto user = rest(long_term(kUserKey));
  ASSERT_EQ(outcome(user), "ok");
  EXPECT_EQ(user->caller->name, "alice");
  EXPECT_TRUE(user->auth && user->signing_key);
  EXPECT_EQ(outcome(rest(seal(role_session()))), "ok");
}

TEST_F(AuthenticatorTest, RestRefusesInS3sWords) {
  const auto unknown = rest(long_term("AKIAUNKNOWN000000001"));
  ASSERT_EQ(outcome(unknown), "InvalidAccessKeyId");
  EXPECT_EQ(unknown.error().fields.front(),
            (std::pair<std::string, std::string>("AWSAccessKeyId", "AKIAUNKNOWN000000001")));
  EXPECT_EQ(outcome(rest({std::string(kUserKey), "another", ""})), "SignatureDoesNotMatch");

  Credentials changed = seal(session());
  changed.token[20] = changed.token[20] == 'A' ? 'B' : 'A';
  const auto bad_token = rest(changed);
  ASSERT_EQ(outcome(bad_token), "InvalidToken");
  EXPECT_EQ(facts::error_row(bad_token.error().code).status, 400);
  EXPECT_EQ(bad_token.error().fields.front().first, "Token-0");

  const Credentials old = seal(session());
  clock_.advance_seconds(3600);
  const auto expired = rest(old);
  ASSERT_EQ(outcome(expired), "ExpiredToken");
  EXPECT_EQ(facts::error_row(expired.error().code).status, 400);
}

TEST_F(AuthenticatorTest, CredentialsAsTextMustBelongTogether) {
  const Credentials good = seal(role_session());
  const auto accepts = [this](const Credentials& who) {
    return authenticator_.credentials(who.id, who.secret, who.token, *snapshot(), clock_.now())
        .has_value();
  };

  EXPECT_TRUE(accepts(good));
  EXPECT_FALSE(accepts({good.id, "another secret", good.token}));
  EXPECT_FALSE(accepts({good.id, "", good.token}));
  EXPECT_FALSE(accepts({"ASIAANOTHER000000001", good.secret, good.token}));
  EXPECT_FALSE(accepts({good.id, good.secret, ""}));
  EXPECT_FALSE(accepts({std::string(kUserKey), "secret-of-" + std::string(kUserKey), good.token}));
  clock_.advance_seconds(3600);
  EXPECT_FALSE(accepts(good));
}

}  // namespace
}  // namespace signet::authn
