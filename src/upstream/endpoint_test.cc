#include "upstream/endpoint.h"

#include <gtest/gtest.h>

namespace signet::upstream {
namespace {

TEST(Endpoint, ReadsHostAndPort) {
  const auto plain = endpoint_of("http://minio.example:9000");
  ASSERT_TRUE(plain.has_value());
  EXPECT_FALSE(plain->is_tls);
  EXPECT_EQ(plain->host, "minio.example");
  EXPECT_EQ(plain->port, 9000);
  EXPECT_EQ(plain->authority, "minio.example:9000");

  const auto secure = endpoint_of("https://s3.example/");
  ASSERT_TRUE(secure.has_value());
  EXPECT_TRUE(secure->is_tls);
  EXPECT_EQ(secure->port, 443);
  EXPECT_EQ(secure->authority, "s3.example");

  const auto address = endpoint_of("http://[fd00::1]:9000");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->host, "fd00::1");
  EXPECT_EQ(address->authority, "[fd00::1]:9000");
}

TEST(Endpoint, RefusesEverythingElse) {
  for (const char* url : {"",
                          "minio:9000",
                          "ftp://host",
                          "http://",
                          "http://host:",
                          "http://host:0",
                          "http://host:65536",
                          "http://host:9000/path",
                          "http://user@host",
                          "http://host?x=y",
                          "http://ho st",
                          "http://[fd00::1",
                          "http://fd00::1:9000",
                          "http://host:80\r\nX: y"}) {
    EXPECT_FALSE(endpoint_of(url).has_value()) << url;
  }
}

}  // namespace
}  // namespace signet::upstream
