// What a presigned URL carries in its query instead of in headers.
#include <gtest/gtest.h>

#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

class HoistedHeadersTest : public S3ServiceTest {
 protected:
  // PUT of `body` with a presigned URL; `query` is what follows the signature.
  Answer presigned(const std::string& query, const std::string& body = "hello") {
    return as("admin",
              {.method = "PUT", .target = "/bkt/k?X-Amz-Signature=s&" + query, .body = body});
  }
};

TEST_F(HoistedHeadersTest, PreconditionsHold) {
  make_bucket();
  EXPECT_EQ(presigned("If-None-Match=*").status, 200);
  EXPECT_EQ(presigned("If-None-Match=*", "other").code, "PreconditionFailed");
  EXPECT_EQ(presigned("if-match=%22x%22", "other").code, "PreconditionFailed");
  EXPECT_EQ(presigned("If-Match=%225d41402abc4b2a76b9719d911017c592%22").status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "hello");

  const auto read = [&](const std::string& query) {
    return as("admin", {.target = "/bkt/k?X-Amz-Signature=s&" + query}).status;
  };
  EXPECT_EQ(read("If-None-Match=%225d41402abc4b2a76b9719d911017c592%22"), 304);
  EXPECT_EQ(read("If-Match=%22x%22"), 412);
  EXPECT_EQ(read("If-Modified-Since=Tue,%2017%20Feb%202026%2009:44:42%20GMT"), 304);
  EXPECT_EQ(read("If-Unmodified-Since=Mon,%2016%20Feb%202026%2009:44:42%20GMT"), 412);
  EXPECT_EQ(read("Range=bytes%3D1-2"), 206);
  // Without a signature a parameter is a parameter.
  EXPECT_EQ(as("admin", {.target = "/bkt/k?If-Match=%22x%22"}).status, 200);
}

TEST_F(HoistedHeadersTest, ChecksumsAreVerified) {
  make_bucket();
  EXPECT_EQ(presigned("x-amz-checksum-crc32=NhCmhg%3D%3D").status, 200);
  EXPECT_EQ(presigned("X-Amz-Checksum-Crc32=AAAAAA%3D%3D").code, "BadDigest");
  EXPECT_EQ(presigned("x-amz-checksum-sha256a=x").code, "InvalidRequest");
  EXPECT_EQ(presigned("x-amz-sdk-checksum-algorithm=CRC32").code, "InvalidRequest");
  EXPECT_EQ(presigned("Content-MD5=AAAAAAAAAAAAAAAAAAAAAA%3D%3D").code, "BadDigest");
}

TEST_F(HoistedHeadersTest, WhatIsNotThereIsRefused) {
  make_bucket();
  EXPECT_EQ(presigned("x-amz-server-side-encryption=aws:kms").code, "NotImplemented");
  EXPECT_EQ(presigned("x-amz-tagging=a%3Db%26a%3Dc").code, "InvalidArgument");
  EXPECT_EQ(presigned("x-amz-acl=public-read").code, "AccessControlListNotSupported");
  EXPECT_EQ(presigned("x-amz-storage-class=OTHER").code, "InvalidStorageClass");
  EXPECT_EQ(presigned(std::string("x-amz-expected-bucket-owner=") + kOther).code, "AccessDenied");
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).status, 404);
}

TEST_F(HoistedHeadersTest, WhatTheObjectIsGivenIsKept) {
  make_bucket();
  ASSERT_EQ(presigned("x-amz-meta-colour=red&Content-Type=text/x-own&Cache-Control=no-store&"
                      "x-amz-storage-class=STANDARD_IA")
                .status,
            200);

  const Answer got = as("admin", {.target = "/bkt/k"});

  EXPECT_EQ(got.response.headers.find("x-amz-meta-colour"), "red");
  EXPECT_EQ(got.response.headers.find("content-type"), "text/x-own");
  EXPECT_EQ(got.response.headers.find("cache-control"), "no-store");
  EXPECT_EQ(got.response.headers.find("x-amz-storage-class"), "STANDARD_IA");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt"})).find("Contents")->text_of("StorageClass"),
            "STANDARD_IA");
}

TEST_F(HoistedHeadersTest, TheSourceOfACopyMakesACopy) {
  make_bucket();
  put("/bkt/from", "data");

  EXPECT_EQ(presigned("x-amz-copy-source=bkt/from", "").status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "data");
  EXPECT_EQ(presigned("x-amz-copy-source=bkt/none", "").code, "NoSuchKey");
}

TEST_F(HoistedHeadersTest, PoliciesSeeThem) {
  make_bucket();
  set_policy(R"({"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*",)"
             R"("Condition":{"StringEquals":{"s3:x-amz-acl":"private"}}})");

  EXPECT_EQ(presigned("x-amz-acl=private").code, "AccessDenied");
  EXPECT_EQ(presigned("x-amz-acl=bucket-owner-full-control").status, 200);
}

}  // namespace
}  // namespace signet::s3
