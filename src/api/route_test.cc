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
  Door door;
  bool is_signed;
};

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

class RouteTest : public testing::TestWithParam<Case> {};

TEST_P(RouteTest, ChoosesTheDoorByTheHeadAlone) {
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
  EXPECT_EQ(found.door, given.door);
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
constexpr std::string_view kEc2 =
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, "
    "Signature=0";

const Case kCases[] = {
    // The scope decides, whatever the path.
    {"ScopeIam", "POST", "/", kIam, kForm, Door::Iam, true},
    {"ScopeSts", "POST", "/", kSts, kForm, Door::Sts, true},
    {"ScopeS3", "GET", "/", kS3, "", Door::Rest, true},
    {"ScopeS3Form", "POST", "/?Action=ListUsers", kS3, kForm, Door::Rest, true},
    {"ScopeIamOnAPath", "GET", "/bucket/key", kIam, "", Door::Iam, true},
    {"ScopeUnserved", "POST", "/", kEc2, kForm, Door::Unserved, true},
    {"ScopeUnservedOnAPath", "GET", "/2015-03-31/functions", kLambda, "", Door::Unserved, true},
    {"PresignedUnserved",
     "GET",
     "/?Action=DescribeRegions&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fec2%2Faws4_request",
     "",
     "",
     Door::Unserved,
     true},
    // A scope that names no service: refused in the words of what the request looks like.
    {"ScopeOfNothingForm", "POST", "/", kNothing, kForm, Door::Sts, true},
    {"ScopeOfNothingQuery",
     "GET",
     "/?Action=ListUsers&Version=2010-05-08",
     kNothing,
     "",
     Door::Iam,
     true},
    {"ScopeOfNothingObject", "GET", "/bucket/key", kNothing, "", Door::Rest, true},
    {"ScopeOfNothingRoot", "GET", "/", kNothing, "", Door::Rest, true},
    // The asymmetric form has no region in its scope.
    {"AsymmetricS3", "GET", "/bucket/key", kAsymmetricS3, "", Door::Rest, true},
    {"AsymmetricSts", "POST", "/", kAsymmetricSts, kForm, Door::Sts, true},
    {"AsymmetricPresignedS3",
     "GET",
     "/bucket/key?X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&"
     "X-Amz-Credential=AK/20260101/s3/aws4_request",
     "",
     "",
     Door::Rest,
     true},
    // The normalised path decides.
    {"ScopeStsOnTwoSlashes", "POST", "//", kSts, kForm, Door::Sts, true},
    {"FormOnTwoSlashes", "POST", "//", "", kForm, Door::Sts, false},
    {"QueryOnDots", "GET", "/./?Action=ListUsers", "", "", Door::Iam, false},
    {"QueryOnTwoDots", "GET", "/x/..?Action=ListUsers", "", "", Door::Iam, false},
    {"PresignedSts",
     "GET",
     "/?Action=GetCallerIdentity&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fsts%2Faws4_request",
     "",
     "",
     Door::Sts,
     true},
    {"PresignedS3",
     "GET",
     "/bucket/key?X-Amz-Credential=AK/20260101/us-east-1/s3/aws4_request",
     "",
     "",
     Door::Rest,
     true},
    // Without a scope: Version, then Action, then the shape of the request.
    {"QueryIam", "GET", "/?Action=ListUsers&Version=2010-05-08", "", "", Door::Iam, false},
    {"QuerySts", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "", "", Door::Sts, false},
    {"QueryIamByAction", "GET", "/?Action=ListUsers", "", "", Door::Iam, false},
    {"QueryUnknown", "GET", "/?Action=Nothing", "", "", Door::Sts, false},
    {"VersionBeforeAction",
     "GET",
     "/?Version=2011-06-15&Action=ListUsers",
     "",
     "",
     Door::Sts,
     false},
    {"Form", "POST", "/", "", kForm, Door::Sts, false},
    {"FormWithCharset",
     "POST",
     "/",
     "",
     "Application/X-WWW-Form-Urlencoded; charset=utf-8",
     Door::Sts,
     false},
    {"ListBuckets", "GET", "/", "", "", Door::Rest, false},
    {"FormToABucket", "POST", "/bucket", "", kForm, Door::Rest, false},
    {"ActionOnAPath", "GET", "/bucket?Action=ListUsers", "", "", Door::Rest, false},
    {"PostOfAnotherType", "POST", "/", "", "multipart/form-data; boundary=x", Door::Rest, false},
    {"FormTypeCutShort", "POST", "/", "", "application/x-www-form", Door::Rest, false},
    // Credentials that are none.
    {"SigV2", "POST", "/", "AWS AK:signature", kForm, Door::Sts, true},
    {"NoCredential", "POST", "/", "AWS4-HMAC-SHA256 Signature=0", kForm, Door::Sts, true},
    {"ShortCredential",
     "GET",
     "/",
     "AWS4-HMAC-SHA256 Credential=AK/20260101",
     "",
     Door::Rest,
     true},
    {"BadEscape", "GET", "/?X-Amz-Credential=%zz", "", "", Door::Rest, false},
    {"NameIsAPrefix", "GET", "/?X-Amz-CredentialX=a/b/c/s3/d", "", "", Door::Rest, false},
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
  EXPECT_EQ(json.door, Door::Unserved);
  EXPECT_EQ(json.service, "s2");
}

TEST(Route, TakesTheServiceOfAnUnsignedCallFromItsTarget) {
  const std::vector<http::HeaderView> unsigned_call{
      {"Content-Type", "application/x-amz-json-1.1"},
      {"X-Amz-Target", "AWSCognitoIdentityService.GetId"}};

  const Route found = route({.method = "POST", .target = "/", .headers = unsigned_call});

  EXPECT_EQ(found.door, Door::Unserved);
  EXPECT_EQ(found.service, "AWSCognitoIdentityService");
  EXPECT_FALSE(found.is_signed);
}

TEST(Route, TellsS3ControlFromS3) {
  const std::vector<http::HeaderView> control{{"Authorization", kS3},
                                              {"x-amz-account-id", "123456789012"}};
  const std::vector<http::HeaderView> s3{{"Authorization", kS3}};
  const std::string_view target = "/v20180820/accesspoint";

  EXPECT_EQ(route({.method = "GET", .target = target, .headers = control}).service, "s3-control");
  EXPECT_EQ(route({.method = "GET", .target = target, .headers = s3}).door, Door::Rest);
  EXPECT_EQ(route({.method = "GET", .target = "/bucket/k", .headers = control}).door, Door::Rest);
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
  EXPECT_EQ(query_service_of("ListUsers", "2010-05-08"), Door::Iam);
  EXPECT_EQ(query_service_of("AssumeRole", "2011-06-15"), Door::Sts);
  EXPECT_EQ(query_service_of("ListUsers", ""), Door::Iam);
  EXPECT_EQ(query_service_of("ListUsers", "1999-01-01"), Door::Iam);
  EXPECT_EQ(query_service_of("listusers", ""), Door::Sts);
  EXPECT_EQ(query_service_of("", ""), Door::Sts);
}

}  // namespace
}  // namespace signet::api
