// What policies see of requests to S3, and the permissions that headers ask for.
#include <gtest/gtest.h>

#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

class ConditionsTest : public S3ServiceTest {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // Denies everybody an action of the bucket under a condition.
  void deny(const std::string& action, const std::string& condition = "") {
    set_policy(R"({"Effect":"Deny","Principal":"*","Action":")" + action +
               R"(","Resource":["arn:aws:s3:::bkt","arn:aws:s3:::bkt/*"])" +
               (condition.empty() ? "" : R"(,"Condition":)" + condition) + "}");
  }

  int status(const std::string& method,
             const std::string& target,
             Headers headers = {},
             const std::string& body = "") {
    return as("admin",
              {.method = method, .target = target, .body = body, .headers = std::move(headers)})
        .status;
  }
};

TEST_F(ConditionsTest, MakingAnObjectIsToldFromPreparingOne) {
  make_bucket();
  put("/bkt/k", "x");
  const std::string id(
      *xml(as("admin", {.method = "POST", .target = "/bkt/big?uploads"})).text_of("UploadId"));
  const std::string part = "/bkt/big?partNumber=1&uploadId=" + id;
  const Headers copy{{"x-amz-copy-source", "bkt/k"}};

  deny("s3:PutObject", R"({"Bool":{"s3:ObjectCreationOperation":"true"}})");
  EXPECT_EQ(status("PUT", "/bkt/k"), 403);
  EXPECT_EQ(status("PUT", "/bkt/k2", copy), 403);
  EXPECT_EQ(status("POST", "/bkt/big?uploadId=" + id, {}, "<CompleteMultipartUpload/>"), 403);
  EXPECT_EQ(status("POST", "/bkt/big?uploads"), 200);
  EXPECT_EQ(status("PUT", part, {}, "x"), 200);
  EXPECT_EQ(status("PUT", part, copy), 200);

  deny("s3:PutObject", R"({"Bool":{"s3:ObjectCreationOperation":"false"}})");
  EXPECT_EQ(status("PUT", "/bkt/k"), 200);
  EXPECT_EQ(status("PUT", "/bkt/k2", copy), 200);
  EXPECT_EQ(status("POST", "/bkt/big?uploads"), 403);
  EXPECT_EQ(status("PUT", part, {}, "x"), 403);
  EXPECT_EQ(status("PUT", part, copy), 403);
}

TEST_F(ConditionsTest, OnlyConditionalWritesCanBeAllowed) {
  make_bucket();
  put("/bkt/k", "x");
  deny("s3:PutObject",
       R"({"Null":{"s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}})");

  EXPECT_EQ(status("PUT", "/bkt/k", {}, "y"), 403);
  EXPECT_EQ(status("PUT", "/bkt/k", {{"If-None-Match", "*"}}, "y"), 412);
  EXPECT_EQ(status("PUT", "/bkt/new", {{"If-None-Match", "*"}}, "y"), 200);
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "x");
}

TEST_F(ConditionsTest, LeavingMaxKeysOutAsksForAThousand) {
  make_bucket();
  deny("s3:ListBucket", R"({"NumericGreaterThan":{"s3:max-keys":"10"}})");

  EXPECT_EQ(status("GET", "/bkt"), 403);
  EXPECT_EQ(status("GET", "/bkt?list-type=2"), 403);
  EXPECT_EQ(status("GET", "/bkt?max-keys="), 403);
  EXPECT_EQ(status("GET", "/bkt?max-keys=11"), 403);
  EXPECT_EQ(status("GET", "/bkt?max-keys=10"), 200);
}

TEST_F(ConditionsTest, DeletingCanBeTiedToACondition) {
  make_bucket();
  put("/bkt/k", "hello");
  deny("s3:DeleteObject", R"({"Null":{"s3:if-match":"true"}})");
  const Headers match{{"If-Match", "\"5d41402abc4b2a76b9719d911017c592\""}};

  EXPECT_EQ(status("DELETE", "/bkt/k"), 403);
  EXPECT_EQ(status("DELETE", "/bkt/k", {{"If-Match", "\"x\""}}), 412);
  EXPECT_EQ(status("DELETE", "/bkt/k", match), 204);
}

TEST_F(ConditionsTest, HeadersAskForMorePermissions) {
  make_bucket();
  deny("s3:PutObjectAcl");
  for (const char* target : {"/bkt/k", "/bkt/k?X-Amz-Signature=s"}) {
    EXPECT_EQ(status("PUT", target, {{"x-amz-acl", "bucket-owner-full-control"}}), 403) << target;
    EXPECT_EQ(status("PUT", target, {{"x-amz-grant-read", "id=1"}}), 403) << target;
    EXPECT_EQ(status("PUT", target), 200) << target;
  }
  EXPECT_EQ(status("PUT", "/bkt/k?X-Amz-Signature=s&x-amz-acl=private"), 403);
  EXPECT_EQ(status("POST", "/bkt/k?uploads", {{"x-amz-acl", "private"}}), 403);
  EXPECT_EQ(status("PUT", "/bkt/k2", {{"x-amz-copy-source", "bkt/k"}, {"x-amz-acl", "private"}}),
            403);
  EXPECT_EQ(status("PUT", "/bkt/k2", {{"x-amz-copy-source", "bkt/k"}}), 200);

  deny("s3:PutObjectTagging");
  EXPECT_EQ(status("PUT", "/bkt/k", {{"x-amz-tagging", "a=b"}}), 403);
  EXPECT_EQ(status("PUT", "/bkt/k", {{"x-amz-acl", "bucket-owner-full-control"}}), 200);
}

TEST_F(ConditionsTest, ACopySourceHasOneSpelling) {
  make_bucket();
  put("/bkt/sec/k", "x");
  deny("s3:PutObject", R"({"StringLike":{"s3:x-amz-copy-source":"bkt/sec/*"}})");

  for (const char* source :
       {"bkt/sec/k", "/bkt/sec/k", "bkt%2Fsec%2Fk", "/bkt/s%65c/k", "bkt/sec/k?versionId=null"}) {
    EXPECT_EQ(status("PUT", "/bkt/copy", {{"x-amz-copy-source", source}}), 403) << source;
  }
  put("/bkt/pub/k", "x");
  EXPECT_EQ(status("PUT", "/bkt/copy", {{"x-amz-copy-source", "/bkt/pub/k"}}), 200);

  deny("s3:GetObjectVersion");
  EXPECT_EQ(status("PUT", "/bkt/copy", {{"x-amz-copy-source", "bkt/pub/k?versionId=null"}}), 403);
  EXPECT_EQ(status("PUT", "/bkt/copy", {{"x-amz-copy-source", "bkt/pub/k"}}), 200);
}

}  // namespace
}  // namespace signet::s3
