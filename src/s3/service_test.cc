#include <gtest/gtest.h>

#include "facts/errors.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

TEST_F(S3ServiceTest, BucketsLiveAndDie) {
  const Answer made = as("admin", {.method = "PUT", .target = "/bkt"});
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.response.headers.find("location"), "/bkt");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt"}).status, 200);  // us-east-1
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt"}, kOther).code, "BucketAlreadyExists");

  const Answer head = as("admin", {.method = "HEAD", .target = "/bkt"});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.response.headers.find("x-amz-bucket-region"), "us-east-1");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?location"})).text, "");

  put("/bkt/k", "x");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).code, "BucketNotEmpty");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k"}).status, 204);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).status, 204);
  EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt"}).status, 404);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).code, "NoSuchBucket");
  // At the same instant again: the object store must not think it is still closed.
  make_bucket();
  put("/bkt/k", "x");
}

TEST_F(S3ServiceTest, RegionsComeFromTheConstraint) {
  const std::string ireland =
      "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></"
      "CreateBucketConfiguration>";
  const Answer made =
      as("admin", {.method = "PUT", .target = "/bkt", .body = ireland, .region = "eu-west-1"});
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.response.headers.find("location"), "http://localhost/bkt/");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?location"})).text, "eu-west-1");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt", .body = ireland}).code,
            "BucketAlreadyOwnedByYou");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt2", .region = "eu-west-1"}).code,
            "IllegalLocationConstraintException");
  EXPECT_EQ(
      as("admin", {.method = "PUT", .target = "/bkt2", .body = ireland, .region = "us-west-2"})
          .code,
      "IllegalLocationConstraintException");
  for (const char* bad : {"us-east-1", "moon", "eu-west-", "-1", "eu-east-1"}) {
    const std::string body = std::string("<CreateBucketConfiguration><LocationConstraint>") + bad +
                             "</LocationConstraint></CreateBucketConfiguration>";
    EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt2", .body = body}).code,
              "InvalidLocationConstraint")
        << bad;
  }
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/192.168.1.1"}).code, "InvalidBucketName");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt2", .body = "<x"}).code, "MalformedXML");
}

TEST_F(S3ServiceTest, ListBucketsPagesAndFilters) {
  for (const char* name : {"aaa", "abc", "bbb"}) {
    make_bucket(name);
  }
  ASSERT_EQ(as("admin", {.method = "PUT", .target = "/other"}, kOther).status, 200);

  const auto names = [&](const std::string& target) {
    std::string out;
    const codec::XmlElement root = xml(as("admin", {.target = target}));
    for (const codec::XmlElement& bucket : root.find("Buckets")->children) {
      out += std::string(*bucket.text_of("Name")) + " ";
    }
    return out;
  };
  EXPECT_EQ(names("/"), "aaa abc bbb ");
  EXPECT_EQ(names("/?prefix=a"), "aaa abc ");
  EXPECT_EQ(names("/?max-buckets=2"), "aaa abc ");
  const std::string token(
      *xml(as("admin", {.target = "/?max-buckets=2"})).text_of("ContinuationToken"));
  EXPECT_EQ(names("/?max-buckets=2&continuation-token=" + token), "bbb ");
  EXPECT_EQ(as("admin", {.target = "/?max-buckets=0"}).code, "InvalidArgument");
  EXPECT_EQ(as("nobody", {.target = "/"}).code, "AccessDenied");
  EXPECT_EQ(as("anonymous", {.target = "/"}).code, "AccessDenied");
  EXPECT_NE(as("admin", {.target = "/"})
                .body.find("<CreationDate>2026-02-17T09:44:42.000Z</CreationDate>"),
            std::string::npos);
}

