#include "api/json.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/message.h"

namespace signet::api {
namespace {

using facts::Operation;
using facts::Service;

struct Found {
  std::string operation = "none";
  std::vector<facts::NamedText> path;
};

Found found(Service service, std::string_view method, std::string_view target) {
  const http::RequestHead head{.method = method, .target = target};
  JsonTarget to = json_target(service, head);
  return to.route == nullptr
             ? Found()
             : Found{.operation = std::string(facts::operation_row(to.route->id).name),
                     .path = std::move(to.path)};
}

std::string roles_anywhere(std::string_view method, std::string_view target) {
  return found(Service::Rolesanywhere, method, target).operation;
}

TEST(JsonTarget, GoesByMethodAndPath) {
  EXPECT_EQ(roles_anywhere("GET", "/profiles"), "ListProfiles");
  EXPECT_EQ(roles_anywhere("GET", "/profiles?pageSize=1"), "ListProfiles");
  EXPECT_EQ(roles_anywhere("POST", "/profiles"), "CreateProfile");
  EXPECT_EQ(roles_anywhere("PATCH", "/profile/a"), "UpdateProfile");
  EXPECT_EQ(roles_anywhere("POST", "/profile/a/enable"), "EnableProfile");
  EXPECT_EQ(roles_anywhere("PUT", "/profiles/a/mappings"), "PutAttributeMapping");
}

TEST(JsonTarget, KnowsNoOtherPaths) {
  for (const std::string_view target : {"/",
                                        "",
                                        "*",
                                        "/profiles/",
                                        "//profiles",
                                        "/profile",
                                        "/profile/",
                                        "/profile//enable",
                                        "/profile/a/b",
                                        "/profile/a/enable/",
                                        "/Profiles",
                                        "/profile/%zz",
                                        "/profiles?%zz"}) {
    EXPECT_EQ(roles_anywhere("GET", target), "none") << target;
  }
  EXPECT_EQ(roles_anywhere("HEAD", "/profiles"), "none");
  EXPECT_EQ(found(Service::Signin, "GET", "/profiles").operation, "none");
  EXPECT_EQ(found(Service::Iam, "POST", "/").operation, "none");
}

TEST(JsonTarget, TakesLabelsOneSegmentEach) {
  const Found to = found(
      Service::Rolesanywhere, "GET", "/profile/arn%3Aaws%3Arolesanywhere%3Ar%3A1%3Aprofile%2Fa");
  EXPECT_EQ(to.operation, "GetProfile");
  ASSERT_EQ(to.path.size(), 1U);
  EXPECT_EQ(to.path.front().first, "profileId");
  EXPECT_EQ(to.path.front().second, "arn:aws:rolesanywhere:r:1:profile/a");
}

TEST(TargetedOperation, IsNamedBehindTheServicesPrefix) {
  const auto named = [](Service service, std::string_view target) {
    const std::vector<http::HeaderView> headers{{"X-Amz-Target", target}};
    return std::string(targeted_operation(service, {.headers = headers}));
  };
  EXPECT_EQ(named(Service::Organizations, "AWSOrganizationsV20161128.ListRoots"), "ListRoots");
  EXPECT_EQ(named(Service::Cloudtrail,
                  "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"),
            "LookupEvents");
  EXPECT_EQ(named(Service::Cloudtrail, "AWSOrganizationsV20161128.ListRoots"), "");
  EXPECT_EQ(named(Service::Organizations, "AWSOrganizationsV20161128"), "");
  EXPECT_EQ(named(Service::Organizations, "AWSOrganizationsV20161128."), "");
  EXPECT_EQ(named(Service::Organizations, "AWSOrganizationsV20161128xListRoots"), "");
  EXPECT_EQ(named(Service::Iam, ".ListUsers"), "");
  EXPECT_EQ(named(Service::Iam, ""), "");
}

TEST(TargetedOperation, NamesItsService) {
  const std::vector<http::HeaderView> known{{"X-Amz-Target", "AWSOrganizationsV20161128.X"}};
  const std::vector<http::HeaderView> unknown{{"X-Amz-Target", "TrentService.ListKeys"}};

  EXPECT_EQ(targeted_service({.headers = known}), "organizations");
  EXPECT_EQ(targeted_service({.headers = unknown}), "");
  EXPECT_EQ(targeted_service({}), "");
}

TEST(JsonTarget, TellsOperationsOfOnePathApartByTheQuery) {
  const auto signin = [](std::string_view target) {
    return found(Service::Signin, "POST", target).operation;
  };
  EXPECT_EQ(signin("/v1/token"), "CreateOAuth2Token");
  EXPECT_EQ(signin("/v1/token?x-amz-client-auth-method=iam"), "CreateOAuth2TokenWithIAM");
  EXPECT_EQ(signin("/v1/token?a=b&x-amz-token-request-type=bearer"), "CreateBearerToken");
  EXPECT_EQ(signin("/v1/token?x-amz-client-auth-method=other"), "CreateOAuth2Token");
  EXPECT_EQ(signin("/v1/introspect"), "none");
}

}  // namespace
}  // namespace signet::api
