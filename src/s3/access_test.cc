#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

TEST_F(S3ServiceTest, MissingKeysAreHiddenFromThoseWhoMayNotList) {
  make_bucket();
  EXPECT_EQ(as("admin", {.target = "/bkt/none"}).code, "NoSuchKey");
  EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt/none"}).status, 404);
  EXPECT_EQ(as("reader", {.target = "/bkt/none"}).code, "AccessDenied");
  EXPECT_EQ(as("reader", {.method = "HEAD", .target = "/bkt/none"}).status, 403);
  EXPECT_EQ(as("reader", {.target = "/nobucket/none"}).code, "NoSuchBucket");
  EXPECT_EQ(as("nobody", {.target = "/nobucket/none"}).code, "AccessDenied");
  EXPECT_EQ(as("anonymous", {.target = "/nobucket/none"}).code, "AccessDenied");
  EXPECT_EQ(as("anonymous", {.method = "PUT", .target = "/nobucket"}).code, "AccessDenied");
  EXPECT_EQ(as("anonymous", {.target = "/"}).code, "AccessDenied");
}

TEST_F(S3ServiceTest, DenialsTellOnlyTheOwnersAccountWhy) {
  make_bucket();
  put("/bkt/k", "x");
  const Answer own = as("nobody", {.target = "/bkt/k"});
  const Answer foreign = as("admin", {.target = "/bkt/k"}, kOther);

  EXPECT_EQ(
      xml(own).text_of("Message"),
      "User: arn:aws:iam::111111111111:user/nobody is not authorized to perform: s3:GetObject on "
      "resource: "
      "\"arn:aws:s3:::bkt/k\" because no identity-based policy allows the s3:GetObject action");
  EXPECT_EQ(xml(foreign).text_of("Message"), "Access Denied");
  EXPECT_EQ(xml(as("anonymous", {.target = "/bkt/k"})).text_of("Message"), "Access Denied");
}

TEST_F(S3ServiceTest, NothingIsOpenByDefault) {
  make_bucket();
  put("/bkt/k", "x");
  const std::vector<Call> calls = {
      {.target = "/"},
      {.method = "PUT", .target = "/newbucket"},
      {.method = "DELETE", .target = "/bkt"},
      {.method = "HEAD", .target = "/bkt"},
      {.target = "/bkt?location"},
      {.target = "/bkt"},
      {.target = "/bkt?list-type=2"},
      {.target = "/bkt?policy"},
      {.method = "PUT", .target = "/bkt?policy", .body = "{}"},
      {.method = "DELETE", .target = "/bkt?policy"},
      {.target = "/bkt?uploads"},
      {.target = "/bkt/k"},
      {.method = "HEAD", .target = "/bkt/k"},
      {.method = "PUT", .target = "/bkt/k", .body = "y"},
      {.method = "PUT", .target = "/bkt/k2", .headers = {{"x-amz-copy-source", "/bkt/k"}}},
      {.method = "DELETE", .target = "/bkt/k"},
      {.method = "POST", .target = "/bkt/k?uploads"},
      {.method = "PUT", .target = "/bkt/k?partNumber=1&uploadId=u", .body = "y"},
      {.method = "PUT",
       .target = "/bkt/k?partNumber=1&uploadId=u",
       .headers = {{"x-amz-copy-source", "/bkt/k"}}},
      {.target = "/bkt/k?uploadId=u"},
      {.method = "DELETE", .target = "/bkt/k?uploadId=u"},
      {.method = "POST",
       .target = "/bkt/k?uploadId=u",
       .body = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></"
               "CompleteMultipartUpload>"},
  };
  for (const Call& call : calls) {
    EXPECT_EQ(as("nobody", call).status, 403) << call.method << " " << call.target;
    EXPECT_EQ(as("anonymous", call).status, 403) << call.method << " " << call.target;
    if (call.target != "/" && call.target != "/newbucket") {
      EXPECT_EQ(as("admin", call, kOther).status, 403) << call.method << " " << call.target;
    }
  }
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "x");
}

TEST_F(S3ServiceTest, ListConditionsSeeThePrefix) {
  make_bucket();
  EXPECT_EQ(as("narrow", {.target = "/bkt?prefix="}).status, 200);
  EXPECT_EQ(as("narrow", {.target = "/bkt?prefix=home/"}).status, 200);
  EXPECT_EQ(as("narrow", {.target = "/bkt"}).status, 403);
  EXPECT_EQ(as("narrow", {.target = "/bkt?prefix=home"}).status, 403);
}