TEST_F(S3ServiceTest, ObjectsComeBackAsTheyWent) {
  make_bucket();
  const Answer put_answer = as("admin",
                               {.method = "PUT",
                                .target = "/bkt/a%20b/..//%C3%A9",
                                .body = "hello",
                                .headers = {{"Content-Type", "text/html"}, {"x-amz-meta-k", "v"}}});
  ASSERT_EQ(put_answer.status, 200) << put_answer.body;
  EXPECT_EQ(put_answer.response.headers.find("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");

  const Answer got = as("admin", {.target = "/bkt/a%20b/..//%C3%A9"});
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(got.response.headers.find("content-type"), "text/html");
  EXPECT_EQ(got.response.headers.find("x-amz-meta-k"), "v");
  EXPECT_EQ(got.response.headers.find("last-modified"), "Tue, 17 Feb 2026 09:44:42 GMT");
  EXPECT_EQ(got.response.headers.find("content-security-policy"), "sandbox; default-src 'none'");
  EXPECT_EQ(got.response.headers.find("x-content-type-options"), "nosniff");
  EXPECT_EQ(got.response.headers.find("x-amz-request-id"), "REQ");
  EXPECT_FALSE(got.response.headers.find("x-amz-checksum-crc64nvme").has_value());

  const Answer head = as("admin",
                         {.method = "HEAD",
                          .target = "/bkt/a%20b/..//%C3%A9",
                          .headers = {{"x-amz-checksum-mode", "ENABLED"}}});
  EXPECT_EQ(head.response.content_length, 5U);
  EXPECT_TRUE(head.response.headers.find("x-amz-checksum-crc64nvme").has_value());
  EXPECT_EQ(as("admin", {.target = "/b%C3%A9", .host = "bkt.localhost"}).code, "NoSuchKey");
  EXPECT_EQ(as("admin", {.target = "/a%20b/..//%C3%A9", .host = "bkt.localhost"}).body, "hello");
  EXPECT_EQ(as("admin", {.target = "/bkt/a%20b/%C3%A9"}).code, "NoSuchKey");
}

// The fixture compares every answer that is given at once with the one that is not.
TEST_F(S3ServiceTest, AnObjectReadLatelyIsAnsweredAtOnce) {
  make_bucket();
  put("/bkt/k", "hello");
  put("/bkt/large", std::string(100'000, 'x'));

  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "hello");
    EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt/large"}).status, 200);
    EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"range", "bytes=1-2"}}}).body, "el");
    EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"if-match", "\"x\""}}}).status, 412);
  }
  // Not every file system can say what it has in memory; HEAD and refusals need no bytes.
  EXPECT_GE(answered_at_once_, 4);
  put("/bkt/k", "other");
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "other");
  EXPECT_EQ(as("admin", {.target = "/bkt/large"}).body.size(), 100'000U);
}

TEST_F(S3ServiceTest, RangesAndConditions) {
  make_bucket();
  put("/bkt/k", "0123456789");
  const std::string etag = "\"781e5e245d69b566979b86e28d23f2c7\"";

  const Answer part = as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=2-4"}}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.response.headers.find("content-range"), "bytes 2-4/10");
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=20-"}}}).code,
            "InvalidRange");
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=0-1,3-4"}}}).status, 200);
  EXPECT_EQ(
      as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=2-4"}, {"If-Range", "\"x\""}}})
          .status,
      200);
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"If-None-Match", etag}}}).status, 304);
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"If-None-Match", etag}}}).body, "");
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"If-Match", "\"x\""}}}).code,
            "PreconditionFailed");
  EXPECT_EQ(as("admin", {.target = "/bkt/k?partNumber=1"}).status, 206);
  EXPECT_EQ(as("admin", {.target = "/bkt/k?partNumber=2"}).status, 416);
  EXPECT_EQ(as("admin", {.target = "/bkt/k?versionId=zzz"}).code, "InvalidArgument");
  EXPECT_EQ(as("admin", {.target = "/bkt/k?versionId=null"}).body, "0123456789");

  put("/bkt/empty", "");
  EXPECT_EQ(as("admin", {.target = "/bkt/empty"}).status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt/empty", .headers = {{"Range", "bytes=0-0"}}}).code,
            "InvalidRange");
}

