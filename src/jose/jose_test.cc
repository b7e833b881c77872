#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/assertion.h"
#include "base/strings.h"
#include "base/testdata_for_test.h"
#include "codec/base64.h"
#include "jose/claims.h"
#include "jose/jwk.h"
#include "jose/jws.h"

namespace signet::jose {
namespace {

using codec::Json;

Json file(std::string_view name) {
  std::ostringstream text;
  text << std::ifstream(testdata_path(name)).rdbuf();
  std::optional<Json> json = Json::parse(text.str());
  SIGNET_ASSERT(json.has_value());
  return *std::move(json);
}

std::string text_of(const Json& json) {
  std::string text;
  append_json(text, json);
  return text;
}

std::string set_of(std::string_view keys) {
  return concat(R"({"keys":[)", keys, "]}");
}

std::string token(std::string_view header, std::string_view payload = "{}") {
  return concat(codec::encode_base64url(header), ".", codec::encode_base64url(payload), ".AA");
}

std::string fault_of(std::string_view text) {
  const auto jws = read_compact(text);
  return jws ? "none" : jws.error();
}

std::size_t keys_in(std::string_view keys) {
  const auto set = JwkSet::read(set_of(keys));
  EXPECT_TRUE(set) << set.error();
  return set ? set->keys().size() : 999;
}

// The keys that were made with PyJWT, and a token of each algorithm.
class Foreign {
 public:
  Foreign() : json_(file("jose/pyjwt.json")) {}

  [[nodiscard]] JwkSet keys() const {
    auto set = JwkSet::read(set_text());
    SIGNET_ASSERT(set.has_value());
    return *std::move(set);
  }

  [[nodiscard]] std::string set_text() const {
    return concat(R"({"keys":)", text_of(*json_.find("keys")), "}");
  }

  [[nodiscard]] std::string key(std::size_t index) const {
    return text_of(json_.find("keys")->items().at(index));
  }

  [[nodiscard]] const Json& tokens() const { return *json_.find("tokens"); }

