#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "facts/errors.h"
#include "sigv4/parse_test_support.h"
#include "sigv4/signing_key.h"
#include "sigv4/verify.h"

namespace signet::sigv4 {
namespace {

TEST(ParseS3, RefusesInS3Words) {
  const auto authorization = [](std::string_view from, std::string_view to) {
    return [=](Bent& bent) {
      bent.replace(bent.header("Authorization"), from, to);
    };
  };
  const auto target = [](std::string_view from, std::string_view to) {
    return [=](Bent& bent) {
      bent.replace(bent.target, from, to);
    };
  };
  const std::string required =
      "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
      "X-Amz-Signature, "
      "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
  const std::string credential =
      "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
      "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
  Profile regional = kS3;
  regional.expected_region = "eu-west-1";
  Profile homed = kS3;
  homed.home_region = "us-east-1";
  expect_refusals({
      {"anonymous",
       Placement::Header,
       [](Bent& bent) { bent.remove("Authorization"); },
       ErrorCode::AccessDenied,
       "Access Denied",
       kS3},
      {"SigV2",
       Placement::Header,
       [](Bent& bent) { bent.header("Authorization") = "AWS a:b"; },
       ErrorCode::InvalidRequest,
       "The authorization mechanism you have provided is not supported. Please use "
       "AWS4-HMAC-SHA256.",
       kS3},
      {"another scheme",
       Placement::Header,
       [](Bent& bent) { bent.header("Authorization") = "Bearer x"; },
       ErrorCode::InvalidArgument,
       "Unsupported Authorization Type",
       kS3},
      {"both placements",
       Placement::Header,
       [](Bent& bent) { bent.target = "/?X-Amz-Signature=1"; },
       ErrorCode::InvalidArgument,
       "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
       "string parameter "
       "or the Authorization header should be specified",
       kS3},
      {"no date",
       Placement::Header,
       [](Bent& bent) { bent.remove("X-Amz-Date"); },
       ErrorCode::AccessDenied,
       "AWS authentication requires a valid Date or x-amz-date header",
       kS3},
      {"clock",
       Placement::Header,
       kNothing,
       ErrorCode::RequestTimeTooSkewed,
       "The difference between the request time and the current time is too large.",
       kS3,
       901},
      {"wrong region",
       Placement::Header,
       kNothing,
       ErrorCode::AuthorizationHeaderMalformed,
       "The authorization header is malformed; the region 'us-east-1' is wrong; expecting "
       "'eu-west-1'",
       regional},
      {"a location of old",
       Placement::Header,
       authorization("/us-east-1/", "/US/"),
       ErrorCode::AuthorizationHeaderMalformed,
       "The authorization header is malformed; the region 'US' is wrong; expecting 'us-east-1'",
       homed},
      {"an endpoint for a region",
       Placement::Header,
       authorization("/us-east-1/", "/aws-global/"),
       ErrorCode::AuthorizationHeaderMalformed,
       "The authorization header is malformed; the region 'aws-global' is wrong; expecting "
       "'us-east-1'",
       homed},
      {"presigned for a location of old",
       Placement::Query,
       target("%2Fus-east-1%2F", "%2FUS%2F"),
       ErrorCode::AuthorizationQueryParametersError,
       "Error parsing the X-Amz-Credential parameter; the region 'US' is wrong; expecting "
       "'us-east-1'",
       homed},
      {"wrong service",
       Placement::Header,
       authorization("/s3/", "/sts/"),
       ErrorCode::AuthorizationHeaderMalformed,
       "The authorization header is malformed; incorrect service \"sts\". This endpoint belongs to "
       "\"s3\".",
       kS3},
      {"host and token unsigned",
       Placement::Header,
       [](Bent& bent) {
         bent.replace(bent.header("Authorization"), "=host;", "=");
         bent.header("X-Amz-Security-Token") = "t";
       },
       ErrorCode::AccessDenied,
       "There were headers present in the request which were not signed",
       kS3},
      {"no content hash",
       Placement::Header,
       [](Bent& bent) { bent.remove("x-amz-content-sha256"); },
       ErrorCode::InvalidRequest,
       "Missing required header for this request: x-amz-content-sha256",
       kS3},
      {"presigned without Expires",
       Placement::Query,
       target("X-Amz-Expires=3600", "Y="),
       ErrorCode::AuthorizationQueryParametersError,
       required,
       kS3},
      {"presigned with a bad credential",
       Placement::Query,
       target("%2Faws4_request", ""),
       ErrorCode::AuthorizationQueryParametersError,
       credential,
       kS3},
      {"presigned for ever",
       Placement::Query,
       target("X-Amz-Expires=3600", "X-Amz-Expires=604801"),
       ErrorCode::AuthorizationQueryParametersError,
       "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must "
       "be less than "
       "604800 seconds",
       kS3},
      {"presigned for no time",
       Placement::Query,
       target("X-Amz-Expires=3600", "X-Amz-Expires=0"),
       ErrorCode::AuthorizationQueryParametersError,
       "X-Amz-Expires must be at least 1",
       kS3},
      {"presigned for less",
       Placement::Query,
       target("X-Amz-Expires=3600", "X-Amz-Expires=-1"),
       ErrorCode::AuthorizationQueryParametersError,
       "X-Amz-Expires must be non-negative",
       kS3},
      {"presigned for a word",
       Placement::Query,
       target("X-Amz-Expires=3600", "X-Amz-Expires=1h"),
       ErrorCode::AuthorizationQueryParametersError,
       "X-Amz-Expires should be a number",
       kS3},
      {"presigned and expired",
       Placement::Query,
       kNothing,
       ErrorCode::AccessDenied,
       "Request has expired",
       kS3,
       3601},
      {"presigned for later",
       Placement::Query,
       kNothing,
       ErrorCode::AccessDenied,
       "Request is not yet valid",
       kS3,
       -901},
      {"presigned, then an ACL added",
       Placement::Query,
       [](Bent& bent) { bent.header("x-amz-acl") = "public-read"; },
       ErrorCode::AccessDenied,
       "There were headers present in the request which were not signed",
       kS3},
  });
}

TEST(ParseS3, ListsWhatAClientNeedsToCorrectItself) {
  Scratch scratch;
  Bent late = signed_request("s3", Placement::Header, kNow.plus_seconds(-1000));
  using Fields = std::vector<std::pair<std::string, std::string>>;

  EXPECT_EQ(parse_bent(late, kS3, scratch).error().fields,
            (Fields{{"RequestTime", "20251231T234320Z"},
                    {"ServerTime", "2026-01-01T00:00:00Z"},
                    {"MaxAllowedSkewMilliseconds", "900000"}}));
  Bent expired = signed_request("s3", Placement::Query, kNow.plus_seconds(-3660));
  EXPECT_EQ(parse_bent(expired, kS3, scratch).error().fields,
            (Fields{{"X-Amz-Expires", "3600"},
                    {"Expires", "2025-12-31T23:59:00Z"},
                    {"ServerTime", "2026-01-01T00:00:00Z"}}));
  Bent extra = signed_request("s3", Placement::Query);
  extra.header("X-Amz-Acl") = "public-read";
  extra.header("x-amz-meta-a") = "1";
  EXPECT_EQ(parse_bent(extra, kS3, scratch).error().fields,
            (Fields{{"HeadersNotSigned", "x-amz-acl, x-amz-meta-a"}}));
}

TEST(ParseS3, TakesAnyNameForARegionAndNamesTheRightOneOtherwise) {
  Profile homed = kS3;
  homed.home_region = "us-east-1";
  for (const std::string_view region : {"eu-west-1", "local", "xx-new-7", "s3", ""}) {
    Bent bent = signed_request("s3", Placement::Header);
    bent.replace(bent.header("Authorization"), "/us-east-1/", concat("/", region, "/"));
    Scratch scratch;

    EXPECT_TRUE(parse_bent(bent, homed, scratch).has_value()) << region;
  }
  Bent old = signed_request("s3", Placement::Header);
  old.replace(old.header("Authorization"), "/us-east-1/", "/EU/");
  Scratch scratch;
  using Fields = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(parse_bent(old, homed, scratch).error().fields, (Fields{{"Region", "us-east-1"}}));
}

TEST(ParseS3, ReadsEveryKindOfPayload) {
  const std::vector<std::pair<std::string, PayloadKind>> kinds{
      {std::string(64, 'a'), PayloadKind::Hash},
      {"UNSIGNED-PAYLOAD", PayloadKind::Unsigned},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", PayloadKind::StreamSigned},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", PayloadKind::StreamSignedTrailer},
      {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", PayloadKind::StreamUnsignedTrailer}};
  for (const auto& [value, kind] : kinds) {
    Bent bent = signed_request("s3", Placement::Header);
    bent.header("x-amz-content-sha256") = value;
    Scratch scratch;

    const Result<ParsedAuth> parsed = parse_bent(bent, kS3, scratch);

    ASSERT_TRUE(parsed.has_value()) << value;
    EXPECT_EQ(parsed->payload, kind);
    EXPECT_EQ(parsed->content_sha256, value);
  }
  for (const std::string_view value :
       {"x", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "unsigned-payload"}) {
    Bent bent = signed_request("s3", Placement::Header);
    bent.header("x-amz-content-sha256") = value;
    Scratch scratch;

    EXPECT_EQ(parse_bent(bent, kS3, scratch).error().code, ErrorCode::InvalidArgument) << value;
  }
}

TEST(VerifyS3, TellsWhatWasSignedAndWhatWasSent) {
  const Bent bent = signed_request("s3", Placement::Header);
  const std::vector<HeaderView> headers = bent.views();
  const RequestView request{.method = "PUT", .target = bent.target, .headers = headers};
  Scratch scratch;
  const Result<ParsedAuth> parsed = parse(request, kS3, kNow, scratch);
  ASSERT_TRUE(parsed.has_value());

  const Status status = verify(*parsed,
                               request,
                               kS3,
                               derive_signing_key("secret", "20260101", "us-east-1", "s3"),
                               "",
                               scratch);

  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::S3SignatureDoesNotMatch);
  std::vector<std::string> names;
  for (const auto& [name, value] : status.error().fields) {
    names.push_back(name);
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"AWSAccessKeyId",
                                      "StringToSign",
                                      "SignatureProvided",
                                      "StringToSignBytes",
                                      "CanonicalRequest",
                                      "CanonicalRequestBytes"}));
  EXPECT_TRUE(status.error().fields[1].second.starts_with("AWS4-HMAC-SHA256\n20260101T000000Z\n"));
  EXPECT_TRUE(status.error().fields[3].second.starts_with("41 57 53 34 2d"));
  EXPECT_TRUE(status.error().fields[4].second.starts_with("PUT\n/\n"));
}

}  // namespace
}  // namespace signet::sigv4
