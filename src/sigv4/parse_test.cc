#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/sha256.h"
#include "facts/errors.h"
#include "sigv4/parse_test_support.h"
#include "sigv4/signer.h"
#include "sigv4/signing_key.h"
#include "sigv4/verify.h"

namespace signet::sigv4 {
namespace {

TEST(ParseHeader, RefusesInAwsWords) {
  const std::string scope = "AKIDEXAMPLE/20260101/us-east-1/sts/aws4_request";
  Profile regional = kSts;
  regional.expected_region = "eu-west-1";
  const auto authorization = [](std::string_view from, std::string_view to) {
    return [=](Bent& bent) {
      bent.replace(bent.header("Authorization"), from, to);
    };
  };
  expect_refusals({
      {"no signature",
       Placement::Header,
       [](Bent& bent) { bent.remove("Authorization"); },
       ErrorCode::MissingAuthenticationToken,
       "Request is missing Authentication Token"},
      {"SigV2",
       Placement::Header,
       [](Bent& bent) { bent.header("Authorization") = "AWS AKID:c2ln"; },
       ErrorCode::IncompleteSignature,
       "The authorization mechanism you have provided is not supported. Please use "
       "AWS4-HMAC-SHA256."},
      {"four-part credential",
       Placement::Header,
       authorization("/aws4_request", ""),
       ErrorCode::IncompleteSignature,
       "Credential must have exactly 5 slash-delimited elements, e.g. "
       "keyid/date/region/service/term, got "
       "'AKIDEXAMPLE/20260101/us-east-1/sts'"},
      {"six-part credential",
       Placement::Header,
       authorization("/aws4_request", "/aws4_request/x"),
       ErrorCode::IncompleteSignature,
       "Credential must have exactly 5 slash-delimited elements, e.g. "
       "keyid/date/region/service/term, got '" +
           scope + "/x'"},
      {"nothing but the algorithm, no date",
       Placement::Header,
       [](Bent& bent) {
         bent.header("Authorization") = "AWS4-HMAC-SHA256";
         bent.remove("X-Amz-Date");
       },
       ErrorCode::IncompleteSignature,
       "Authorization header requires 'Credential' parameter. Authorization header requires "
       "'Signature' parameter. "
       "Authorization header requires 'SignedHeaders' parameter. Authorization header requires "
       "existence of either "
       "a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) "
       "Authorization=YI2YWea8FSxnksZL2ETHbs5elHm9HQufxTLK0W0ffV0="},
      {"another scheme",
       Placement::Header,
       [](Bent& bent) { bent.header("Authorization") = "Bearer x"; },
       ErrorCode::IncompleteSignature,
       "Authorization header requires 'Credential' parameter. Authorization header requires "
       "'Signature' parameter. "
       "Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded "
       "with Base64) "
       "Authorization=uTem/WB082UJMN2ajD6lH6UChGpTAddMJSx2iu923No="},
      {"unparsable date",
       Placement::Header,
       [](Bent& bent) { bent.header("X-Amz-Date") = "2026-01-01"; },
       ErrorCode::IncompleteSignature,
       "Date must be in ISO-8601 'basic format'. Got '2026-01-01'. See "
       "http://en.wikipedia.org/wiki/ISO_8601"},
      {"clock behind",
       Placement::Header,
       kNothing,
       ErrorCode::SignatureDoesNotMatch,
       "Signature expired: 20251231T234459Z is now earlier than 20251231T234500Z (20260101T000000Z "
       "- 15 min.)",
       kSts,
       901},
      {"clock ahead",
       Placement::Header,
       kNothing,
       ErrorCode::SignatureDoesNotMatch,
       "Signature not yet current: 20260101T001501Z is still later than 20260101T001500Z "
       "(20260101T000000Z + 15 "
       "min.)",
       kSts,
       -901},
      {"clock before a malformed header",
       Placement::Header,
       [](Bent& bent) { bent.header("Authorization") = "AWS4-HMAC-SHA256 x"; },
       ErrorCode::SignatureDoesNotMatch,
       "Signature expired: 20251231T230000Z is now earlier than 20251231T234500Z (20260101T000000Z "
       "- 15 min.)",
       kSts,
       3600},
      {"wrong region",
       Placement::Header,
       kNothing,
       ErrorCode::SignatureDoesNotMatch,
       "Credential should be scoped to a valid region. ",
       regional},
      {"wrong service",
       Placement::Header,
       authorization("/sts/", "/iam/"),
       ErrorCode::SignatureDoesNotMatch,
       "Credential should be scoped to correct service: 'sts'. "},
      {"wrong terminator",
       Placement::Header,
       authorization("aws4_request", "aws4"),
       ErrorCode::SignatureDoesNotMatch,
       "Credential should be scoped with a valid terminator: 'aws4_request'."},
      {"wrong date in the scope",
       Placement::Header,
       authorization("/20260101/", "/20260102/"),
       ErrorCode::SignatureDoesNotMatch,
       "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP."},
      {"everything wrong in the scope",
       Placement::Header,
       authorization("/20260101/us-east-1/sts/aws4_request", "/2/us-east-1/x/y"),
       ErrorCode::SignatureDoesNotMatch,
       "Credential should be scoped to a valid region. Credential should be scoped to correct "
       "service: 'sts'. "
       "Credential should be scoped with a valid terminator: 'aws4_request'. Date in Credential "
       "scope does not "
       "match YYYYMMDD from ISO-8601 version of date from HTTP.",
       regional},
      {"host unsigned",
       Placement::Header,
       authorization("SignedHeaders=host;", "SignedHeaders="),
       ErrorCode::SignatureDoesNotMatch,
       "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
  });
}

TEST(ParseQuery, RefusesInAwsWords) {
  const auto target = [](std::string_view from, std::string_view to) {
    return [=](Bent& bent) {
      bent.replace(bent.target, from, to);
    };
  };
  expect_refusals({
      {"unsupported algorithm",
       Placement::Query,
       target("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
       ErrorCode::MissingAuthenticationToken,
       "Missing Authentication Token"},
      {"SigV4A without a set of regions",
       Placement::Query,
       target("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
       ErrorCode::IncompleteSignature,
       "AWS query-string parameters must include 'X-Amz-Region-Set'. Re-examine the query-string "
       "parameters."},
      {"no date",
       Placement::Query,
       target("&X-Amz-Date=20260101T000000Z", ""),
       ErrorCode::IncompleteSignature,
       "AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string "
       "parameters."},
      {"no credential",
       Placement::Query,
       target("X-Amz-Credential=", "Y="),
       ErrorCode::IncompleteSignature,
       "AWS query-string parameters must include 'X-Amz-Credential'. Re-examine the query-string "
       "parameters."},
      {"no signature and no signed headers",
       Placement::Query,
       [](Bent& bent) {
         bent.replace(bent.target, "X-Amz-SignedHeaders=", "Y=");
         bent.replace(bent.target, "X-Amz-Signature=", "Z=");
       },
       ErrorCode::IncompleteSignature,
       "AWS query-string parameters must include 'X-Amz-Signature'. Re-examine the query-string "
       "parameters. AWS "
       "query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string "
       "parameters."},
      {"SigV2",
       Placement::Query,
       [](Bent& bent) { bent.target = "/?AWSAccessKeyId=AKID&SignatureVersion=2&Signature=abc"; },
       ErrorCode::IncompleteSignature,
       "The authorization mechanism you have provided is not supported. Please use "
       "AWS4-HMAC-SHA256."},
      {"old, whatever X-Amz-Expires says",
       Placement::Query,
       target("X-Amz-Expires=3600", "X-Amz-Expires=604800"),
       ErrorCode::SignatureDoesNotMatch,
       "Signature expired: 20251231T234459Z is now earlier than 20251231T234500Z (20260101T000000Z "
       "- 15 min.)",
       kSts,
       901},
      {"host unsigned",
       Placement::Query,
       target("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=x"),
       ErrorCode::SignatureDoesNotMatch,
       "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
  });
}

TEST(ParseQuery, IgnoresExpiresForStsAndIam) {
  for (const std::string_view expires :
       {"X-Amz-Expires=60", "X-Amz-Expires=x", "Y=1", "X-Amz-Expires=99999999"}) {
    Bent bent = signed_request("sts", Placement::Query, kNow.plus_seconds(-899));
    bent.replace(bent.target, "X-Amz-Expires=3600", expires);
    Scratch scratch;

    EXPECT_TRUE(parse_bent(bent, kSts, scratch).has_value()) << expires;
  }
}

TEST(ParseHeader, TakesAnHttpDateAndSignsItsBasicForm) {
  Bent bent = signed_request("sts", Placement::Header);
  bent.remove("X-Amz-Date");
  bent.header("Date") = "Thu, 01 Jan 2026 00:00:00 GMT";
  Scratch scratch;

  const Result<ParsedAuth> parsed = parse_bent(bent, kSts, scratch);

  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->amz_date, "20260101T000000Z");
  EXPECT_EQ(parsed->date, kNow);
}

TEST(ParseHeader, ReadsComponentsWithoutSpacesAndInAnyOrder) {
  Bent bent = signed_request("iam", Placement::Header);
  bent.header("Authorization") =
      "AWS4-HMAC-SHA256 "
      "Signature=abc,SignedHeaders=host;x-amz-date,Credential=AKID/20260101/us-east-1/iam/"
      "aws4_request";
  Scratch scratch;

  const Result<ParsedAuth> parsed = parse_bent(bent, kIam, scratch);

  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->access_key_id, "AKID");
  EXPECT_EQ(parsed->region, "us-east-1");
  EXPECT_EQ(parsed->scope, "20260101/us-east-1/iam/aws4_request");
  EXPECT_EQ(parsed->signed_headers, "host;x-amz-date");
  EXPECT_EQ(parsed->signature, "abc");
}

TEST(VerifySts, RefusesUnsignedPayload) {
  SigningRequest to_sign;
  to_sign.method = "POST";
  to_sign.headers = {{"Host", "h"}};
  to_sign.body = "Action=GetCallerIdentity";
  to_sign.access_key = "AKID";
  to_sign.secret_key = "secret";
  to_sign.service = "sts";
  to_sign.timestamp = kNow;
  to_sign.sign_body = true;
  to_sign.payload_hash = "UNSIGNED-PAYLOAD";
  const SignedRequest out = sign(to_sign);
  const Bent bent{.method = "POST", .target = out.target, .headers = out.headers};
  const std::vector<HeaderView> headers = bent.views();
  const RequestView request{.method = "POST", .target = "/", .headers = headers};
  Scratch scratch;
  const Result<ParsedAuth> parsed = parse(request, kSts, kNow, scratch);
  ASSERT_TRUE(parsed.has_value());

  const Status status = verify(*parsed,
                               request,
                               kSts,
                               derive_signing_key("secret", "20260101", "us-east-1", "sts"),
                               crypto::sha256_hex(to_sign.body),
                               scratch);

  EXPECT_EQ(status.error().code, ErrorCode::SignatureDoesNotMatch);
}

TEST(CheckBodyHash, ComparesOnlyWhereTheHashWasSigned) {
  const crypto::Sha256Digest digest = crypto::sha256("body");
  const std::string good = crypto::sha256_hex("body");
  const std::string bad = crypto::sha256_hex("other");

  EXPECT_TRUE(
      check_body_hash({.payload = PayloadKind::Hash, .content_sha256 = good}, digest).has_value());
  EXPECT_TRUE(check_body_hash({.payload = PayloadKind::Unsigned, .content_sha256 = bad}, digest)
                  .has_value());
  const Status status =
      check_body_hash({.payload = PayloadKind::Hash, .content_sha256 = bad}, digest);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::XAmzContentSHA256Mismatch);
  EXPECT_EQ(status.error().fields[1].second, good);
}

TEST(PeekScope, ReadsTheServiceWithoutChecking) {
  Scratch scratch;
  for (const Placement placement : {Placement::Header, Placement::Query}) {
    const Bent bent = signed_request("iam", placement);
    const std::vector<HeaderView> headers = bent.views();

    const auto peeked =
        peek_scope({.method = "GET", .target = bent.target, .headers = headers}, scratch);

    ASSERT_TRUE(peeked.has_value());
    EXPECT_EQ(peeked->service, "iam");
    EXPECT_EQ(peeked->region, "us-east-1");
    EXPECT_EQ(peeked->access_key_id, "AKIDEXAMPLE");
  }
  EXPECT_FALSE(
      peek_scope({.method = "GET", .target = "/?a=b", .headers = {}}, scratch).has_value());
}

TEST(HasCredentials, SeesEveryWayToCarryThem) {
  const std::vector<HeaderView> none{{"Host", "h"}};
  const std::vector<HeaderView> header{{"AUTHORIZATION", "x"}};

  EXPECT_TRUE(has_credentials({.method = "GET", .target = "/", .headers = header}));
  EXPECT_TRUE(has_credentials({.method = "GET", .target = "/?X-Amz-Signature=", .headers = none}));
  EXPECT_TRUE(has_credentials(
      {.method = "GET", .target = "/?AWSAccessKeyId=a&Signature=b", .headers = none}));
  EXPECT_TRUE(has_credentials({.method = "GET", .target = "/?Signature=b", .headers = none}));
  EXPECT_TRUE(has_credentials({.method = "GET", .target = "/?AWSAccessKeyId=", .headers = none}));
  EXPECT_FALSE(
      has_credentials({.method = "GET", .target = "/k?X-Amz-Signaturex=b", .headers = none}));
}

}  // namespace
}  // namespace signet::sigv4
