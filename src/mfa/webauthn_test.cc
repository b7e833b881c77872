#include "mfa/webauthn.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/sha256.h"
#include "crypto/sign_key.h"

namespace signet::mfa {
namespace {

constexpr std::string_view kOrigin = "http://localhost:8080";
constexpr std::string_view kChallenge = "a challenge";
constexpr std::size_t kHalf = 32;
const Ceremony kCeremony{.challenge = kChallenge, .origin = kOrigin, .rp_id = "localhost"};

std::string client_data(std::string_view type,
                        std::string_view challenge = kChallenge,
                        std::string_view origin = kOrigin,
                        std::string_view more = "") {
  return concat(R"({"type":")",
                type,
                R"(","challenge":")",
                codec::encode_base64url(challenge),
                R"(","origin":")",
                origin,
                "\"",
                more,
                "}");
}

std::string hashed(std::string_view text) {
  const crypto::Sha256Digest digest = crypto::sha256(text);
  return std::string(crypto::as_view(digest));
}

std::string byte_of(std::size_t number) {
  return std::string(1, static_cast<char>(number));
}

// CBOR of bytes up to 65,535 of them.
std::string cbor_bytes(std::string_view bytes) {
  return concat("\x59", byte_of(bytes.size() >> 8U), byte_of(bytes.size() & 0xFFU), bytes);
}

std::string head(std::string_view rp_id, unsigned flags, unsigned count) {
  return concat(hashed(rp_id), byte_of(flags), std::string(3, '\0'), byte_of(count));
}

// An authenticator with one key of ES256.
class Authenticator {
 public:
  [[nodiscard]] std::string cose() const {
    const auto key = key_.ec();
    return concat(
        "\xa5\x01\x02\x03\x26\x20\x01\x21", cbor_bytes(key->x), "\x22", cbor_bytes(key->y));
  }

  [[nodiscard]] std::string attestation(std::string_view rp_id = "localhost",
                                        std::string_view format = "none",
                                        unsigned flags = 0x41) const {
    const std::string data =
        concat(head(rp_id, flags, 7), std::string(16, '\0'), std::string("\0\2", 2), "id", cose());
    return concat("\xa3\x63",
                  "fmt",
                  byte_of(0x60 + format.size()),
                  format,
                  "\x67",
                  "attStmt\xa0\x68",
                  "authData",
                  cbor_bytes(data));
  }

  [[nodiscard]] std::string sign(std::string_view authenticator_data,
                                 std::string_view client) const {
    const auto halves =
        key_.sign(crypto::Digest::Sha256, concat(authenticator_data, hashed(client)));
    return crypto::ecdsa_to_der(*halves, kHalf).value();
  }

  [[nodiscard]] Passkey passkey(std::int64_t count = 7) const {
    return {.credential_id = "id", .public_key = cose(), .sign_count = count};
  }