TEST_F(S3ServiceTest, ConditionalAndCheckedWrites) {
  make_bucket();
  const auto put_with = [&](std::vector<std::pair<std::string, std::string>> headers) {
    return as(
        "admin",
        {.method = "PUT", .target = "/bkt/k", .body = "hello", .headers = std::move(headers)});
  };
  EXPECT_EQ(put_with({{"If-None-Match", "*"}}).status, 200);
  EXPECT_EQ(put_with({{"If-None-Match", "*"}}).code, "PreconditionFailed");
  EXPECT_EQ(put_with({{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}}).status, 200);
  EXPECT_EQ(put_with({{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkh=="}}).code, "InvalidDigest");
  EXPECT_EQ(put_with({{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}}).code, "BadDigest");
  EXPECT_EQ(put_with({{"x-amz-checksum-crc32", "NhCmhg=="}})
                .response.headers.find("x-amz-checksum-crc32"),
            "NhCmhg==");
  EXPECT_EQ(put_with({{"x-amz-checksum-crc32", "AAAAAA=="}}).code, "BadDigest");
  EXPECT_EQ(put_with({{"x-amz-server-side-encryption", "aws:kms"}}).code, "NotImplemented");
  EXPECT_EQ(put_with({{"x-amz-acl", "public-read"}}).code, "AccessControlListNotSupported");
  EXPECT_EQ(put_with({{"x-amz-expected-bucket-owner", kOther}}).code, "AccessDenied");
}

// Every implemented operation, by callers that nothing allows.
TEST_F(S3ServiceTest, ListsWithPrefixDelimiterAndPages) {
  make_bucket();
  for (const char* key : {"a", "home/x", "home/y", "photos/1/a", "photos/2/b", "z"}) {
    put(std::string("/bkt/") + key, key);
  }
  const auto root =
      xml(as("admin", {.target = "/bkt?list-type=2&delimiter=/&max-keys=2&fetch-owner=true"}));
  EXPECT_EQ(root.text_of("KeyCount"), "2");
  EXPECT_EQ(root.text_of("IsTruncated"), "true");
  EXPECT_EQ(root.find("CommonPrefixes")->text_of("Prefix"), "home/");
  EXPECT_EQ(root.find("Contents")->text_of("Key"), "a");
  EXPECT_EQ(root.find("Contents")->text_of("Size"), "1");
  EXPECT_EQ(root.find("Contents")->find("Owner")->text_of("ID")->size(), 64U);
  const std::string token(*root.text_of("NextContinuationToken"));
  const auto next =
      xml(as("admin", {.target = "/bkt?list-type=2&delimiter=/&continuation-token=" + token}));
  EXPECT_EQ(next.text_of("IsTruncated"), "false");
  EXPECT_EQ(next.find("CommonPrefixes")->text_of("Prefix"), "photos/");
  EXPECT_EQ(next.find("Contents")->text_of("Key"), "z");

  const auto v1 = xml(as("admin", {.target = "/bkt?delimiter=/&max-keys=2"}));
  EXPECT_EQ(v1.text_of("NextMarker"), "home/");
  const auto v1_next = xml(as("admin", {.target = "/bkt?delimiter=/&marker=home/"}));
  EXPECT_EQ(v1_next.find("CommonPrefixes")->text_of("Prefix"), "photos/");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?prefix=home/&start-after=home/x&list-type=2"}))
                .find("Contents")
                ->text_of("Key"),
            "home/y");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?max-keys=5000"})).text_of("MaxKeys"), "1000");

  for (const char* bad : {"max-keys=x",
                          "max-keys=-1",
                          "max-keys=99999999999",
                          "encoding-type=x",
                          "continuation-token=x&list-type=2"}) {
    EXPECT_EQ(as("admin", {.target = std::string("/bkt?") + bad}).code, "InvalidArgument") << bad;
  }
}

TEST_F(S3ServiceTest, EncodesKeysOnRequest) {
  make_bucket();
  put("/bkt/a%20%2B%0A%3C/x", "x");
  const auto root = xml(as("admin", {.target = "/bkt?encoding-type=url"}));
  EXPECT_EQ(root.find("Contents")->text_of("Key"), "a%20%2B%0A%3C/x");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt"})).find("Contents")->text_of("Key"), "a +\n</x");
}

TEST_F(S3ServiceTest, CopiesNeedBothSides) {
  make_bucket();
  ASSERT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/k%2B1",
                .body = "data",
                .headers = {{"x-amz-meta-a", "1"}}})
                .status,
            200);
  const auto copy = [&](const std::string& who,
                        const std::string& source,
                        std::vector<std::pair<std::string, std::string>> more = {}) {
    more.emplace_back("x-amz-copy-source", source);
    return as(who, {.method = "PUT", .target = "/bkt/copy", .headers = std::move(more)});
  };

  const Answer done = copy("admin", "bkt/k%2B1");
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(xml(done).text_of("ETag"), "\"8d777f385d3dfec8815d20f7496026dc\"");
  EXPECT_EQ(as("admin", {.target = "/bkt/copy"}).response.headers.find("x-amz-meta-a"), "1");
  EXPECT_EQ(copy("admin", "bkt/k%2B1", {{"x-amz-metadata-directive", "REPLACE"}}).status, 200);
  EXPECT_FALSE(
      as("admin", {.target = "/bkt/copy"}).response.headers.find("x-amz-meta-a").has_value());
  EXPECT_EQ(copy("reader", "bkt/k%2B1").code, "AccessDenied");
  EXPECT_EQ(copy("admin", "bkt/none").code, "NoSuchKey");
  EXPECT_EQ(copy("admin", "nobucket/none").code, "NoSuchBucket");
  EXPECT_EQ(copy("admin", "bkt/copy").code, "InvalidRequest");
  EXPECT_EQ(copy("admin", "bkt/k%2B1", {{"x-amz-copy-source-if-none-match", "*"}}).code,
            "PreconditionFailed");
  EXPECT_EQ(copy("admin", "bkt/k%2B1", {{"x-amz-metadata-directive", "x"}}).code,
            "InvalidArgument");
}

