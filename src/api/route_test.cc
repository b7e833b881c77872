#include "api/route.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace signet::api {
namespace {

struct Case {
  const char* name;
  std::string_view method;
  std::string_view target;
  std::string_view authorization;
  std::string_view content_type;
  std::string_view service;
  bool is_signed;
};

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

class RouteTest : public testing::TestWithParam<Case> {};

TEST_P(RouteTest, ChoosesTheServiceByTheHeadAlone) {
  const Case& given = GetParam();
  std::vector<http::HeaderView> headers;
  if (!given.authorization.empty()) {
    headers.push_back({"Authorization", given.authorization});
  }
  if (!given.content_type.empty()) {
    headers.push_back({"Content-Type", given.content_type});
  }
  const http::RequestHead head{
      .method = given.method, .target = given.target, .host = "localhost", .headers = headers};
  const Route found = route(head);
  EXPECT_EQ(found.service, given.service);
  EXPECT_EQ(found.is_signed, given.is_signed);
}

constexpr std::string_view kIam =
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, "
    "Signature=0";
constexpr std::string_view kSts =
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/sts/aws4_request,SignedHeaders=host,"
    "Signature=0";
constexpr std::string_view kS3 =
    "AWS4-HMAC-SHA256 SignedHeaders=host, Credential=AK/20260101/us-east-1/s3/aws4_request, "
    "Signature=0";
constexpr std::string_view kLambda =
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, "
    "Signature=0";
constexpr std::string_view kNothing =
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/s2/aws4_request, SignedHeaders=host, "
    "Signature=0";
constexpr std::string_view kAsymmetricS3 =
    "AWS4-ECDSA-P256-SHA256 Credential=AK/20260101/s3/aws4_request, SignedHeaders=host, "
    "Signature=0";
constexpr std::string_view kAsymmetricSts =
    "AWS4-ECDSA-P256-SHA256 Credential=AK/20260101/sts/aws4_request, SignedHeaders=host, "
    "Signature=0";
constexpr std::string_view kCertificate =
    "AWS4-X509-RSA-SHA256 Credential=123/20260101/eu-central-1/rolesanywhere/aws4_request, "
    "SignedHeaders=host, Signature=0";
constexpr std::string_view kEc2 =
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, "
    "Signature=0";

const Case kCases[] = {
    // The scope decides, whatever the path.
    {"ScopeIam", "POST", "/", kIam, kForm, "iam", true},
    {"ScopeSts", "POST", "/", kSts, kForm, "sts", true},
    {"ScopeS3", "GET", "/", kS3, "", "s3", true},
    {"ScopeS3Form", "POST", "/?Action=ListUsers", kS3, kForm, "s3", true},
    {"ScopeIamOnAPath", "GET", "/bucket/key", kIam, "", "iam", true},
    {"ScopeUnserved", "POST", "/", kEc2, kForm, "ec2", true},
    {"ScopeUnservedOnAPath", "GET", "/2015-03-31/functions", kLambda, "", "lambda", true},
    {"PresignedUnserved",
     "GET",
     "/?Action=DescribeRegions&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fec2%2Faws4_request",
     "",
     "",
     "ec2",
     true},
    // A scope that names no service: refused in the words of what the request looks like.
    {"ScopeOfNothingForm", "POST", "/", kNothing, kForm, "sts", true},
    {"ScopeOfNothingQuery",
     "GET",
     "/?Action=ListUsers&Version=2010-05-08",
     kNothing,
     "",
     "iam",
     true},
    {"ScopeOfNothingObject", "GET", "/bucket/key", kNothing, "", "s3", true},
    {"ScopeOfNothingRoot", "GET", "/", kNothing, "", "s3", true},
    // The asymmetric form has no region in its scope.
    {"AsymmetricS3", "GET", "/bucket/key", kAsymmetricS3, "", "s3", true},
    {"AsymmetricSts", "POST", "/", kAsymmetricSts, kForm, "sts", true},
    {"AsymmetricPresignedS3",
     "GET",
     "/bucket/key?X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&"
     "X-Amz-Credential=AK/20260101/s3/aws4_request",
     "",
     "",
     "s3",
     true},
    // A certificate's serial number stands where access keys do.
    {"Certificate", "POST", "/sessions", kCertificate, "", "rolesanywhere", true},
    // The normalised path decides.
    {"ScopeStsOnTwoSlashes", "POST", "//", kSts, kForm, "sts", true},
    {"FormOnTwoSlashes", "POST", "//", "", kForm, "sts", false},
    {"QueryOnDots", "GET", "/./?Action=ListUsers", "", "", "iam", false},
    {"QueryOnTwoDots", "GET", "/x/..?Action=ListUsers", "", "", "iam", false},
    {"PresignedSts",
     "GET",
     "/?Action=GetCallerIdentity&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fsts%2Faws4_request",
     "",
     "",
     "sts",
     true},
    {"PresignedS3",
     "GET",
     "/bucket/key?X-Amz-Credential=AK/20260101/us-east-1/s3/aws4_request",
     "",
     "",
     "s3",
     true},
    // Without a scope: Version, then Action, then the shape of the request.
    {"QueryIam", "GET", "/?Action=ListUsers&Version=2010-05-08", "", "", "iam", false},
    {"QuerySts", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "", "", "sts", false},
    {"QueryIamByAction", "GET", "/?Action=ListUsers", "", "", "iam", false},
    {"QueryUnknown", "GET", "/?Action=Nothing", "", "", "sts", false},
    {"VersionBeforeAction", "GET", "/?Version=2011-06-15&Action=ListUsers", "", "", "sts", false},
    {"Form", "POST", "/", "", kForm, "sts", false},
    {"FormWithCharset",
     "POST",
     "/",
     "",
     "Application/X-WWW-Form-Urlencoded; charset=utf-8",
     "sts",
     false},
    {"ListBuckets", "GET", "/", "", "", "s3", false},
    {"FormToABucket", "POST", "/bucket", "", kForm, "s3", false},
    {"ActionOnAPath", "GET", "/bucket?Action=ListUsers", "", "", "s3", false},
    {"PostOfAnotherType", "POST", "/", "", "multipart/form-data; boundary=x", "s3", false},
    {"FormTypeCutShort", "POST", "/", "", "application/x-www-form", "s3", false},
    // Credentials that are none.
    {"SigV2", "POST", "/", "AWS AK:signature", kForm, "sts", true},
    {"NoCredential", "POST", "/", "AWS4-HMAC-SHA256 Signature=0", kForm, "sts", true},
    {"ShortCredential", "GET", "/", "AWS4-HMAC-SHA256 Credential=AK/20260101", "", "s3", true},
    {"BadEscape", "GET", "/?X-Amz-Credential=%zz", "", "", "s3", false},
    {"NameIsAPrefix", "GET", "/?X-Amz-CredentialX=a/b/c/s3/d", "", "", "s3", false},
};

INSTANTIATE_TEST_SUITE_P(All, RouteTest, testing::ValuesIn(kCases), [](const auto& given) {
  return given.param.name;
});

TEST(Route, NamesTheServiceThatIsNotServed) {
  const std::vector<http::HeaderView> ec2{{"Authorization", kEc2}};
  EXPECT_EQ(route({.method = "POST", .target = "/", .headers = ec2}).service, "ec2");

  // A service that is newer than the facts shows by the header of its protocol.
  const std::vector<http::HeaderView> fresh{{"Authorization", kNothing},
                                            {"X-Amz-Target", "Fresh_20260101.List"}};
  const Route json = route({.method = "POST", .target = "/", .headers = fresh});
  EXPECT_EQ(json.service, "s2");
}

TEST(Route, TakesTheServiceOfAnUnsignedCallFromItsTarget) {
  const std::vector<http::HeaderView> unsigned_call{
      {"Content-Type", "application/x-amz-json-1.1"},
      {"X-Amz-Target", "AWSCognitoIdentityService.GetId"}};

  const Route found = route({.method = "POST", .target = "/", .headers = unsigned_call});

  EXPECT_EQ(found.service, "AWSCognitoIdentityService");
  EXPECT_FALSE(found.is_signed);
}

TEST(Route, NamesTheServiceOfAnUnsignedTargetThatIsKnownAsScopesDo) {
  const std::vector<http::HeaderView> lookup{
      {"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"}};

  EXPECT_EQ(route({.method = "POST", .target = "/", .headers = lookup}).service, "cloudtrail");
}

TEST(Route, TellsS3ControlFromS3) {
  const std::vector<http::HeaderView> control{{"Authorization", kS3},
                                              {"x-amz-account-id", "123456789012"}};
  const std::vector<http::HeaderView> s3{{"Authorization", kS3}};
  const std::string_view target = "/v20180820/accesspoint";

  EXPECT_EQ(route({.method = "GET", .target = target, .headers = control}).service, "s3-control");
  EXPECT_EQ(route({.method = "GET", .target = target, .headers = s3}).service, "s3");
  EXPECT_EQ(route({.method = "GET", .target = "/bucket/k", .headers = control}).service, "s3");
}

TEST(AccessKeyOf, IsThatOfTheHeaderOrTheQuery) {
  const std::vector<http::HeaderView> signed_head{{"Authorization", kS3}};
  EXPECT_EQ(access_key_of({.method = "GET", .target = "/", .headers = signed_head}), "AK");
  EXPECT_EQ(access_key_of(
                {.method = "GET",
                 .target = "/?X-Amz-Credential=AKQ%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"}),
            "AKQ");
  EXPECT_EQ(access_key_of({.method = "GET", .target = "/"}), "");
  const std::vector<http::HeaderView> version_2{{"Authorization", "AWS AK:signature"}};
  EXPECT_EQ(access_key_of({.method = "GET", .target = "/", .headers = version_2}), "");
}

TEST(IsRootPath, FollowsTheNormalisedPath) {
  for (const std::string_view root : {"/", "//", "///", "/.", "/./", "/a/..", "/a/../", "/../"}) {
    EXPECT_TRUE(is_root_path(root)) << root;
  }
  for (const std::string_view other : {"/a", "//a", "/a/", "/a/../b", "/%2F", "/%2E", "*"}) {
    EXPECT_FALSE(is_root_path(other)) << other;
  }
}

TEST(QueryServiceOf, PrefersTheVersionAndFallsBackToSts) {
  EXPECT_EQ(query_service_of("ListUsers", "2010-05-08"), "iam");
  EXPECT_EQ(query_service_of("AssumeRole", "2011-06-15"), "sts");
  EXPECT_EQ(query_service_of("ListUsers", ""), "iam");
  EXPECT_EQ(query_service_of("ListUsers", "1999-01-01"), "iam");
  EXPECT_EQ(query_service_of("listusers", ""), "sts");
  EXPECT_EQ(query_service_of("", ""), "sts");
}

TEST(CertificateRegion, IsOfSignaturesByCertificatesAlone) {
  const auto region = [](std::string_view authorization) {
    const std::vector<http::HeaderView> headers = {{"Authorization", authorization}};
    return std::string(certificate_region({.headers = headers}));
  };
  EXPECT_EQ(region(kCertificate), "eu-central-1");
  EXPECT_EQ(region(kIam), "");
  EXPECT_EQ(region("AWS4-X509-RSA-SHA256"), "");
  EXPECT_EQ(region(""), "");
}

}  // namespace
}  // namespace signet::api
