// A credential that ended does not finish what it began: while the body was on its way, while the
// call waited for the pool, and between the slow part of a write and the write.
#include <gtest/gtest.h>

#include "token/session_token.h"
#include "world.h"

namespace signet::races {
namespace {

// What may happen to a caller meanwhile, and what the same credentials are answered then.
struct End {
  const char* name;
  const char* query_answer;
  const char* s3_answer;
};

constexpr End kEnds[] = {{"KeyDeactivated", "403 InvalidClientTokenId", "403 InvalidAccessKeyId"},
                         {"KeyDeleted", "403 InvalidClientTokenId", "403 InvalidAccessKeyId"},
                         {"UserDeleted", "403 InvalidClientTokenId", "403 InvalidAccessKeyId"},
                         {"Denied", "403 AccessDenied", "403 AccessDenied"}};

class Ended : public RaceFixture, public testing::WithParamInterface<End> {
 protected:
  Ended() : worker_(make_user("worker", kAllowAll)) {}

  void end() {
    write([this](identity::Transaction& transaction) { change(transaction); });
  }

  void change(identity::Transaction& transaction) const {
    const std::string_view name = GetParam().name;
    identity::AccessKey key = *transaction.view().find<identity::AccessKey>(worker_.id);
    identity::User user = *transaction.view().find<identity::User>(kAccount, "worker");
    if (name == "KeyDeactivated") {
      key.status = identity::KeyStatus::Inactive;
      transaction.put(std::move(key));
    } else if (name == "Denied") {
      user.inline_policies.push_back(
          {.name = "no", .document = identity::make_document(policy(kDenyAll))});
      transaction.put(std::move(user));
    } else {
      transaction.erase<identity::AccessKey>(worker_.id);
      if (name == "UserDeleted") {
        transaction.erase<identity::User>(user.id);
      }
    }
  }

  void make_profile() {
    ASSERT_EQ(call(admin_, query("iam", "CreateUser", {{"UserName", "clerk"}})), "200");
    ASSERT_EQ(call(admin_,
                   query("iam",
                         "CreateLoginProfile",
                         {{"UserName", "clerk"}, {"Password", "first-Password-1"}})),
              "200");
  }

  [[nodiscard]] std::string password_hash() const {
    return snapshot()->find<identity::User>(kAccount, "clerk")->login->password_hash;
  }

  static Message change_password() {
    return query(
        "iam", "UpdateLoginProfile", {{"UserName", "clerk"}, {"Password", "second-Password-2"}});
  }

