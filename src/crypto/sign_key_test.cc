#include "crypto/sign_key.h"

#include <string>

#include <gtest/gtest.h>

#include "base/secret_access.h"

namespace signet::crypto {
namespace {

VerifyKey public_half(const SignKey& key) {
  return key.rsa() ? VerifyKey::of(*key.rsa()).value() : VerifyKey::of(*key.ec()).value();
}

void expect_signs(const SignKey& key, Digest digest) {
  const std::string signature = key.sign(digest, "message").value();
  const VerifyKey verifier = public_half(key);
  EXPECT_TRUE(verifier.verify(digest, "message", signature));
  EXPECT_FALSE(verifier.verify(digest, "messagE", signature));
  EXPECT_FALSE(verifier.verify(digest, "message", signature + "x"));
}

TEST(SignKey, SignsWhatItsPublicHalfVerifies) {
  expect_signs(SignKey::make_rsa().value(), Digest::Sha256);
  expect_signs(SignKey::make_ec(EcCurve::P256).value(), Digest::Sha256);
  expect_signs(SignKey::make_ec(EcCurve::P521).value(), Digest::Sha512);
  // Halves with leading zeros, one signature in 128, have their full size all the same.
  const SignKey key = SignKey::make_ec(EcCurve::P384).value();
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(key.sign(Digest::Sha384, std::to_string(i))->size(), 96u);
  }
  expect_signs(key, Digest::Sha384);
}

TEST(SignKey, IsReadBackAsItWasWritten) {
  for (const SignKey& key :
       {SignKey::make_rsa().value(), SignKey::make_ec(EcCurve::P384).value()}) {
    const SignKey again = SignKey::read(key.write()).value();

    EXPECT_EQ(again.rsa(), key.rsa());
    EXPECT_TRUE(
        public_half(key).verify(Digest::Sha384, "m", again.sign(Digest::Sha384, "m").value()));
  }
}

TEST(SignKey, ReadsNothingElse) {
  const Secret whole = SignKey::make_ec(EcCurve::P256)->write();
  const std::string bytes(whole.reveal(secret_access()));
  EXPECT_FALSE(SignKey::read(Secret(bytes + "x")));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(SignKey::read(Secret(bytes.substr(0, size)))) << size;
  }
}

}  // namespace
}  // namespace signet::crypto
