#include <string>

#include <gtest/gtest.h>

#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

class TransportKeysTest : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
  }

  void deny_if(const std::string& condition) {
    const std::string policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*",)"
        R"("Resource":["arn:aws:s3:::bkt","arn:aws:s3:::bkt/*"],"Condition":)" +
        condition + "}]}";
    // Over TLS, so that the policy does not lock its author out.
    const Answer answer = as("admin",
                             {.method = "PUT",
                              .target = "/bkt?policy",
                              .body = policy,
                              .is_secure = true,
                              .tls_version = "1.3"});
    ASSERT_EQ(answer.status, 204) << answer.body;
  }

  int list(bool is_secure, const std::string& tls_version = "") {
    return as("admin", {.target = "/bkt", .is_secure = is_secure, .tls_version = tls_version})
        .status;
  }
};

// The statement that AWS's guides put into every bucket policy.
TEST_F(TransportKeysTest, DenyWithoutTlsSparesWhoComesOverTls) {
  deny_if(R"({"Bool":{"aws:SecureTransport":"false"}})");

  EXPECT_EQ(list(true, "1.3"), 200);
  EXPECT_EQ(list(true), 200) << "TLS that ends at a trusted proxy";
  EXPECT_EQ(list(false), 403);
}

TEST_F(TransportKeysTest, DenyBelowATlsVersionComparesNumbers) {
  deny_if(R"({"NumericLessThan":{"s3:TlsVersion":"1.3"}})");

  EXPECT_EQ(list(true, "1.3"), 200);
  EXPECT_EQ(list(true, "1.2"), 403);
  EXPECT_EQ(list(true), 200) << "the key is absent where the version is not known";
}

TEST_F(TransportKeysTest, VersionIsAbsentWithoutTls) {
  deny_if(R"({"Null":{"s3:TlsVersion":"true"}})");

  EXPECT_EQ(list(true, "1.2"), 200);
  EXPECT_EQ(list(true), 403);
  EXPECT_EQ(list(false), 403);
}

}  // namespace
}  // namespace signet::s3