  Key worker_;
};

INSTANTIATE_TEST_SUITE_P(Races, Ended, testing::ValuesIn(kEnds), [](const auto& test) {
  return std::string(test.param.name);
});

TEST_P(Ended, WritesNothingThatWaitedForThePool) {
  make_profile();
  const std::string before = password_hash();
  std::vector<std::unique_ptr<Request>> waiting;

  while_pool_is_busy([&] {
    for (int i = 0; i < 3; ++i) {
      waiting.push_back(send(worker_, change_password()));
    }
    end();
  });

  for (const auto& request : waiting) {
    EXPECT_EQ(request->answer(), GetParam().query_answer);
  }
  EXPECT_EQ(password_hash(), before);
}

TEST_P(Ended, WritesNothingThatWasPreparedBefore) {
  make_profile();
  const std::string before = password_hash();
  store_.close();
  const auto other = send(admin_, query("iam", "CreateGroup", {{"GroupName", "g"}}));
  store_.await_commit();
  queue([this](identity::Transaction& transaction) { change(transaction); });
  const auto late = send(worker_, change_password());
  drain_pool();

  store_.open();

  EXPECT_EQ(other->answer(), "200");
  EXPECT_EQ(late->answer(), GetParam().query_answer);
  EXPECT_EQ(password_hash(), before);
}

TEST_P(Ended, ReadsNothingThatWaitedForThePool) {
  ASSERT_EQ(call(admin_, s3("PUT", "/bucket")), "200");
  std::unique_ptr<Request> waiting;

  while_pool_is_busy([&] {
    waiting = send(worker_, s3("GET", "/bucket?list-type=2"));
    end();
  });

  EXPECT_EQ(waiting->answer(), GetParam().s3_answer);
}

TEST_P(Ended, PutsNoDocumentWhoseBodyWasOnItsWay) {
  ASSERT_EQ(call(admin_, s3("PUT", "/bucket")), "200");
  const auto request = begin(
      worker_,
      s3("PUT",
         "/bucket?policy",
         policy(
             R"({"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/*"})")));
  request->send_half();
  end();

  request->send_rest();

  EXPECT_EQ(request->answer(), GetParam().s3_answer);
  EXPECT_EQ(snapshot()->find<identity::Bucket>("bucket")->policy, nullptr);
}

TEST_P(Ended, PutsNoObjectWhoseBodyWasOnItsWay) {
  ASSERT_EQ(call(admin_, s3("PUT", "/bucket")), "200");
  const auto request = begin(worker_, s3("PUT", "/bucket/key", std::string(100'000, 'x')));
  request->send_half();
  EXPECT_FALSE(request->is_answered());
  end();

  request->send_rest();

  EXPECT_EQ(request->answer(), GetParam().s3_answer);
  EXPECT_EQ(call(admin_, s3("GET", "/bucket/key")), "404 NoSuchKey");
}

TEST_P(Ended, CallsNothingWhoseFormWasOnItsWay) {
  const auto request = begin(worker_, query("iam", "CreateUser", {{"UserName", "spare"}}));
  request->send_half();
  end();

  request->send_rest();

  EXPECT_EQ(request->answer(), GetParam().query_answer);
  EXPECT_EQ(snapshot()->find<identity::User>(kAccount, "spare"), nullptr);
}

class Sessions : public RaceFixture {
 protected:
  Sessions() {
    write([](identity::Transaction& transaction) {
      identity::Role role = identity::make_role("AROAREADER", "reader");
      role.inline_policies.push_back(
          {.name = "p", .document = identity::make_document(policy(kAllowAll))});
      transaction.put(std::move(role));
    });
  }

  // A session of the role that ends after so many seconds.
  [[nodiscard]] Key session(std::int64_t seconds) {
    model::Session session;
    session.kind = model::SessionKind::AssumedRole;
    session.access_key_id = "ASIAAAAAAAAAAAAAAAAA";
    session.account = kAccount;
    session.principal_id = "AROAREADER";
    session.session_name = "work";
    session.issued = clock_.now();
    session.expires = clock_.now().plus_seconds(seconds);
    Key key{.id = session.access_key_id, .secret = "secret-of-the-session", .token = {}};
    key.token =
        token::seal_session(
            rings_.current(), session, Secret(std::string(key.secret)), clock_.now(), random_)
            .value_or("");
    return key;
  }
};

TEST_F(Sessions, EndWithTheirLastSecondAndNotWithTheHead) {
  const Key key = session(100);
  const auto form = begin(key, query("iam", "CreateUser", {{"UserName", "spare"}}));
  const auto document = begin(key, s3("PUT", "/bucket?policy", policy(kAllowAll)));
  ASSERT_EQ(call(admin_, s3("PUT", "/bucket")), "200");
  const auto object = begin(key, s3("PUT", "/bucket/key", "some bytes"));
  for (const auto* request : {&form, &document, &object}) {
    (*request)->send_half();
  }

  clock_.advance_seconds(100);
  for (const auto* request : {&form, &document, &object}) {
    (*request)->send_rest();
  }

  EXPECT_EQ(form->answer(), "403 ExpiredToken");
  EXPECT_EQ(document->answer(), "400 ExpiredToken");
  EXPECT_EQ(object->answer(), "400 ExpiredToken");
  EXPECT_EQ(snapshot()->find<identity::User>(kAccount, "spare"), nullptr);
}

TEST_F(Sessions, EndWhileTheirCallWaits) {
  const Key key = session(100);
  ASSERT_EQ(call(admin_, s3("PUT", "/bucket")), "200");
  std::unique_ptr<Request> waiting;

  while_pool_is_busy([&] {
    waiting = send(key, s3("GET", "/bucket?list-type=2"));
    clock_.advance_seconds(100);
  });

  EXPECT_EQ(waiting->answer(), "400 ExpiredToken");
}

TEST_F(Sessions, OfARoleThatIsMadeAgainAreOver) {
  const Key key = session(3600);
  const auto form = begin(key, query("iam", "CreateUser", {{"UserName", "spare"}}));
  form->send_half();
  write([](identity::Transaction& transaction) {
    transaction.erase<identity::Role>("AROAREADER");
    identity::Role role = identity::make_role("AROAOTHER", "reader");
    role.inline_policies.push_back(
        {.name = "p", .document = identity::make_document(policy(kAllowAll))});
    transaction.put(std::move(role));
  });

  form->send_rest();

  EXPECT_EQ(form->answer(), "403 InvalidClientTokenId");
  EXPECT_EQ(snapshot()->find<identity::User>(kAccount, "spare"), nullptr);
}

// An object is stored in the bucket that its upload was allowed for, or nowhere.
TEST_F(RaceFixture, AnUploadDoesNotMoveToAnotherBucketOfTheName) {
  ASSERT_EQ(call(admin_, s3("PUT", "/bucket")), "200");
  const auto request = begin(admin_, s3("PUT", "/bucket/key", "some bytes"));
  request->send_half();
  clock_.advance_seconds(1);
  ASSERT_EQ(call(admin_, s3("DELETE", "/bucket")), "204");
  ASSERT_EQ(call(admin_, s3("PUT", "/bucket")), "200");

  request->send_rest();

  EXPECT_EQ(request->answer(), "409 OperationAborted");
  EXPECT_EQ(call(admin_, s3("GET", "/bucket/key")), "404 NoSuchKey");
}

// A form whose signature grew too old on the way is refused like any other of that age.
TEST_F(RaceFixture, AFormMustBeWholeWhileItsSignatureIsGood) {
  const auto request = begin(admin_, query("iam", "CreateUser", {{"UserName", "spare"}}));
  request->send_half();
  clock_.advance_seconds(901);

  request->send_rest();

  EXPECT_EQ(request->answer(), "403 SignatureDoesNotMatch");
  EXPECT_EQ(snapshot()->find<identity::User>(kAccount, "spare"), nullptr);
}

TEST_F(RaceFixture, ADocumentMustBeWholeWhileItsSignatureIsGood) {
  ASSERT_EQ(call(admin_, s3("PUT", "/bucket")), "200");
  const auto request = begin(admin_, s3("PUT", "/bucket?policy", policy(kAllowAll)));
  request->send_half();
  clock_.advance_seconds(901);

  request->send_rest();

  EXPECT_EQ(request->answer(), "403 RequestTimeTooSkewed");
}

}  // namespace
}  // namespace signet::races