 private:
  Json json_;
};

TEST(Jws, VerifiesTheSignaturesOfTheRfc) {
  const Json vectors = file("jose/rfc.json");
  for (const Json& one : vectors.find("signatures")->items()) {
    SCOPED_TRACE(one.string_at("name"));
    const auto set = JwkSet::read(set_of(text_of(*one.find("key"))));
    ASSERT_TRUE(set);
    ASSERT_EQ(set->keys().size(), 1U);
    auto jws = read_compact(one.string_at("token"));
    ASSERT_TRUE(jws) << jws.error();
    EXPECT_EQ(jws->payload, one.string_at("payload"));
    EXPECT_TRUE(verify(*jws, set->keys()[0]));

    jws->signing_input += "A";
    EXPECT_FALSE(verify(*jws, set->keys()[0]));
  }
}

TEST(Jws, VerifiesEachAlgorithmOfAForeignLibraryWithItsOwnKeyOnly) {
  const Foreign foreign;
  const JwkSet set = foreign.keys();
  ASSERT_EQ(set.keys().size(), 4U);
  for (const auto& [algorithm, text] : foreign.tokens().members()) {
    SCOPED_TRACE(algorithm);
    const auto jws = read_compact(text.text());
    ASSERT_TRUE(jws) << jws.error();
    EXPECT_EQ(name_of(jws->algorithm), algorithm);
    const Jwk* named = set.find(*jws);
    ASSERT_NE(named, nullptr);
    for (const Jwk& key : set.keys()) {
      EXPECT_EQ(verify(*jws, key), &key == named) << *key.key_id;
    }
  }
}

TEST(Jws, RefusesEveryChangedBitOfASignature) {
  const Foreign foreign;
  const JwkSet set = foreign.keys();
  for (const char* algorithm : {"RS256", "ES256", "ES512"}) {
    auto jws = read_compact(foreign.tokens().string_at(algorithm));
    ASSERT_TRUE(jws);
    const Jwk* key = set.find(*jws);
    for (std::size_t bit = 0; bit < jws->signature.size() * 8; bit += 7) {
      jws->signature[bit / 8] = static_cast<char>(jws->signature[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(verify(*jws, *key)) << algorithm << " " << bit;
      jws->signature[bit / 8] = static_cast<char>(jws->signature[bit / 8] ^ (1 << (bit % 8)));
    }
    EXPECT_TRUE(verify(*jws, *key));
    jws->signature += '\0';
    EXPECT_FALSE(verify(*jws, *key)) << "longer";
    jws->signature.resize(jws->signature.size() - 2);
    EXPECT_FALSE(verify(*jws, *key)) << "shorter";
  }
}

TEST(Jws, RefusesASignatureOfZeros) {
  const Foreign foreign;
  const JwkSet set = foreign.keys();
  auto jws = read_compact(foreign.tokens().string_at("ES256"));
  ASSERT_TRUE(jws);
  jws->signature.assign(64, '\0');
  EXPECT_FALSE(verify(*jws, *set.find(*jws)));
}

TEST(Jws, RefusesHeadersThatAskForLess) {
  EXPECT_EQ(fault_of(token(R"({"alg":"RS256","kid":"a"})")), "none");
  EXPECT_EQ(fault_of(token(R"({"alg":"none"})")), "the algorithm none is not accepted");
  EXPECT_EQ(fault_of(token(R"({"alg":"None"})")), "the algorithm None is not accepted");
  EXPECT_EQ(fault_of(token(R"({"alg":"HS256"})")), "the algorithm HS256 is not accepted");
  EXPECT_EQ(fault_of(token(R"({"alg":"PS256"})")), "the algorithm PS256 is not accepted");
  EXPECT_EQ(fault_of(token(R"({"alg":"ES256K"})")), "the algorithm ES256K is not accepted");
  EXPECT_EQ(fault_of(token(R"({"alg":["RS256"]})")), "the header names no algorithm");
  EXPECT_EQ(fault_of(token(R"({"kid":"a"})")), "the header names no algorithm");
  EXPECT_EQ(fault_of(token(R"({"alg":"RS256","kid":7})")), "the key id is no text");
  EXPECT_EQ(fault_of(token(R"({"alg":"RS256","crit":["exp"],"exp":1})")),
            "the header has extensions that must be understood, and none is");
  EXPECT_EQ(fault_of(token(R"({"alg":"RS256","alg":"ES256"})")),
            "the header is no JSON object: duplicate member \"alg\"");
  EXPECT_TRUE(fault_of(token(R"(["RS256"])")).starts_with("the header is no JSON object"));
}

TEST(Jws, RefusesWhatIsNoCompactSerialization) {
  const std::string good = token(R"({"alg":"RS256","kid":"a"})");
  const std::string bare = good.substr(0, good.rfind('.'));
  EXPECT_EQ(fault_of(""), "the token does not have three parts");
  EXPECT_EQ(fault_of("a.b"), "the token does not have three parts");
  EXPECT_EQ(fault_of(good + ".x"), "the token does not have three parts");
  EXPECT_EQ(fault_of(bare + "."), "payload or signature is not base64url");
  EXPECT_EQ(fault_of(bare + ".A="), "payload or signature is not base64url");
  EXPECT_EQ(fault_of(bare + ".A+"), "payload or signature is not base64url");
  EXPECT_EQ(fault_of(good + "\n"), "payload or signature is not base64url");
  EXPECT_EQ(fault_of("?." + good.substr(good.find('.') + 1)), "the header is not base64url");
  EXPECT_EQ(fault_of(std::string(kMaxCompactSize + 1, 'A')), "the token is too long");
}

TEST(JwkSet, ReadsTheSetOfTheRfcWithoutTheKeyThatEncrypts) {
  const auto set = JwkSet::read(text_of(*file("jose/rfc.json").find("rfc7517_a1")));
  ASSERT_TRUE(set) << set.error();
  ASSERT_EQ(set->keys().size(), 1U);
  EXPECT_EQ(set->keys()[0].key_id, "2011-04-29");
  EXPECT_EQ(set->keys()[0].algorithm, Algorithm::Rs256);
  EXPECT_FALSE(set->keys()[0].fits(Algorithm::Rs512));
}

TEST(JwkSet, FindsNoKeyForATokenThatNamesNone) {
  const JwkSet set = Foreign().keys();
  CompactJws jws{.algorithm = Algorithm::Rs256, .key_id = "r"};
  EXPECT_NE(set.find(jws), nullptr);
  jws.key_id = "a";
  EXPECT_EQ(set.find(jws), nullptr) << "a key of another kind";
  jws.key_id = "";
  EXPECT_EQ(set.find(jws), nullptr);
  jws.key_id.reset();
  EXPECT_EQ(set.find(jws), nullptr);
}

// What was verified once is remembered, and nothing that differs from it in a bit.
TEST(JwkSet, VerifiesATokenThatComesAgainAndNoOther) {
  const Foreign foreign;
  const JwkSet set = foreign.keys();
  for (const char* algorithm : {"RS256", "ES256", "ES384"}) {
    SCOPED_TRACE(algorithm);
    auto jws = read_compact(foreign.tokens().string_at(algorithm));
    ASSERT_TRUE(jws);
    const auto changed = [&](std::string CompactJws::* part) {
      CompactJws other = *jws;
      (other.*part).back() = static_cast<char>((other.*part).back() ^ 1);
      return other;
    };
    for (int round = 0; round < 3; ++round) {
      EXPECT_FALSE(set.verify(changed(&CompactJws::signature)));
      EXPECT_FALSE(set.verify(changed(&CompactJws::signing_input)));
      EXPECT_TRUE(set.verify(*jws));
    }
    jws->key_id = "another";
    EXPECT_FALSE(set.verify(*jws)) << "a remembered token of a key that is not there";
    jws->key_id.reset();
    EXPECT_FALSE(set.verify(*jws));
  }
}

TEST(JwkSet, LeavesOutKeysThatAreOfNoUse) {
  const Foreign foreign;
  const auto with = [](std::string key, std::string_view from, std::string_view to) {
    const std::size_t at = key.find(from);
    SIGNET_ASSERT(at != std::string::npos);
    return key.replace(at, from.size(), to);
  };
  const std::string rsa = foreign.key(0);
  const std::string p256 = foreign.key(1);
  EXPECT_EQ(keys_in(rsa + "," + p256), 2U);
  EXPECT_EQ(keys_in(with(rsa, R"("use":"sig")", R"("use":"enc")")), 0U);
  EXPECT_EQ(keys_in(with(rsa, R"("use":"sig")", R"("use":1)")), 0U);
  EXPECT_EQ(keys_in(with(rsa, R"("use":"sig")", R"("key_ops":["sign"])")), 0U);
  EXPECT_EQ(keys_in(with(rsa, R"("use":"sig")", R"("key_ops":["verify"])")), 1U);
  EXPECT_EQ(keys_in(with(rsa, R"("use":"sig")", R"("key_ops":"verify")")), 0U);
  EXPECT_EQ(keys_in(with(rsa, R"("use":"sig")", R"("d":"AQAB")")), 0U) << "private";
  EXPECT_EQ(keys_in(with(rsa, R"("use":"sig")", R"("alg":"HS256")")), 0U);
  EXPECT_EQ(keys_in(with(rsa, R"("use":"sig")", R"("alg":"ES256")")), 0U);
  EXPECT_EQ(keys_in(with(rsa, R"("use":"sig")", R"("alg":"RS512")")), 1U);
  EXPECT_EQ(keys_in(with(rsa, R"("kid":"r")", R"("x5t":"r")")), 0U) << "nothing can name it";
  EXPECT_EQ(keys_in(with(rsa, R"("kid":"r")", R"("kid":1)")), 0U);
  EXPECT_EQ(keys_in(with(rsa, R"("RSA")", R"("oct")")), 0U);
  EXPECT_EQ(keys_in(with(rsa, R"("AQAB")", R"("AQ")")), 0U) << "exponent 1";
  EXPECT_EQ(keys_in(with(rsa, R"("AQAB")", R"("Ag")")), 0U) << "even exponent";
  EXPECT_EQ(keys_in(with(rsa, R"("AQAB")", R"("AAEAAQ")")), 0U) << "leading zero";
  EXPECT_EQ(keys_in(with(rsa, R"("AQAB")", R"("AQABAQABAQABAQAB")")), 0U) << "long exponent";
  EXPECT_EQ(keys_in(with(p256, R"("P-256")", R"("secp256k1")")), 0U);
  EXPECT_EQ(keys_in(with(p256, R"("P-256")", R"("P-384")")), 0U) << "of another size";
  EXPECT_EQ(keys_in(with(p256, R"("x":"huV3)", R"("x":"iuV3)")), 0U) << "not on the curve";
  EXPECT_EQ(keys_in(R"({"kty":"RSA","kid":"w","e":"AQAB","n":"AQAB"},1,[],"x")"), 0U) << "weak";
}

TEST(JwkSet, RefusesASetWhoseKeysCanBeConfused) {
  const std::string rsa = Foreign().key(0);
  const auto twice = JwkSet::read(set_of(rsa + "," + rsa));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error(), "the key set has two keys with the id r");

  std::string other = rsa;
  other.replace(other.find(R"("use":"sig")"), 11, R"("alg":"RS512")");
  EXPECT_FALSE(JwkSet::read(set_of(rsa + "," + other)));
  std::string one = rsa;
  one.replace(one.find(R"("use":"sig")"), 11, R"("alg":"RS256")");
  EXPECT_EQ(keys_in(one + "," + other), 2U) << "each for an algorithm of its own";
}

TEST(JwkSet, RefusesWhatIsNoSetAndWhatIsTooMuch) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[],"keys":[]})"}) {
    EXPECT_FALSE(JwkSet::read(text)) << text;
  }
  EXPECT_FALSE(JwkSet::read(std::string(kMaxJwkSetSize + 1, ' ')));
  std::string many = "{}";
  for (std::size_t i = 0; i < 4 * kMaxKeysOfKind; ++i) {
    many += ",{}";
  }
  EXPECT_FALSE(JwkSet::read(set_of(many)));
  std::string rsa = R"({"kty":"RSA"})";
  for (std::size_t i = 0; i < kMaxKeysOfKind; ++i) {
    rsa += R"(,{"kty":"RSA"})";
  }
  EXPECT_FALSE(JwkSet::read(set_of(rsa)));
}