TEST_F(S3ServiceTest, SaysWhatIsNotImplemented) {
  make_bucket();
  const Answer answer =
      as("admin", {.method = "PUT", .target = "/bkt?replication", .body = "<x/>"});
  EXPECT_EQ(answer.status, 501);
  EXPECT_NE(answer.body.find("PutBucketReplication"), std::string::npos);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k?acl"}).code, "MethodNotAllowed");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/"}).code, "MethodNotAllowed");
}

TEST_F(S3ServiceTest, MultipartUploads) {
  make_bucket();
  const Answer begun = as("admin",
                          {.method = "POST",
                           .target = "/bkt/big?uploads",
                           .headers = {{"Content-Type", "text/plain"},
                                       {"x-amz-checksum-algorithm", "CRC32"},
                                       {"x-amz-checksum-type", "FULL_OBJECT"}}});
  const std::string id(*xml(begun).text_of("UploadId"));
  const std::string part_one(5UL << 20U, 'a');
  const auto put_part = [&](const std::string& number, const std::string& body) {
    return as("admin",
              {.method = "PUT",
               .target = "/bkt/big?partNumber=" + number + "&uploadId=" + id,
               .body = body});
  };
  const auto complete = [&](const std::string& parts) {
    return as("admin",
              {.method = "POST",
               .target = "/bkt/big?uploadId=" + id,
               .body = "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>"});
  };
  const auto part_xml = [](const std::string& number, const std::string& etag) {
    return "<Part><PartNumber>" + number + "</PartNumber><ETag>" + etag + "</ETag></Part>";
  };
  const std::string one(*put_part("1", part_one).response.headers.find("etag"));
  const std::string two(*put_part("2", "bc").response.headers.find("etag"));
  EXPECT_EQ(put_part("0", "x").code, "InvalidArgument");
  EXPECT_EQ(put_part("10001", "x").code, "InvalidArgument");

  EXPECT_EQ(
      xml(as("admin", {.target = "/bkt/big?uploadId=" + id})).children.back().text_of("PartNumber"),
      "2");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?uploads"})).find("Upload")->text_of("UploadId"), id);
  EXPECT_EQ(as("admin", {.target = "/bkt/big"}).code, "NoSuchKey");

  EXPECT_EQ(complete(part_xml("2", two) + part_xml("1", one)).code, "InvalidPartOrder");
  EXPECT_EQ(complete(part_xml("1", two)).code, "InvalidPart");
  EXPECT_EQ(complete(part_xml("3", one)).code, "InvalidPart");
  const Answer done = complete(part_xml("1", one) + part_xml("2", two));
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_TRUE(xml(done).text_of("ETag")->ends_with("-2\""));
  EXPECT_EQ(xml(done).text_of("ChecksumCRC32")->size(), 8U);
  EXPECT_EQ(as("admin", {.target = "/bkt/big"}).body, part_one + "bc");
  EXPECT_EQ(as("admin", {.target = "/bkt/big?partNumber=2"}).body, "bc");
  EXPECT_EQ(as("admin", {.target = "/bkt/big"}).response.headers.find("content-type"),
            "text/plain");
  EXPECT_EQ(put_part("1", "x").code, "NoSuchUpload");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/big?uploadId=" + id}).code,
            "NoSuchUpload");
}

TEST_F(S3ServiceTest, SmallPartsOnlyAtTheEnd) {
  make_bucket();
  const std::string id(
      *xml(as("admin", {.method = "POST", .target = "/bkt/k?uploads"})).text_of("UploadId"));
  std::string parts;
  for (const char* number : {"1", "2"}) {
    const Answer part =
        as("admin",
           {.method = "PUT",
            .target = std::string("/bkt/k?partNumber=") + number + "&uploadId=" + id,
            .body = "small"});
    parts += std::string("<Part><PartNumber>") + number + "</PartNumber><ETag>" +
             std::string(*part.response.headers.find("etag")) + "</ETag></Part>";
  }
  EXPECT_EQ(as("admin",
               {.method = "POST",
                .target = "/bkt/k?uploadId=" + id,
                .body = "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>"})
                .code,
            "EntityTooSmall");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k?uploadId=" + id}).status, 204);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).status, 204);
}

TEST_F(S3ServiceTest, ErrorsSpeakS3) {
  Error error = facts::make_error(ErrorCode::ServiceFailure);
  error.cause = "secret cause";
  const http::Response response = service_->error(error, "ABC", "/x", false);

  EXPECT_EQ(response.status, 500);
  EXPECT_NE(response.body.find("<Code>InternalError</Code>"), std::string::npos);
  EXPECT_NE(response.body.find("<RequestId>ABC</RequestId><HostId>"), std::string::npos);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_EQ(response.body.find("xmlns"), std::string::npos);
  EXPECT_TRUE(service_->error(error, "ABC", "/x", true).body.empty());
}

}  // namespace
}  // namespace signet::s3
