// Objects that open with a key of the customer's alone.
#include "s3/customer_key.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const std::string kKey = "0123456789abcdef0123456789abcdef";
const std::string kOtherKey = "another key of thirty-two bytes!";

Headers key_headers(const std::string& key, const std::string& prefix = "x-amz-") {
  const std::string name = prefix + "server-side-encryption-customer-";
  return {{name + "algorithm", "AES256"},
          {name + "key", codec::encode_base64(key)},
          {name + "key-MD5", codec::encode_base64(crypto::as_view(crypto::md5(key)))}};
}

class CustomerKeys : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
  }

  Answer put_with(const Headers& headers, const std::string& body = "content") {
    return as("admin", {.method = "PUT", .target = "/bkt/k", .body = body, .headers = headers});
  }

  Answer get_with(const Headers& headers, const std::string& method = "GET") {
    return as("admin", {.method = method, .target = "/bkt/k", .headers = headers});
  }
};

TEST_F(CustomerKeys, OpenWhatTheyWereGivenForAndNothingElseDoes) {
  const Answer made = put_with(key_headers(kKey));
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_FALSE(made.response.headers.find("x-amz-server-side-encryption").has_value());
  EXPECT_TRUE(
      made.response.headers.find("x-amz-server-side-encryption-customer-key-MD5").has_value());
  EXPECT_NE(made.response.headers.find("etag"), "\"9a0364b9e99bb480dd25e1f0284c8555\"");

  for (int again = 0; again < 2; ++again) {  // its record is in memory the second time
    EXPECT_EQ(get_with(key_headers(kKey)).body, "content");
    EXPECT_EQ(get_with({}).code, "InvalidRequest");
    EXPECT_EQ(get_with(key_headers(kOtherKey)).code, "AccessDenied");
    EXPECT_EQ(get_with({}, "HEAD").status, 400);
    EXPECT_EQ(get_with(key_headers(kOtherKey), "HEAD").status, 403);
    Headers without_md5 = key_headers(kKey);
    without_md5.pop_back();
    EXPECT_EQ(get_with(without_md5).code, "AccessDenied");
  }
  EXPECT_FALSE(get_with(key_headers(kKey))
                   .response.headers.find("x-amz-server-side-encryption-customer-key")
                   .has_value());
}

TEST_F(CustomerKeys, AreRefusedWhereNoneIsNeeded) {
  ASSERT_EQ(put_with({}).status, 200);
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(get_with(key_headers(kKey)).code, "InvalidRequest");
    EXPECT_EQ(get_with({}).body, "content");
  }
}

TEST_F(CustomerKeys, OfTheSourceOfACopyAreNotThoseOfTheCopy) {
  ASSERT_EQ(put_with(key_headers(kKey)).status, 200);
  const auto copy = [&](Headers headers) {
    headers.emplace_back("x-amz-copy-source", "bkt/k");
    return as("admin", {.method = "PUT", .target = "/bkt/copy", .headers = headers});
  };
  const auto read = [&](const Headers& headers) {
    return as("admin", {.target = "/bkt/copy", .headers = headers});
  };

  EXPECT_EQ(copy({}).code, "InvalidRequest");
  EXPECT_EQ(copy(key_headers(kOtherKey, "x-amz-copy-source-")).code, "AccessDenied");
  ASSERT_EQ(copy(key_headers(kKey, "x-amz-copy-source-")).status, 200);
  EXPECT_EQ(read({}).body, "content");
  Headers both = key_headers(kKey, "x-amz-copy-source-");
  for (const auto& header : key_headers(kOtherKey)) {
    both.push_back(header);
  }
  ASSERT_EQ(copy(both).status, 200);
  EXPECT_EQ(read({}).code, "InvalidRequest");
  EXPECT_EQ(read(key_headers(kOtherKey)).body, "content");
}

TEST_F(CustomerKeys, ThatAreNoneAreRefused) {
  const auto with = [&](std::size_t index, const std::string& value) {
    Headers headers = key_headers(kKey);
    headers.at(index).second = value;
    return put_with(headers).code;
  };
  EXPECT_EQ(with(0, "KMS"), "InvalidEncryptionAlgorithmError");
  EXPECT_EQ(with(1, "nonsense!"), "InvalidArgument");
  EXPECT_EQ(with(1, codec::encode_base64("short")), "InvalidArgument");
  EXPECT_EQ(with(2, codec::encode_base64("0123456789abcdef")), "InvalidArgument");
  for (std::size_t missing = 0; missing < 3; ++missing) {
    Headers headers = key_headers(kKey);
    headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(missing));
    EXPECT_EQ(put_with(headers).code, "InvalidArgument") << missing;
  }
  Headers beside = key_headers(kKey);
  beside.emplace_back("x-amz-server-side-encryption", "AES256");
  EXPECT_EQ(put_with(beside).code, "InvalidArgument");
  EXPECT_EQ(get_with({}).status, 404);
}

}  // namespace
}  // namespace signet::s3