TEST_F(S3ServiceTest, DeletesManyAndDecidesEach) {
  make_bucket();
  for (const char* key : {"ok1", "ok2", "no"}) {
    put(std::string("/bkt/") + key, "x");
  }
  const std::string body =
      "<Delete><Object><Key>ok1</Key></Object><Object><Key>no</Key></Object><Object><Key>ok-never</"
      "Key></Object></Delete>";
  const std::string md5 = codec::encode_base64(crypto::as_view(crypto::md5(body)));
  const Call call{
      .method = "POST", .target = "/bkt?delete", .body = body, .headers = {{"Content-MD5", md5}}};

  const auto root = xml(as("deleter", call));
  ASSERT_EQ(root.children.size(), 3U);
  EXPECT_EQ(root.children[0].name, "Deleted");
  EXPECT_EQ(root.children[1].name, "Error");
  EXPECT_EQ(root.children[1].text_of("Code"), "AccessDenied");
  EXPECT_EQ(root.children[2].text_of("Key"), "ok-never");
  EXPECT_EQ(as("admin", {.target = "/bkt/ok1"}).code, "NoSuchKey");
  EXPECT_EQ(as("admin", {.target = "/bkt/no"}).status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt/ok2"}).status, 200);

  const auto refused = xml(as("nobody", call));
  ASSERT_EQ(refused.children.size(), 3U);
  for (const codec::XmlElement& child : refused.children) {
    EXPECT_EQ(child.name, "Error");
  }
  EXPECT_EQ(as("anonymous", call).status, 403);
  EXPECT_EQ(as("admin", {.method = "POST", .target = "/bkt?delete", .body = body}).code,
            "InvalidRequest");
}

TEST_F(S3ServiceTest, BucketPoliciesOpenAndClose) {
  make_bucket();
  put("/bkt/public/k", "x");
  EXPECT_EQ(as("admin", {.target = "/bkt?policy"}).code, "NoSuchBucketPolicy");

  set_policy(
      R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/public/*"})");
  EXPECT_EQ(as("anonymous", {.target = "/bkt/public/k"}).body, "x");
  EXPECT_EQ(as("admin", {.target = "/bkt/public/k"}, kOther).body, "x");
  EXPECT_EQ(as("anonymous", {.target = "/bkt"}).code, "AccessDenied");
  EXPECT_EQ(as("anonymous", {.method = "PUT", .target = "/bkt/public/k", .body = "y"}).code,
            "AccessDenied");
  EXPECT_EQ(as("anonymous", {.target = "/bkt/public/k?response-content-type=text/html"}).code,
            "InvalidRequest");
  EXPECT_NE(as("admin", {.target = "/bkt?policy"}).body.find("arn:aws:s3:::bkt/public/*"),
            std::string::npos);

  set_policy(
      R"({"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bkt","arn:aws:s3:::bkt/*"]})");
  EXPECT_EQ(as("admin", {.target = "/bkt/public/k"}).code, "AccessDenied");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt?policy"}).code, "AccessDenied");
  EXPECT_EQ(as("root", {.target = "/bkt/public/k"}).code, "AccessDenied");
  EXPECT_EQ(as("root", {.method = "DELETE", .target = "/bkt?policy"}, kOther).code, "AccessDenied");
  EXPECT_EQ(as("root", {.method = "DELETE", .target = "/bkt?policy"}).status,
            204);  // policy-semantics 7.2
  EXPECT_EQ(as("admin", {.target = "/bkt/public/k"}).body, "x");
}

TEST_F(S3ServiceTest, ForeignIdentitiesNeverManagePolicies) {
  make_bucket();
  set_policy(
      R"({"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:*","Resource":["arn:aws:s3:::bkt","arn:aws:s3:::bkt/*"]})");
  EXPECT_EQ(as("admin", {.target = "/bkt"}, kOther).status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt?policy"}, kOther).code, "MethodNotAllowed");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt?policy"}, kOther).code,
            "MethodNotAllowed");
}

TEST_F(S3ServiceTest, BadPoliciesAreRefusedInS3sWords) {
  make_bucket();
  const auto refused = [&](const std::string& body) {
    const Answer answer = as("admin", {.method = "PUT", .target = "/bkt?policy", .body = body});
    EXPECT_EQ(answer.code, "MalformedPolicy") << body << answer.body;
    return std::string(xml(answer).text_of("Message").value_or(""));
  };
  const auto with = [](const std::string& statement) {
    return R"({"Version":"2012-10-17","Statement":)" + statement + "}";
  };
  refused("{");
  refused("");
  EXPECT_EQ(refused(with(
                R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"})")),
            "Missing required field Principal");
  EXPECT_EQ(
      refused(with(
          R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"})")),
      "Policy has invalid resource");
  EXPECT_EQ(
      refused(with(
          R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt"})")),
      "Action does not apply to any resource(s) in statement");
  EXPECT_EQ(
      refused(with(
          R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/ghost"},"Action":"s3:GetObject",)"
          R"("Resource":"arn:aws:s3:::bkt/*"})")),
      "Invalid principal in policy");
  refused(std::string(21'000, ' ') + "{}");
  EXPECT_EQ(as("admin", {.target = "/bkt?policy"}).code, "NoSuchBucketPolicy");
}

TEST_F(S3ServiceTest, LinksDoNotBecomePages) {
  make_bucket();
  ASSERT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/page.html",
                .body = "<script>",
                .headers = {{"Content-Type", "text/html"},
                            {"Content-Disposition", "inline; filename=\"p.html\""}}})
                .status,
            200);
  set_policy(
      R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"})");

  const Call visit{.target = "/bkt/page.html", .headers = {{"Sec-Fetch-Dest", "document"}}};
  EXPECT_EQ(as("anonymous", visit).response.headers.find("content-disposition"),
            "attachment; filename=\"p.html\"");
  EXPECT_EQ(as("admin", visit).response.headers.find("content-disposition"),
            "inline; filename=\"p.html\"");
  EXPECT_EQ(
      as("anonymous", {.target = "/bkt/page.html"}).response.headers.find("content-disposition"),
      "inline; filename=\"p.html\"");
}

}  // namespace
}  // namespace signet::s3
