#include "crypto/authority.h"

#include <gtest/gtest.h>

namespace signet::crypto {
namespace {

TEST(Authority, IssuesCertificatesWithKeysOfTheirOwn) {
  const auto authority = Authority::make("a run", 1);
  ASSERT_TRUE(authority);
  EXPECT_TRUE(authority->pem().starts_with("-----BEGIN CERTIFICATE-----\n"));
  EXPECT_FALSE(authority->der().empty());

  const auto one = authority->issue("sts.amazonaws.com");
  const auto other = authority->issue("sts.amazonaws.com");

  ASSERT_TRUE(one && other);
  EXPECT_TRUE(one->certificate.starts_with("-----BEGIN CERTIFICATE-----\n"));
  EXPECT_TRUE(one->key.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_NE(one->key, other->key);
  EXPECT_NE(one->certificate, other->certificate);
}

TEST(Authority, IssuesForLongHostNamesToo) {
  const auto authority = Authority::make("a run", 1);
  const std::string host = std::string(63, 'b') + "." + std::string(63, 'c') + ".amazonaws.com";

  EXPECT_TRUE(authority->issue(host));
}

TEST(Authority, TakesHostNamesAlone) {
  const auto authority = Authority::make("a run", 1);
  const std::string too_long(254, 'a');
  for (const std::string_view host : {std::string_view(""),
                                      std::string_view("a,DNS:b"),
                                      std::string_view("a b"),
                                      std::string_view("*.a"),
                                      std::string_view("a\n"),
                                      std::string_view("a/b"),
                                      std::string_view(too_long)}) {
    EXPECT_FALSE(authority->issue(host)) << host;
  }
}

}  // namespace
}  // namespace signet::crypto
