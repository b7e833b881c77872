#include "authn/credentials.h"

#include <gtest/gtest.h>

#include "authn/authenticator.h"
#include "facts/errors.h"
#include "identity/fixture_for_test.h"

namespace signet::authn {
namespace {

constexpr Instant kNow = Instant::from_seconds(1'790'000'000);

class CallerAgain : public testing::Test {
 protected:
  CallerAgain() {
    write([](identity::Transaction& transaction) {
      transaction.put(identity::make_user("AIDAALICE", "alice"));
      transaction.put(identity::make_key("AKIAALICE", "AIDAALICE"));
      transaction.put(identity::make_role("AROAREADER", "reader"));
    });
  }

  void write(const std::function<void(identity::Transaction&)>& change) {
    const auto done = fixture_.directory().apply(
        [&](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          change(transaction);
          return {};
        });
    ASSERT_TRUE(done.has_value());
  }

  model::CallerRef by_key() {
    const auto state = fixture_.directory().current();
    return std::make_shared<const model::Caller>(
        caller_of_key(*state->find<identity::AccessKey>("AKIAALICE"), *state).value());
  }

  model::CallerRef by_session() {
    auto session = std::make_shared<model::Session>();
    session->kind = model::SessionKind::AssumedRole;
    session->access_key_id = "ASIASESSION";
    session->account = identity::kAccount;
    session->principal_id = "AROAREADER";
    session->session_name = "work";
    session->issued = kNow.plus_seconds(-60);
    session->expires = kNow.plus_seconds(60);
    return std::make_shared<const model::Caller>(
        caller_of_session(std::move(session), *fixture_.directory().current()).value());
  }

  std::expected<model::CallerRef, Refusal> again(const model::CallerRef& caller,
                                                 std::int64_t seconds_later = 0) {
    return caller_again(caller, *fixture_.directory().current(), kNow.plus_seconds(seconds_later));
  }

  identity::Fixture fixture_;
};

TEST_F(CallerAgain, IsWhoItIsNow) {
  const model::CallerRef alice = by_key();
  write([](identity::Transaction& transaction) {
    identity::User user = *transaction.view().find<identity::User>("AIDAALICE");
    user.path = "/moved/";
    transaction.put(std::move(user));
  });

  const auto found = again(alice);

  ASSERT_TRUE(found.has_value());
  EXPECT_EQ((*found)->arn, "arn:aws:iam::111122223333:user/moved/alice");
  EXPECT_EQ((*found)->access_key_id, "AKIAALICE");
}

TEST_F(CallerAgain, IsNobodyWithoutAnActiveKey) {
  const model::CallerRef alice = by_key();
  write([](identity::Transaction& transaction) {
    identity::AccessKey key = *transaction.view().find<identity::AccessKey>("AKIAALICE");
    key.status = identity::KeyStatus::Inactive;
    transaction.put(std::move(key));
  });
  EXPECT_EQ(again(alice).error(), Refusal::Ended);

  write([](identity::Transaction& transaction) {
    transaction.erase<identity::AccessKey>("AKIAALICE");
  });
  EXPECT_EQ(again(alice).error(), Refusal::Ended);
}

TEST_F(CallerAgain, IsNobodyWhenTheKeyIsAnothersNow) {
  const model::CallerRef alice = by_key();
  write([](identity::Transaction& transaction) {
    transaction.put(identity::make_user("AIDABOB", "bob"));
    transaction.erase<identity::AccessKey>("AKIAALICE");
    transaction.put(identity::make_key("AKIAALICE", "AIDABOB"));
  });

  EXPECT_EQ(again(alice).error(), Refusal::Ended);
}

TEST_F(CallerAgain, EndsWithItsSession) {
  const model::CallerRef session = by_session();
  EXPECT_TRUE(again(session, 59).has_value());
  EXPECT_EQ(again(session, 60).error(), Refusal::Expired);
}

TEST_F(CallerAgain, IsNobodyOfARoleThatWasMadeAgain) {
  const model::CallerRef session = by_session();
  write([](identity::Transaction& transaction) {
    transaction.erase<identity::Role>("AROAREADER");
    transaction.put(identity::make_role("AROAOTHER", "reader"));
  });

  EXPECT_EQ(again(session).error(), Refusal::Ended);
}

TEST_F(CallerAgain, StaysNobodyInParticular) {
  EXPECT_TRUE(again(std::make_shared<const model::Caller>()).has_value());
}

}  // namespace
}  // namespace signet::authn
