#include "jose/dpop.h"

#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/sign_key.h"

namespace signet::jose {
namespace {

// RFC 9449 4.1, and the thumbprint of its key in 6.1.
constexpr std::string_view kExample =
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUk"
    "lDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUw"
    "Q2R2R1JEQSIsImNydiI6IlAtMjU2In19."
    "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY2"
    "9tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ."
    "2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

// A proof of a key, with these members in its header's jwk and in its payload.
std::string make_proof(const crypto::SignKey& key,
                       std::string_view header,
                       std::string_view payload) {
  const std::string text =
      concat(codec::encode_base64url(header), ".", codec::encode_base64url(payload));
  return concat(
      text, ".", codec::encode_base64url(key.sign(crypto::Digest::Sha256, text).value_or("")));
}

class DpopTest : public testing::Test {
 protected:
  [[nodiscard]] std::string jwk(std::string_view more = "") const {
    const auto point = key_.ec().value();
    return concat(R"({"kty":"EC","crv":"P-256","x":")",
                  codec::encode_base64url(point.x),
                  R"(","y":")",
                  codec::encode_base64url(point.y),
                  "\"",
                  more,
                  "}");
  }

  [[nodiscard]] std::string header(std::string_view type = "dpop+jwt") const {
    return concat(R"({"typ":")", type, R"(","alg":"ES256","jwk":)", jwk(), "}");
  }

  crypto::SignKey key_ = crypto::SignKey::make_ec(crypto::EcCurve::P256).value();
  std::string payload_ = R"({"htm":"POST","htu":"http://a/v1/token","iat":1790000000,"jti":"1"})";
};

TEST_F(DpopTest, TheExampleOfTheRfcIsRead) {
  const auto proof = read_dpop_proof(kExample);
  ASSERT_TRUE(proof) << proof.error();
  EXPECT_EQ(proof->thumbprint, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
  EXPECT_EQ(proof->method, "POST");
  EXPECT_EQ(proof->url, "https://server.example.com/token");
  EXPECT_EQ(proof->issued, Instant::from_seconds(1'562'262'616));
}

TEST_F(DpopTest, AnyChangeIsRefused) {
  for (std::size_t i = 0; i < kExample.size(); i += 7) {
    std::string changed(kExample);
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(read_dpop_proof(changed)) << i;
  }
}

TEST_F(DpopTest, AProofOfAnotherKeyOrKindIsRefused) {
  ASSERT_TRUE(read_dpop_proof(make_proof(key_, header(), payload_)));
  const crypto::SignKey other = crypto::SignKey::make_ec(crypto::EcCurve::P256).value();
  EXPECT_FALSE(read_dpop_proof(make_proof(other, header(), payload_)));
  EXPECT_FALSE(read_dpop_proof(make_proof(key_, header("JWT"), payload_)));
  EXPECT_FALSE(read_dpop_proof(make_proof(key_, R"({"typ":"dpop+jwt","alg":"ES256"})", payload_)));
  EXPECT_FALSE(read_dpop_proof(
      make_proof(key_,
                 concat(R"({"typ":"dpop+jwt","alg":"ES256","jwk":)", jwk(R"(,"d":"AAAA")"), "}"),
                 payload_)));
  EXPECT_FALSE(read_dpop_proof(
      make_proof(key_, concat(R"({"typ":"dpop+jwt","alg":"none","jwk":)", jwk(), "}"), payload_)));
}

TEST_F(DpopTest, EveryClaimIsNeeded) {
  for (const std::string_view payload : {R"({"htu":"u","iat":1,"jti":"1"})",
                                         R"({"htm":"POST","iat":1,"jti":"1"})",
                                         R"({"htm":"POST","htu":"u","jti":"1"})",
                                         R"({"htm":"POST","htu":"u","iat":1})",
                                         R"({"htm":"POST","htu":"u","iat":"1","jti":"1"})",
                                         R"([])",
                                         ""}) {
    EXPECT_FALSE(read_dpop_proof(make_proof(key_, header(), payload))) << payload;
  }
}

TEST_F(DpopTest, AThumbprintIsOfTheKeyNotOfHowItIsWritten) {
  auto point = key_.ec().value();
  while (point.x.front() != '\0') {  // one key in 256
    key_ = crypto::SignKey::make_ec(crypto::EcCurve::P256).value();
    point = key_.ec().value();
  }
  const auto whole = read_dpop_proof(make_proof(key_, header(), payload_));
  const std::string cut =
      concat(R"({"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":")",
             codec::encode_base64url(std::string_view(point.x).substr(1)),
             R"(","y":")",
             codec::encode_base64url(point.y),
             "\"}}");
  const auto shortened = read_dpop_proof(make_proof(key_, cut, payload_));
  ASSERT_TRUE(whole && shortened);
  EXPECT_EQ(whole->thumbprint, shortened->thumbprint);
}

}  // namespace
}  // namespace signet::jose
