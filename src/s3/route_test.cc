#include "s3/route.h"

#include <gtest/gtest.h>

#include "facts/errors.h"
#include "s3/bucket_name.h"

namespace signet::s3 {
namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

const std::vector<std::string> kDomains = {"s3.example.org"};

std::string routed(std::string_view method,
                   facts::S3Level level,
                   const Params& params,
                   std::string_view header = "") {
  const auto row = operation_of({.method = method,
                                 .level = level,
                                 .params = params,
                                 .has_header = [&](std::string_view name) {
                                   return !header.empty() && name == header;
                                 }});
  return row ? std::string((*row)->name) : std::string(facts::error_row(row.error().code).name);
}

TEST(BucketOfHost, TellsVirtualHostFromPathStyle) {
  const std::pair<const char*, const char*> cases[] = {
      {"s3.amazonaws.com", ""},
      {"b.s3.amazonaws.com", "b"},
      {"B.S3.amazonaws.com", "b"},
      {"my.bucket.s3.amazonaws.com", "my.bucket"},
      {"s3.eu-west-1.amazonaws.com", ""},
      {"b.s3.eu-west-1.amazonaws.com", "b"},
      {"b.s3-eu-west-1.amazonaws.com", "b"},
      {"b.s3.dualstack.eu-west-1.amazonaws.com", "b"},
      {"s3.dualstack.eu-west-1.amazonaws.com", ""},
      {"b.s3.dualstack.s3.amazonaws.com", "b.s3.dualstack"},
      {"signin.aws.amazon.com", ""},
      {"iam.amazonaws.com", ""},
      {"x.iam.amazonaws.com", ""},
      {"localhost", ""},
      {"b.localhost", "b"},
      {"my.bucket.localhost", "my.bucket"},
      {"notlocalhost", ""},
      {"127.0.0.1", ""},
      {"[::1]", ""},
      {"", ""},
      {".localhost", ""},
      {".amazonaws.com", ""},
      {"amazonaws.com", ""},
      {"s3.example.org", ""},
      {"b.s3.example.org", "b"},
      {"xs3.example.org", ""},
      {"elsewhere.example.com", ""},
  };
  for (const auto& [host, bucket] : cases) {
    EXPECT_EQ(bucket_of_host(host, kDomains), bucket) << host;
  }
}

TEST(AddressOf, SplitsWithoutCleaning) {
  const auto at = [](std::string_view host, std::string_view path) {
    return address_of(host, path, kDomains).value();
  };

  EXPECT_EQ(at("localhost", "/"), (Address{}));
  EXPECT_EQ(at("localhost", ""), (Address{}));
  EXPECT_EQ(at("localhost", "/bkt"), (Address{"bkt", ""}));
  EXPECT_EQ(at("localhost", "/bkt/"), (Address{"bkt", ""}));
  EXPECT_EQ(at("localhost", "/bkt//a/../b/./"), (Address{"bkt", "/a/../b/./"}));
  EXPECT_EQ(at("bkt.localhost", "/"), (Address{"bkt", ""}));
  EXPECT_EQ(at("bkt.localhost", "//x"), (Address{"bkt", "/x"}));
  EXPECT_EQ(at("bkt.localhost", "/other/x"), (Address{"bkt", "other/x"}));
  EXPECT_EQ(at("localhost", std::string("/bkt/") + std::string(1024, 'k')).key.size(), 1024U);
}

TEST(AddressOf, RefusesWhatCannotBe) {
  const auto code = [](std::string_view path) {
    return address_of("localhost", path, kDomains).error().code;
  };

  EXPECT_EQ(code("/UPPER"), ErrorCode::InvalidBucketName);
  EXPECT_EQ(code("/ab"), ErrorCode::InvalidBucketName);
  EXPECT_EQ(code("/under_score/x"), ErrorCode::InvalidBucketName);
  EXPECT_EQ(code("/\xff\xfe\xfd"), ErrorCode::InvalidBucketName);
  EXPECT_EQ(code("//x"), ErrorCode::InvalidURI);
  EXPECT_EQ(code("/bkt/\xff"), ErrorCode::InvalidURI);
  EXPECT_EQ(code("/bkt/\xc0\xaf"), ErrorCode::InvalidURI);
  EXPECT_EQ(code(std::string("/bkt/") + std::string(1025, 'k')), ErrorCode::KeyTooLongError);
}

TEST(OperationOf, ChoosesByMethodLevelParametersAndHeaders) {
  using enum facts::S3Level;
  EXPECT_EQ(routed("GET", Service, {}), "ListBuckets");
  EXPECT_EQ(routed("GET", Service, {{"x-id", "ListBuckets"}}), "ListBuckets");
  EXPECT_EQ(routed("GET", Bucket, {}), "ListObjects");
  EXPECT_EQ(routed("GET", Bucket, {{"list-type", "2"}}), "ListObjectsV2");
  EXPECT_EQ(routed("GET", Bucket, {{"prefix", "policy"}, {"max-keys", "1"}}), "ListObjects");
  EXPECT_EQ(routed("GET", Bucket, {{"location", ""}}), "GetBucketLocation");
  EXPECT_EQ(routed("GET", Bucket, {{"policy", ""}}), "GetBucketPolicy");
  EXPECT_EQ(routed("GET", Bucket, {{"analytics", ""}}), "ListBucketAnalyticsConfigurations");
  EXPECT_EQ(routed("GET", Bucket, {{"analytics", ""}, {"id", "1"}}),
            "GetBucketAnalyticsConfiguration");
  EXPECT_EQ(routed("PUT", Bucket, {}), "CreateBucket");
  EXPECT_EQ(routed("POST", Bucket, {{"delete", ""}}), "DeleteObjects");
  EXPECT_EQ(routed("PUT", Object, {}), "PutObject");
  EXPECT_EQ(routed("PUT", Object, {{"x-id", "PutObject"}}), "PutObject");
  EXPECT_EQ(routed("PUT", Object, {}, "x-amz-copy-source"), "CopyObject");
  EXPECT_EQ(routed("PUT", Object, {{"partNumber", "1"}, {"uploadId", "u"}}), "UploadPart");
  EXPECT_EQ(routed("PUT", Object, {{"partNumber", "1"}, {"uploadId", "u"}}, "x-amz-copy-source"),
            "UploadPartCopy");
  EXPECT_EQ(routed("POST", Object, {{"uploads", ""}}), "CreateMultipartUpload");
  EXPECT_EQ(routed("GET", Object, {{"uploadId", "u"}}), "ListParts");
  EXPECT_EQ(routed("GET", Object, {{"partNumber", "2"}}), "GetObject");
  EXPECT_EQ(routed("GET", Object, {{"response-content-type", "x"}}), "GetObject");
  EXPECT_EQ(routed("HEAD", Object, {}), "HeadObject");
}

TEST(OperationOf, NeverTakesASubresourceForThePlainOperation) {
  using enum facts::S3Level;
  EXPECT_EQ(routed("PUT", Object, {{"acl", ""}}), "PutObjectAcl");
  EXPECT_EQ(routed("PUT", Object, {{"tagging", ""}}), "PutObjectTagging");
  EXPECT_EQ(routed("DELETE", Object, {{"acl", ""}}), "MethodNotAllowed");
  EXPECT_EQ(routed("DELETE", Object, {{"uploads", ""}}), "MethodNotAllowed");
  EXPECT_EQ(routed("DELETE", Bucket, {{"acl", ""}}), "MethodNotAllowed");
  EXPECT_EQ(routed("PUT", Bucket, {{"location", ""}}), "MethodNotAllowed");
  EXPECT_EQ(routed("PUT", Object, {{"uploadId", "u"}}), "MethodNotAllowed");
  EXPECT_EQ(routed("HEAD", Object, {{"acl", ""}}), "MethodNotAllowed");
  EXPECT_EQ(routed("POST", Object, {}), "MethodNotAllowed");
  EXPECT_EQ(routed("POST", Bucket, {}), "MethodNotAllowed");
  EXPECT_EQ(routed("PATCH", Object, {}), "MethodNotAllowed");
  EXPECT_EQ(routed("put", Object, {}), "MethodNotAllowed");
  for (const facts::S3OperationRow& row : facts::all_s3_operations()) {
    if (!row.params[0].empty() && row.params[0] != "list-type=2") {
      const std::string name(row.params[0].substr(0, row.params[0].find('=')));
      for (const char* method : {"GET", "PUT", "DELETE", "HEAD"}) {
        if (name == "partNumber" && (method[0] == 'G' || method[0] == 'H')) {
          continue;
        }
        const std::string found = routed(method, row.level, {{name, ""}});
        EXPECT_TRUE(found != "ListObjects" && found != "CreateBucket" && found != "DeleteBucket" &&
                    found != "PutObject" && found != "GetObject" && found != "DeleteObject" &&
                    found != "HeadObject" && found != "HeadBucket")
            << method << " " << name << " -> " << found;
      }
    }
  }
}

TEST(BucketName, FollowsTheNamingRules) {
  for (const char* name :
       {"abc", "my-bucket", "my.bucket.1", "123", "1.2.3", "a--b", "192.168.5.4a"}) {
    EXPECT_TRUE(is_new_bucket_name(name)) << name;
  }
  for (const char* name : {"",
                           "ab",
                           "-abc",
                           "abc-",
                           ".abc",
                           "abc.",
                           "a..b",
                           "Abc",
                           "a_b",
                           "a b",
                           "192.168.5.4",
                           "999.1.1.1",
                           "xn--abc",
                           "sthree-abc",
                           "abc-s3alias",
                           "abc--ol-s3",
                           "abc.mrap",
                           "abc--x-s3",
                           "a/b",
                           "a\xC3\xA9"
                           "b"}) {
    EXPECT_FALSE(is_new_bucket_name(name)) << name;
  }
  EXPECT_TRUE(is_new_bucket_name(std::string(63, 'a')));
  EXPECT_FALSE(is_new_bucket_name(std::string(64, 'a')));
}

}  // namespace
}  // namespace signet::s3
