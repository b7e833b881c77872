#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "crypto/sign_key.h"
#include "iam/fixture_for_test.h"
#include "identity/issuers.h"

namespace signet::iam {
namespace {

constexpr std::string_view kAccount = IamFixture::kAccount;

std::string issuer_of(IamFixture& world) {
  const auto answer = world.call(EnableOutboundWebIdentityFederationRequest{});
  EXPECT_EQ(outcome(answer), "ok");
  return answer ? answer->issuer_identifier.value_or("") : "";
}

}  // namespace

TEST(OutboundFederation, IsOffUntilItIsTurnedOn) {
  IamFixture world;

  EXPECT_EQ(outcome(world.call(GetOutboundWebIdentityFederationInfoRequest{})),
            "FeatureDisabled: Outbound identity federation is disabled for account 111122223333");
  EXPECT_EQ(outcome(world.call(DisableOutboundWebIdentityFederationRequest{})),
            "FeatureDisabled: Outbound identity federation is already disabled for account "
            "111122223333");
  const std::string issuer = issuer_of(world);
  const auto info = world.call(GetOutboundWebIdentityFederationInfoRequest{});
  ASSERT_EQ(outcome(info), "ok");
  EXPECT_EQ(info->issuer_identifier, issuer);
  EXPECT_EQ(info->jwt_vending_enabled, true);
  EXPECT_EQ(outcome(world.call(EnableOutboundWebIdentityFederationRequest{})),
            "FeatureEnabled: Outbound identity federation is already enabled for account "
            "111122223333");
}

TEST(OutboundFederation, IssuerAndKeysSurviveDisabling) {
  IamFixture world;
  const std::string issuer = issuer_of(world);
  const auto key = [&](identity::IssuerAlgorithm algorithm) {
    const auto* found = identity::signing_key(*world.snapshot(), kAccount, algorithm, world.now());
    return found != nullptr ? found->private_key : nullptr;
  };
  const auto rsa = key(identity::IssuerAlgorithm::Rs256);
  const auto ec = key(identity::IssuerAlgorithm::Es384);
  ASSERT_TRUE(rsa && ec);

  ASSERT_EQ(outcome(world.call(DisableOutboundWebIdentityFederationRequest{})), "ok");
  EXPECT_EQ(outcome(world.call(GetOutboundWebIdentityFederationInfoRequest{})).substr(0, 16),
            "FeatureDisabled:");
  EXPECT_EQ(issuer_of(world), issuer);
  EXPECT_EQ(key(identity::IssuerAlgorithm::Rs256), rsa);
  EXPECT_EQ(key(identity::IssuerAlgorithm::Es384), ec);
}

TEST(OutboundFederation, EachAccountHasAnIssuerAndKeysOfItsOwn) {
  IamFixture world;
  const std::string first = issuer_of(world);
  const auto second = world.call(IamFixture::root(IamFixture::kOther),
                                 EnableOutboundWebIdentityFederationRequest{});
  ASSERT_EQ(outcome(second), "ok");

  EXPECT_TRUE(first.starts_with("https://signet.example.com/_issuer/")) << first;
  EXPECT_NE(second->issuer_identifier, first);
  const auto keys = identity::issuer_keys(*world.snapshot(), kAccount);
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0]->kid, "EC384_0");
  EXPECT_EQ(keys[1]->kid, "RSA_0");
  EXPECT_TRUE(crypto::SignKey::read(*keys[0]->private_key)->ec().has_value());
  EXPECT_TRUE(crypto::SignKey::read(*keys[1]->private_key)->rsa().has_value());
}

TEST(OutboundFederation, AnAccountThatGoesMeanwhileLeavesNoIssuerWithoutKeys) {
  IamFixture world;
  issuer_of(world);
  ASSERT_EQ(outcome(world.call(DisableOutboundWebIdentityFederationRequest{})), "ok");

  const auto answer =
      world.call_between(IamFixture::root(), EnableOutboundWebIdentityFederationRequest{}, [&] {
        world.write([](identity::Transaction& transaction) {
          transaction.erase<identity::WebIdentityIssuer>(kAccount);
        });
      });

  EXPECT_EQ(outcome(answer).substr(0, 23), "ConcurrentModification:");
}

}  // namespace signet::iam
