#include "token/service_secret.h"

#include <string>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

namespace signet::token {
namespace {

std::string shown(const ServiceSecret& secret) {
  return std::string(secret.shown.reveal(secret_access()));
}

std::string digest_of(std::string_view text) {
  return std::string(crypto::as_view(crypto::sha256(text)));
}

TEST(ServiceSecret, PasswordsHaveSixtyCharactersAndAreKnownByTheirDigest) {
  crypto::SystemRandom random;
  const ServiceSecret made = make_service_password(random);
  EXPECT_EQ(shown(made).size(), 60U);
  EXPECT_TRUE(shown(made).ends_with('='));
  EXPECT_EQ(made.digest, digest_of(shown(made)));
  EXPECT_NE(shown(make_service_password(random)), shown(made));
}

TEST(ServiceSecret, ApiKeysAreThePrefixAndTheBase64OfAliasAndSecret) {
  crypto::SystemRandom random;
  const ServiceSecret made = make_service_api_key("ABSK", "bob-at-111122223333", random);
  ASSERT_TRUE(shown(made).starts_with("ABSK"));
  const auto inside = codec::decode_base64(shown(made).substr(4));
  ASSERT_TRUE(inside.has_value());
  ASSERT_TRUE(inside->starts_with("bob-at-111122223333:"));
  const std::string secret = inside->substr(20);
  EXPECT_EQ(secret.size(), 60U);
  EXPECT_EQ(made.digest, digest_of(secret));
}

}  // namespace
}  // namespace signet::token
