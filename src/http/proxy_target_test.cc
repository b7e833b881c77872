#include "http/proxy_target.h"

#include <gtest/gtest.h>

namespace signet::http {
namespace {

TEST(ProxyTarget, ReadsTunnels) {
  const auto target =
      read_proxy_target("CONNECT STS.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(target);
  EXPECT_TRUE(target->is_tunnel);
  EXPECT_EQ(target->host, "sts.amazonaws.com");
  EXPECT_EQ(target->port, 443);
  EXPECT_EQ(read_proxy_target("CONNECT [::1]:8443 HTTP/1.0\r\n\r\n")->host, "::1");
  EXPECT_EQ(read_proxy_target("CONNECT a HTTP/1.1\r\n\r\n")->port, 443);
}

TEST(ProxyTarget, ReadsPlainRequestsAndKeepsWhatTheySay) {
  const auto target = read_proxy_target(
      "GET http://iam.amazonaws.com/a?b=%20c HTTP/1.1\r\nHost: iam.amazonaws.com\r\n"
      "Proxy-Connection: keep-alive\r\nconnection: keep-alive\r\nX: y\r\n\r\n");
  ASSERT_TRUE(target);
  EXPECT_FALSE(target->is_tunnel);
  EXPECT_EQ(target->host, "iam.amazonaws.com");
  EXPECT_EQ(target->port, 80);
  EXPECT_EQ(
      target->origin_head,
      "GET /a?b=%20c HTTP/1.1\r\nHost: iam.amazonaws.com\r\nX: y\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(read_proxy_target("GET http://h?q HTTP/1.1\r\n\r\n")->origin_head,
            "GET /?q HTTP/1.1\r\nConnection: close\r\n\r\n");
}

TEST(ProxyTarget, RefusesWhatIsNone) {
  for (const std::string_view head : {"",
                                      "\r\n",
                                      "GET / HTTP/1.1\r\n\r\n",
                                      "GET https://a/ HTTP/1.1\r\n\r\n",
                                      "GET http:///x HTTP/1.1\r\n\r\n",
                                      "GET http://a:0/ HTTP/1.1\r\n\r\n",
                                      "GET http://a:70000/ HTTP/1.1\r\n\r\n",
                                      "GET http://a:b/ HTTP/1.1\r\n\r\n",
                                      "GET http://u@a/ HTTP/1.1\r\n\r\n",
                                      "CONNECT a,b:443 HTTP/1.1\r\n\r\n",
                                      "CONNECT :443 HTTP/1.1\r\n\r\n",
                                      "CONNECT [::1:443 HTTP/1.1\r\n\r\n",
                                      "CONNECT [::1]443 HTTP/1.1\r\n\r\n",
                                      "CONNECT a:443 HTTP/2\r\n\r\n",
                                      "CONNECT a:443\r\n\r\n",
                                      "CONNECT a:443 HTTP/1.1"}) {
    EXPECT_FALSE(read_proxy_target(head)) << head;
  }
}

}  // namespace
}  // namespace signet::http