TEST(Claims, ReadTimesTextsAndLists) {
  const auto claims = Claims::read(
      R"({"exp":1300819380,"nbf":1300819380.5,"sub":"s","aud":["a","b"],"one":"x","bad":["a",1],
          "none":[],"year":253402300800,"minus":-1,"word":"7"})");
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->time("exp"), Instant::from_seconds(1300819380));
  EXPECT_EQ(claims->time("nbf"), Instant{1300819380500});
  for (const char* name : {"year", "minus", "word", "sub", "absent"}) {
    EXPECT_FALSE(claims->time(name)) << name;
  }
  EXPECT_EQ(claims->text("sub"), "s");
  EXPECT_FALSE(claims->text("exp"));
  EXPECT_EQ(claims->texts("aud"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(claims->texts("one"), (std::vector<std::string>{"x"}));
  for (const char* name : {"bad", "none", "exp", "absent"}) {
    EXPECT_FALSE(claims->texts(name)) << name;
  }
}

TEST(Claims, RefuseWhatIsNoObjectAndWhatStandsTwice) {
  for (const char* text : {"", "[]", "1", R"({"sub":"a","sub":"b"})", R"({"a":{"b":1,"b":1}})"}) {
    EXPECT_FALSE(Claims::read(text)) << text;
  }
}

}  // namespace
}  // namespace signet::jose
