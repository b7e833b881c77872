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
    {"ScopeOther", "POST", "/", kEc2, kForm, Door::Sts, true},
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
