// CORS rules, applied to preflights and to answers.
#include "s3/cors.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

constexpr const char* kRules =
    "<CORSConfiguration>"
    "<CORSRule><AllowedOrigin>https://*.example.com</AllowedOrigin><AllowedMethod>PUT</"
    "AllowedMethod>"
    "<AllowedMethod>POST</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader>"
    "<AllowedHeader>Content-Type</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
    "<MaxAgeSeconds>300</MaxAgeSeconds></CORSRule>"
    "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>"
    "</CORSConfiguration>";

class Cors : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
    const std::string body = kRules;
    ASSERT_EQ(
        as("admin",
           {.method = "PUT",
            .target = "/bkt?cors",
            .body = body,
            .headers = {{"content-md5", codec::encode_base64(crypto::as_view(crypto::md5(body)))}}})
            .status,
        200);
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;

  Answer preflight(const Headers& headers, const std::string& target = "/bkt/key") {
    return as("anonymous", {.method = "OPTIONS", .target = target, .headers = headers});
  }

  static std::string told(const Answer& answer, std::string_view name) {
    return std::string(answer.response.headers.find(name).value_or("none"));
  }
};

TEST_F(Cors, APreflightIsToldWhatTheFirstFittingRuleAllows) {
  const Answer answer = preflight({{"origin", "https://a.example.com"},
                                   {"access-control-request-method", "PUT"},
                                   {"access-control-request-headers", "X-Amz-Date, content-type"}});

  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(told(answer, "Access-Control-Allow-Origin"), "https://a.example.com");
  EXPECT_EQ(told(answer, "Access-Control-Allow-Methods"), "PUT, POST");
  EXPECT_EQ(told(answer, "Access-Control-Allow-Headers"), "x-amz-date, content-type");
  EXPECT_EQ(told(answer, "Access-Control-Expose-Headers"), "ETag");
  EXPECT_EQ(told(answer, "Access-Control-Max-Age"), "300");
  EXPECT_EQ(told(answer, "Access-Control-Allow-Credentials"), "true");
}

TEST_F(Cors, EverybodysRuleAllowsNoCredentials) {
  const Answer answer =
      preflight({{"origin", "http://x"}, {"access-control-request-method", "GET"}});

  EXPECT_EQ(told(answer, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(told(answer, "Access-Control-Allow-Credentials"), "none");
}

TEST_F(Cors, WhatNoRuleAllowsIsForbidden) {
  for (const Headers& headers :
       {Headers{{"origin", "https://example.com"}, {"access-control-request-method", "PUT"}},
        Headers{{"origin", "https://a.example.com.evil"}, {"access-control-request-method", "PUT"}},
        Headers{{"origin", "https://a.example.com"}, {"access-control-request-method", "DELETE"}},
        Headers{{"origin", "https://a.example.com"},
                {"access-control-request-method", "PUT"},
                {"access-control-request-headers", "authorization"}},
        Headers{{"origin", "http://x"},
                {"access-control-request-method", "GET"},
                {"access-control-request-headers", "range"}}}) {
    const Answer answer = preflight(headers);
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.code, "AccessForbidden");
    EXPECT_EQ(told(answer, "Access-Control-Allow-Origin"), "none");
  }
}

TEST_F(Cors, APreflightSaysWhoseAndWhat) {
  EXPECT_EQ(preflight({{"access-control-request-method", "GET"}}).status, 400);
  EXPECT_EQ(preflight({{"origin", "http://x"}}).status, 400);
  EXPECT_EQ(preflight({{"origin", "http://x"}, {"access-control-request-method", "PATCH"}}).status,
            400);
  const Headers good = {{"origin", "http://x"}, {"access-control-request-method", "GET"}};
  EXPECT_EQ(preflight(good, "/none").code, "AccessForbidden");
  make_bucket("plain");
  EXPECT_TRUE(preflight(good, "/plain").body.contains("CORS is not enabled for this bucket."));
}

TEST(CorsWildcard, StandsForAnyText) {
  EXPECT_TRUE(matches_wildcard("*", "anything"));
  EXPECT_TRUE(matches_wildcard("a*c", "abc"));
  EXPECT_TRUE(matches_wildcard("a*c", "ac"));
  EXPECT_FALSE(matches_wildcard("ab*bc", "abc"));
  EXPECT_FALSE(matches_wildcard("a", "ab"));
  EXPECT_FALSE(matches_wildcard("", "a"));
}

}  // namespace
}  // namespace signet::s3