 private:
  crypto::SignKey key_ = crypto::SignKey::make_ec(crypto::EcCurve::P256).value();
};

TEST(ReadRegistration, TakesAKeyWithItsIdAndCount) {
  const Authenticator mine;

  const auto made =
      read_registration(kCeremony, client_data("webauthn.create"), mine.attestation());

  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(*made, mine.passkey());
}

TEST(ReadRegistration, RefusesWhatWasMadeForSomethingElse) {
  const Authenticator mine;
  const auto why = [&](const std::string& client, const std::string& attestation) {
    const auto made = read_registration(kCeremony, client, attestation);
    return made ? std::string() : made.error();
  };
  const std::string good = client_data("webauthn.create");

  EXPECT_NE(why("no JSON", mine.attestation()), "");
  EXPECT_NE(why(client_data("webauthn.get"), mine.attestation()), "");
  EXPECT_NE(why(client_data("webauthn.create", "another"), mine.attestation()), "");
  EXPECT_NE(
      why(client_data("webauthn.create", kChallenge, "https://localhost:8080"), mine.attestation()),
      "");
  EXPECT_NE(why(client_data("webauthn.create", kChallenge, kOrigin, R"(,"crossOrigin":true)"),
                mine.attestation()),
            "");
  EXPECT_NE(why(good, mine.attestation("example.com")), "");
  EXPECT_NE(why(good, mine.attestation("localhost", "packed")), "");
  EXPECT_NE(why(good, mine.attestation("localhost", "none", 0x40)), "") << "nobody is present";
  EXPECT_NE(why(good, mine.attestation("localhost", "none", 0x01)), "") << "no credential";
  EXPECT_NE(why(good, concat(mine.attestation(), "x")), "") << "something behind it";
}

TEST(ReadRegistration, RefusesKeysThatWereNotOffered) {
  const std::string rsa_of_eight_bits = "\xa4\x01\x03\x03\x39\x01\x00\x20\x41\xff\x21\x41\x03";
  const std::string data = concat(head("localhost", 0x41, 0),
                                  std::string(16, '\0'),
                                  std::string("\0\2", 2),
                                  "id",
                                  rsa_of_eight_bits);
  const std::string object = concat("\xa2\x63", "fmt\x64none\x68", "authData", cbor_bytes(data));

  EXPECT_FALSE(read_registration(kCeremony, client_data("webauthn.create"), object));
}

TEST(VerifyAssertion, AnswersTheNewCount) {
  const Authenticator mine;
  const std::string data = head("localhost", 0x01, 8);
  const std::string client = client_data("webauthn.get");

  const auto count =
      verify_assertion(mine.passkey(), kCeremony, client, data, mine.sign(data, client));

  ASSERT_TRUE(count) << count.error();
  EXPECT_EQ(*count, 8);
}

TEST(VerifyAssertion, TakesAuthenticatorsThatDoNotCount) {
  const Authenticator mine;
  const std::string data = head("localhost", 0x01, 0);
  const std::string client = client_data("webauthn.get");

  EXPECT_TRUE(verify_assertion(mine.passkey(0), kCeremony, client, data, mine.sign(data, client)));
}

TEST(VerifyAssertion, RefusesACountThatDidNotGrow) {
  const Authenticator mine;
  const std::string client = client_data("webauthn.get");
  for (const unsigned count : {0U, 6U, 7U}) {
    const std::string data = head("localhost", 0x01, count);

    EXPECT_FALSE(
        verify_assertion(mine.passkey(7), kCeremony, client, data, mine.sign(data, client)))
        << count;
  }
}

TEST(VerifyAssertion, RefusesWhatIsNotSignedByThePasskey) {
  const Authenticator mine;
  const Authenticator other;
  const std::string data = head("localhost", 0x01, 8);
  const std::string client = client_data("webauthn.get");
  const auto is_good = [&](const std::string& given, const std::string& signature) {
    return verify_assertion(mine.passkey(), kCeremony, client, given, signature).has_value();
  };

  EXPECT_FALSE(is_good(data, other.sign(data, client)));
  EXPECT_FALSE(is_good(head("localhost", 0x05, 8), mine.sign(data, client)));
  EXPECT_FALSE(is_good(data, mine.sign(data, client_data("webauthn.get", "another"))));
  EXPECT_FALSE(is_good(data, ""));
}

TEST(VerifyAssertion, RefusesWhatWasAskedByAnother) {
  const Authenticator mine;
  const auto is_good = [&](const std::string& data, const std::string& client) {
    return verify_assertion(mine.passkey(), kCeremony, client, data, mine.sign(data, client))
        .has_value();
  };
  const std::string good = client_data("webauthn.get");

  EXPECT_FALSE(is_good(head("example.com", 0x01, 8), good));
  EXPECT_FALSE(is_good(head("localhost", 0x00, 8), good)) << "nobody is present";
  EXPECT_FALSE(is_good(head("localhost", 0x01, 8), client_data("webauthn.create")));
  EXPECT_FALSE(is_good(head("localhost", 0x01, 8), client_data("webauthn.get", "another")));
  EXPECT_FALSE(is_good(head("localhost", 0x01, 8),
                       client_data("webauthn.get", kChallenge, "http://localhost:81")));
  EXPECT_FALSE(is_good("short", good));
}

}  // namespace
}  // namespace signet::mfa
