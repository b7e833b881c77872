#include "server/issuer_rotation.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "crypto/sign_key.h"
#include "facts/errors.h"
#include "identity/fixture_for_test.h"
#include "identity/issuers.h"

namespace signet::server {
namespace {

using identity::IssuerAlgorithm;
using identity::kAccount;

constexpr Instant kStart = Instant::from_seconds(1'790'000'000);
constexpr std::int64_t kDay = 86'400;

class IssuerRotation : public testing::Test {
 protected:
  IssuerRotation() {
    const auto made = fixture_.directory().apply(
        [](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          transaction.put(identity::WebIdentityIssuer{
              .account = kAccount, .id = "id", .is_enabled = true, .created = kStart});
          transaction.put(
              identity::IssuerKey{.account = kAccount,
                                  .kid = "EC384_0",
                                  .algorithm = IssuerAlgorithm::Es384,
                                  .private_key = std::make_shared<const Secret>(
                                      crypto::SignKey::make_ec(crypto::EcCurve::P384)->write()),
                                  .created = kStart,
                                  .signs_from = kStart});
          return {};
        });
    EXPECT_TRUE(made);
  }

  // What is published, and what signs, after housekeeping on that day.
  std::set<std::string> published(double day) {
    now_ = Instant{kStart.unix_ms + static_cast<std::int64_t>(day * 1000.0 * double{kDay})};
    EXPECT_TRUE(rotate_issuer_keys(fixture_.directory(), now_).has_value());
    std::set<std::string> ids;
    for (const identity::IssuerKey* key :
         identity::issuer_keys(*fixture_.directory().current(), kAccount)) {
      ids.insert(key->kid);
    }
    return ids;
  }

  std::string signing() {
    const auto* key = identity::signing_key(
        *fixture_.directory().current(), kAccount, IssuerAlgorithm::Es384, now_);
    return key != nullptr ? key->kid : "";
  }

  identity::Fixture fixture_;
  Instant now_;
};

using Ids = std::set<std::string>;

TEST_F(IssuerRotation, KeysArePublishedBeforeTheySignAndAfter) {
  EXPECT_EQ(published(89), Ids{"EC384_0"});
  EXPECT_EQ(published(90), (Ids{"EC384_0", "EC384_1"}));
  EXPECT_EQ(signing(), "EC384_0");
  EXPECT_EQ(published(90.9), (Ids{"EC384_0", "EC384_1"}));
  EXPECT_EQ(signing(), "EC384_0");
  EXPECT_EQ(published(91.1), (Ids{"EC384_0", "EC384_1"}));
  EXPECT_EQ(signing(), "EC384_1");
  EXPECT_EQ(published(92.1), Ids{"EC384_1"});
  EXPECT_EQ(published(180), (Ids{"EC384_1", "EC384_2"}));
}

TEST_F(IssuerRotation, NewKeysAreOthers) {
  published(90);
  const auto snapshot = fixture_.directory().current();
  const auto keys = identity::issuer_keys(*snapshot, kAccount);
  ASSERT_EQ(keys.size(), 2u);
  const auto first = crypto::SignKey::read(*keys[0]->private_key);
  const auto second = crypto::SignKey::read(*keys[1]->private_key);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->ec()->x, second->ec()->x);
}

TEST_F(IssuerRotation, OperatorsReplaceKeysOfAnyAge) {
  published(1);
  const auto done = replace_issuer_keys(fixture_.directory(), kAccount, false, now_);

  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(*done,
            "these keys are published now and sign in a day: 111122223333 RSA_0, 111122223333 "
            "EC384_1");
  EXPECT_EQ(signing(), "EC384_0");
  EXPECT_EQ(published(2.1), (Ids{"EC384_0", "EC384_1", "RSA_0"}));
  EXPECT_EQ(signing(), "EC384_1");
  EXPECT_EQ(published(3.1), (Ids{"EC384_1", "RSA_0"}));
}

TEST_F(IssuerRotation, WhatMayHaveLeakedIsPublishedNoMore) {
  published(1);
  ASSERT_TRUE(replace_issuer_keys(fixture_.directory(), "", true, now_));

  EXPECT_EQ(published(1), (Ids{"EC384_1", "RSA_0"}));
  EXPECT_EQ(signing(), "EC384_1");
}

TEST_F(IssuerRotation, AnAccountWithoutIssuerIsNamed) {
  const auto done = replace_issuer_keys(fixture_.directory(), identity::kOtherAccount, true, now_);

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::InvalidInput);
  EXPECT_NE(done.error().message.find(identity::kOtherAccount), std::string::npos);
  EXPECT_EQ(published(0), Ids{"EC384_0"});
}

}  // namespace
}  // namespace signet::server
