#include "oidc/https_fetch.h"

#include <gtest/gtest.h>

namespace signet::oidc {
namespace {

using Kind = FetchFault::Kind;

TEST(HttpsUrl, TakesHostPortAndTarget) {
  const auto url = https_url_of("https://IdP.Example.com/a/b?c=d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "idp.example.com");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/a/b?c=d");
  ASSERT_TRUE(https_url_of("https://idp.example.com:8443"));
  EXPECT_EQ(https_url_of("https://idp.example.com:8443")->port, 8443);
  EXPECT_EQ(https_url_of("https://idp.example.com:8443")->target, "/");
  EXPECT_EQ(https_url_of("https://idp.example.com?x")->target, "/?x");
}

TEST(HttpsUrl, RefusesEverythingElse) {
  for (const char* text : {"",
                           "http://idp.example.com/",
                           "HTTPS://idp.example.com/",
                           "https://",
                           "https:///path",
                           "https://user@idp.example.com/",
                           "https://idp.example.com#x",
                           "https://idp.example.com/#x",
                           "https://idp.example.com/ HTTP/1.1\r\nHost: x",
                           "https://idp.example.com\\x",
                           "https://idp.example.com:0/",
                           "https://idp.example.com:65536/",
                           "https://idp.example.com:/",
                           "https://[::1]/",
                           "https://idp example.com/",
                           "file:///etc/passwd",
                           "https://idp.example.com/\xc3\xa9"}) {
    EXPECT_FALSE(https_url_of(text)) << text;
  }
}

TEST(HttpsFetch, AsksNobodyAtAnAddressThatIsNotPublic) {
  for (const char* url : {"https://127.0.0.1:1/",
                          "https://localhost:1/",
                          "https://10.0.0.1/",
                          "https://169.254.169.254/latest/meta-data/",
                          "https://0.0.0.0/",
                          "https://0x7f000001/",
                          "https://127.1/"}) {
    const auto got = https_fetch({}, url);
    ASSERT_FALSE(got) << url;
    EXPECT_EQ(got.error().kind, Kind::Refused) << url << ": " << got.error().cause;
  }
}

TEST(HttpsFetch, NeverAsksALinkLocalAddress) {
  const auto got = https_fetch({.allows_private = true}, "https://169.254.169.254/latest/");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, Kind::Refused);
  EXPECT_EQ(got.error().cause,
            "the host 169.254.169.254 has the address 169.254.169.254, which is not public "
            "(--oidc-allow-private, --oidc-connect)");
}

TEST(HttpsFetch, SaysThatNobodyAnswers) {
  const auto got = https_fetch({.allows_private = true}, "https://127.0.0.1:1/");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, Kind::Unreachable) << got.error().cause;
}

TEST(HttpsFetch, TakesEndpointsOfOneFormOnly) {
  FetchOptions options;
  EXPECT_TRUE(add_endpoint(options, "IdP.example.com=127.0.0.1:8443"));
  EXPECT_TRUE(add_endpoint(options, "six.example.com=[::1]:443"));
  EXPECT_EQ(options.endpoints.at("idp.example.com").port, 8443);
  EXPECT_EQ(options.endpoints.at("six.example.com").address, "::1");
  for (const char* text : {"",
                           "x",
                           "idp.example.com",
                           "idp.example.com=127.0.0.1",
                           "idp.example.com=localhost:1",
                           "idp.example.com=127.0.0.1:0",
                           "=127.0.0.1:1",
                           "a b=127.0.0.1:1",
                           "https://x=127.0.0.1:1"}) {
    EXPECT_FALSE(add_endpoint(options, text)) << text;
  }
  EXPECT_EQ(options.endpoints.size(), 2U);
}

}  // namespace
}  // namespace signet::oidc
