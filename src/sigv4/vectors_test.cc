#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/testdata_for_test.h"
#include "codec/json.h"
#include "codec/time.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "sigv4/explain.h"
#include "sigv4/signer.h"
#include "sigv4/signing_key.h"
#include "sigv4/verify.h"

namespace signet::sigv4 {
namespace {

using codec::Json;

Json load(const std::string& name) {
  std::ifstream in(testdata_path("sigv4/") + name);
  std::stringstream text;
  text << in.rdbuf();
  std::string error;
  std::optional<Json> json = Json::parse(text.str(), &error);
  EXPECT_TRUE(json.has_value()) << name << ": " << error;
  return json.value_or(Json());
}

std::vector<HeaderView> headers_of(const Json& record) {
  std::vector<HeaderView> headers;
  for (const Json& pair : record.find("headers")->items()) {
    headers.push_back({pair.items()[0].text(), pair.items()[1].text()});
  }
  return headers;
}

SigningRequest signing_request(const Json& record, Placement placement) {
  SigningRequest request;
  request.placement = placement;
  request.method = record.string_at("method");
  request.target = record.string_at("target");
  for (const HeaderView& field : headers_of(record)) {
    request.headers.emplace_back(field.name, field.value);
  }
  request.body = record.string_at("body");
  request.access_key = record.string_at("access_key");
  request.secret_key = record.string_at("secret_key");
  request.session_token = record.string_at("session_token");
  request.region = record.string_at("region");
  request.service = record.string_at("service");
  request.timestamp = codec::parse_iso8601(record.string_at("timestamp")).value();
  if (record.find("expires") != nullptr) {
    request.omit_session_token = record.find("omit_session_token")->as_bool();
    request.expires_seconds = record.find("expires")->as_int().value();
    request.normalize = record.find("normalize")->as_bool();
    request.sign_body = record.find("sign_body")->as_bool();
  }
  return request;
}

// Parses and verifies a request of a vector at the time it was signed; the error's message, or ""
// if it verifies.
std::string answer(const RequestView& request, const Profile& profile, const Json& record) {
  Scratch scratch;
  const Instant now = codec::parse_iso8601(record.string_at("timestamp")).value();
  const Result<ParsedAuth> parsed = parse(request, profile, now, scratch);
  if (!parsed) {
    return "parse: " + parsed.error().message;
  }
  if (parsed->access_key_id != record.string_at("access_key")) {
    return "unknown key";  // SigV4 covers the id only through the secret that belongs to it
  }
  const crypto::HmacKey key = derive_signing_key(
      record.string_at("secret_key"), parsed->scope_date, parsed->region, parsed->service);
  const std::string body_hash = crypto::sha256_hex(record.string_at("body"));
  const Status status = verify(*parsed, request, profile, key, body_hash, scratch);
  return status ? "" : "verify: " + status.error().message + "\n" + scratch.canonical;
}

class AwsSuite : public testing::TestWithParam<Placement> {};

TEST_P(AwsSuite, EveryStageOfEveryCaseAgrees) {
  const Json suite = load("aws_suite.json");
  ASSERT_EQ(suite.find("cases")->items().size(), 38U);
  const bool is_header = GetParam() == Placement::Header;
  for (const Json& record : suite.find("cases")->items()) {
    const Json& expected = *record.find(is_header ? "header" : "query");

    const SignedRequest signed_request = sign(signing_request(record, GetParam()));

    EXPECT_EQ(signed_request.canonical_request, expected.string_at("canonical_request"))
        << record.string_at("name");
    EXPECT_EQ(signed_request.string_to_sign, expected.string_at("string_to_sign"))
        << record.string_at("name");
    EXPECT_EQ(signed_request.signature, expected.string_at("signature"))
        << record.string_at("name");
  }
}

TEST_P(AwsSuite, EveryCaseVerifiesAsSignedElsewhere) {
  const Json suite = load("aws_suite.json");
  const bool is_header = GetParam() == Placement::Header;
  for (const Json& record : suite.find("cases")->items()) {
    const Json& as_signed = *record.find(is_header ? "header" : "query")->find("signed");
    const std::vector<HeaderView> headers = headers_of(as_signed);
    const Profile profile{.service = "service",
                          .normalize_path = record.find("normalize")->as_bool(),
                          .adds_token_after_signing = record.find("omit_session_token")->as_bool()};

    EXPECT_EQ(answer({.method = as_signed.string_at("method"),
                      .target = as_signed.string_at("target"),
                      .headers = headers},
                     profile,
                     record),
              "")
        << record.string_at("name");
  }
}

INSTANTIATE_TEST_SUITE_P(Placements,
                         AwsSuite,
                         testing::Values(Placement::Header, Placement::Query),
                         [](const auto& param_info) {
                           return param_info.param == Placement::Header ? "Header" : "Query";
                         });

const Profile& profile_of(std::string_view service) {
  return service == "s3" ? kS3 : service == "iam" ? kIam : kSts;
}

TEST(Botocore, RandomRequestsVerifyAndAnyChangeDoesNot) {
  const Json recorded = load("botocore.json");
  const std::vector<Json>& cases = recorded.find("cases")->items();
  ASSERT_GE(cases.size(), 400U);
  for (const Json& record : cases) {
    const std::vector<HeaderView> headers = headers_of(record);
    const std::string target(record.string_at("target"));
    const RequestView request{
        .method = record.string_at("method"), .target = target, .headers = headers};
    const Profile& profile = profile_of(record.string_at("service"));

    ASSERT_EQ(answer(request, profile, record), "") << record.string_at("name");

    RequestView changed = request;
    changed.method = "HEAD";
    EXPECT_NE(answer(changed, profile, record), "") << record.string_at("name");
    const std::string longer = target + (target.find('?') == std::string::npos ? "?x=" : "&x=");
    changed = request;
    changed.target = longer;
    EXPECT_NE(answer(changed, profile, record), "") << record.string_at("name");
  }
}

TEST(Botocore, OurStagesAreTheirs) {
  const Json recorded = load("botocore.json");
  for (const Json& record : recorded.find("cases")->items()) {
    const std::vector<HeaderView> headers = headers_of(record);
    const ReceivedExplanation explained =
        explain_received({.method = record.string_at("method"),
                          .target = record.string_at("target"),
                          .headers = headers},
                         profile_of(record.string_at("service")),
                         record.string_at("secret_key"),
                         record.string_at("body"),
                         codec::parse_iso8601(record.string_at("timestamp")).value());

    EXPECT_EQ(explained.computed.canonical_request, record.string_at("canonical_request"));
    EXPECT_EQ(explained.computed.string_to_sign, record.string_at("string_to_sign"));
    EXPECT_EQ(explained.computed.signature, record.string_at("signature"));
    EXPECT_TRUE(explained.matches) << explained.error.message;
  }
}

// Every single-byte change of target, header values, method and body of a signed STS request is
// refused, unless the change has the same canonical form (case of hex digits or of a header's
// blanks, which this request has none of).
TEST(Verify, RefusesEveryFlippedByte) {
  for (const Placement placement : {Placement::Header, Placement::Query}) {
    SigningRequest to_sign;
    to_sign.placement = placement;
    to_sign.method = "POST";
    to_sign.target = "/?Action=GetCallerIdentity&Version=2011-06-15";
    to_sign.headers = {{"Host", "sts.amazonaws.com"}, {"X-Extra", "value"}};
    to_sign.body = "x=y";
    to_sign.access_key = "AKIDEXAMPLE";
    to_sign.secret_key = "secret";
    to_sign.session_token = "token";
    to_sign.service = "sts";
    to_sign.timestamp = Instant::from_seconds(1767225600);
    const SignedRequest out = sign(to_sign);
    const std::string record_text =
        R"({"timestamp":"2026-01-01T00:00:00Z","access_key":"AKIDEXAMPLE","secret_key":"secret","body":"x=y"})";
    const Json record = Json::parse(record_text).value();
    const auto check = [&](const SignedRequest& request, std::string_view method) {
      std::vector<HeaderView> headers;
      for (const auto& [name, value] : request.headers) {
        headers.push_back({name, value});
      }
      return answer({.method = method, .target = request.target, .headers = headers}, kSts, record);
    };
    ASSERT_EQ(check(out, "POST"), "");
    for (std::size_t i = 1; i < out.target.size(); ++i) {
      SignedRequest changed = out;
      changed.target[i] = static_cast<char>(changed.target[i] ^ 1);
      EXPECT_NE(check(changed, "POST"), "") << changed.target;
    }
    for (std::size_t h = 0; h < out.headers.size(); ++h) {
      for (std::size_t i = 0; i < out.headers[h].second.size(); ++i) {
        SignedRequest changed = out;
        changed.headers[h].second[i] = static_cast<char>(changed.headers[h].second[i] ^ 1);
        // One blank more or less between the parts of the Authorization header means nothing.
        const bool is_separator =
            out.headers[h].first == "Authorization" &&
            (out.headers[h].second[i] == ' ' || changed.headers[h].second[i] == ' ');
        EXPECT_TRUE(is_separator || !check(changed, "POST").empty()) << changed.headers[h].second;
      }
      SignedRequest removed = out;
      removed.headers.erase(removed.headers.begin() + static_cast<std::ptrdiff_t>(h));
      EXPECT_NE(check(removed, "POST"), "") << out.headers[h].first;
      SignedRequest doubled = out;
      doubled.headers.insert(doubled.headers.begin(), {out.headers[h].first, "other"});
      EXPECT_NE(check(doubled, "POST"), "") << out.headers[h].first;
    }
    EXPECT_NE(check(out, "PUT"), "");
    EXPECT_NE(answer({.method = "POST", .target = out.target, .headers = {}}, kSts, record), "");
    const Json other_secret =
        Json::parse(
            R"({"timestamp":"2026-01-01T00:00:00Z","access_key":"AKIDEXAMPLE","secret_key":"secreT","body":"x=y"})")
            .value();
    const Json other_body =
        Json::parse(
            R"({"timestamp":"2026-01-01T00:00:00Z","access_key":"AKIDEXAMPLE","secret_key":"secret","body":"x=z"})")
            .value();
    std::vector<HeaderView> headers;
    for (const auto& [name, value] : out.headers) {
      headers.push_back({name, value});
    }
    const RequestView request{.method = "POST", .target = out.target, .headers = headers};
    EXPECT_NE(answer(request, kSts, other_secret), "");
    EXPECT_NE(answer(request, kSts, other_body), "");
  }
}

TEST(Sign, JoinsItsParametersToAnyTarget) {
  SigningRequest request;
  request.placement = Placement::Query;
  request.headers = {{"Host", "h"}};
  for (const auto& [target, start] :
       {std::pair<std::string_view, std::string_view>{"/", "/?X-Amz-A"},
        {"/?", "/?X-Amz-A"},
        {"/?a=b", "/?a=b&X-Amz-A"},
        {"/?a=b?", "/?a=b?&X-Amz-A"}}) {
    request.target = target;
    EXPECT_TRUE(sign(request).target.starts_with(start)) << sign(request).target;
  }
}

TEST(Explain, NamesTheLikeliestCause) {
  SigningRequest to_sign;
  to_sign.method = "GET";
  to_sign.target = "/a//b";
  to_sign.headers = {{"Host", "h"}};
  to_sign.secret_key = "secret";
  to_sign.access_key = "AKID";
  to_sign.service = "sts";
  to_sign.normalize = false;
  const SignedRequest out = sign(to_sign);
  std::vector<HeaderView> headers;
  for (const auto& [name, value] : out.headers) {
    headers.push_back({name, value});
  }

  const RequestView request{.method = "GET", .target = out.target, .headers = headers};
  const ReceivedExplanation explained = explain_received(request, kSts, "secret", "", Instant{});

  EXPECT_FALSE(explained.matches);
  EXPECT_EQ(explained.error.code, ErrorCode::SignatureDoesNotMatch);
  EXPECT_EQ(explained.hint,
            "The client signed the path as S3 wants it: encoded once and not normalized.");
  EXPECT_NE(explained.computed.signature, explained.provided_signature);
  EXPECT_EQ(explain_received(request, kSts, "other", "", Instant{}).hint, "");
}

TEST(SigningKeyCache, AnswersTheKeyOfTheVerySecretAndStaysBounded) {
  SigningKeyCache cache(8);
  const auto mac = [&](const std::string& id, const std::string& secret, const std::string& day) {
    const ParsedAuth parsed{
        .access_key_id = id, .scope_date = day, .region = "us-east-1", .service = "sts"};
    return std::get<crypto::HmacKey>(cache.get(parsed, secret)).mac("m");
  };
  const auto fresh = [](const std::string& secret, const std::string& day) {
    return derive_signing_key(secret, day, "us-east-1", "sts").mac("m");
  };

  EXPECT_EQ(mac("A", "s1", "20260101"), fresh("s1", "20260101"));
  EXPECT_EQ(mac("A", "s1", "20260101"), fresh("s1", "20260101"));
  EXPECT_EQ(cache.hits(), 1U);
  EXPECT_EQ(mac("A", "s2", "20260101"), fresh("s2", "20260101"));
  EXPECT_EQ(mac("A", "s1", "20260102"), fresh("s1", "20260102"));
  EXPECT_EQ(cache.hits(), 1U);
  for (int i = 0; i < 1000; ++i) {
    const std::string id = "K" + std::to_string(i % 100);
    const std::string secret = "secret" + std::to_string(i % 100);
    EXPECT_EQ(mac(id, secret, "20260101"), fresh(secret, "20260101"));
  }
}

}  // namespace
}  // namespace signet::sigv4
