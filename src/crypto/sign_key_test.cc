#include "crypto/sign_key.h"

#include <string>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "crypto/ecdsa_signature.h"

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

TEST(SignKey, IsMadeOfANumberBelowTheOrder) {
  const auto key_of = [](std::string_view hex_tail) {
    std::string scalar(32, '\0');
    scalar.back() = hex_tail == "1" ? '\1' : '\0';
    return SignKey::of_scalar(EcCurve::P256, Secret(scalar));
  };
  expect_signs(key_of("1").value(), Digest::Sha256);
  EXPECT_EQ(key_of("1")->ec()->x.substr(0, 4), "\x6b\x17\xd1\xf2") << "the base point";
  EXPECT_FALSE(key_of("0"));
  EXPECT_FALSE(SignKey::of_scalar(EcCurve::P256, Secret(std::string(32, '\xff'))));
  EXPECT_FALSE(SignKey::of_scalar(EcCurve::P256, Secret(std::string(31, '\1'))));
  EXPECT_FALSE(SignKey::of_scalar(EcCurve::P384, Secret(std::string(32, '\1'))));
}

TEST(EcdsaSignature, HasTwoFormsAndNoOther) {
  const std::string halves =
      SignKey::make_ec(EcCurve::P256)->sign(Digest::Sha256, "message").value();
  const std::string der = ecdsa_to_der(halves, 32).value();
  EXPECT_EQ(ecdsa_from_der(der, 32), halves);
  EXPECT_FALSE(ecdsa_from_der(der + "x", 32));
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(ecdsa_from_der(der.substr(0, size), 32)) << size;
  }
  const std::string negative("\x30\x06\x02\x01\xff\x02\x01\x01", 8);
  EXPECT_FALSE(ecdsa_from_der(negative, 32));
  const std::string long_der = ecdsa_to_der(std::string(96, '\x7f'), 48).value();
  EXPECT_FALSE(ecdsa_from_der(long_der, 32));
  EXPECT_FALSE(ecdsa_to_der(halves + "x", 32));
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
