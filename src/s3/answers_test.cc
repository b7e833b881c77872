// Members of answers and refusals that clients read.
#include <gtest/gtest.h>

#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

class AnswersTest : public S3ServiceTest {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  Answer copy(const std::string& source, Headers headers = {}, const std::string& to = "copy") {
    headers.emplace_back("x-amz-copy-source", source);
    return as("admin", {.method = "PUT", .target = "/bkt/" + to, .headers = std::move(headers)});
  }
};

TEST_F(AnswersTest, DatesToComeAreIgnored) {
  make_bucket();
  put("/bkt/k", "x");
  const std::string future = "Wed, 18 Feb 2026 09:44:42 GMT";

  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"If-Modified-Since", future}}}).status,
            200);
  EXPECT_EQ(copy("bkt/k", {{"x-amz-copy-source-if-modified-since", future}}).status, 200);
  EXPECT_EQ(
      copy("bkt/k", {{"x-amz-copy-source-if-modified-since", "Tue, 17 Feb 2026 09:44:42 GMT"}})
          .status,
      412);
}

TEST_F(AnswersTest, CopiesOntoThemselvesMayChangeTheClass) {
  make_bucket();
  put("/bkt/k", "x");

  EXPECT_EQ(copy("bkt/k", {}, "k").code, "InvalidRequest");
  EXPECT_EQ(copy("bkt/k", {{"If-None-Match", "*"}}, "k").code, "PreconditionFailed");
  EXPECT_EQ(copy("bkt/k", {{"x-amz-storage-class", "STANDARD_IA"}}, "k").status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).response.headers.find("x-amz-storage-class"),
            "STANDARD_IA");
  // The class is not copied.
  EXPECT_EQ(copy("bkt/k").status, 200);
  EXPECT_FALSE(as("admin", {.target = "/bkt/copy"})
                   .response.headers.find("x-amz-storage-class")
                   .has_value());
  EXPECT_EQ(copy("bkt/k", {{"x-amz-object-annotation-directive", "EXCLUDE"}}).status, 200);
  EXPECT_EQ(copy("bkt/k", {{"x-amz-object-annotation-directive", "x"}}).code, "InvalidArgument");
}

TEST_F(AnswersTest, RefusalsNameTheConditionAndTheKey) {
  make_bucket();
  put("/bkt/k", "x");
  const auto condition = [&](const char* name, const char* value) {
    return std::string(xml(copy("bkt/k", {{name, value}})).text_of("Condition").value_or("-"));
  };
  EXPECT_EQ(condition("x-amz-copy-source-if-match", "\"x\""), "x-amz-copy-source-If-Match");
  EXPECT_EQ(condition("x-amz-copy-source-if-none-match", "*"), "x-amz-copy-source-If-None-Match");
  EXPECT_EQ(condition("x-amz-copy-source-if-unmodified-since", "Mon, 16 Feb 2026 09:44:42 GMT"),
            "x-amz-copy-source-If-Unmodified-Since");
  EXPECT_EQ(condition("x-amz-copy-source-if-modified-since", "Tue, 17 Feb 2026 09:44:42 GMT"),
            "x-amz-copy-source-If-Modified-Since");

  const Answer absent =
      as("admin", {.method = "PUT", .target = "/bkt/no", .headers = {{"If-Match", "x"}}});
  EXPECT_EQ(absent.code, "NoSuchKey");
  EXPECT_EQ(xml(absent).text_of("Key"), "no");
  EXPECT_EQ(xml(copy("nonsense")).text_of("ArgumentValue"), "x-amz-copy-source");
  const Answer md5 =
      as("admin", {.method = "PUT", .target = "/bkt/k", .headers = {{"Content-MD5", "x"}}});
  EXPECT_EQ(xml(md5).text_of("Content-MD5"), "x");
  const Answer wrong = as("admin",
                          {.method = "PUT",
                           .target = "/bkt/k",
                           .headers = {{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}}});
  EXPECT_EQ(xml(wrong).text_of("ExpectedDigest"), std::string(32, '0'));
  EXPECT_EQ(xml(wrong).text_of("CalculatedDigest"), "1B2M2Y8AsgTpgAmY7PhCfg==");
}

TEST_F(AnswersTest, ListingsKeepControlCharacters) {
  make_bucket();
  put("/bkt/k%01z", "x");

  EXPECT_NE(as("admin", {.target = "/bkt?list-type=2"}).body.find("<Key>k&#x1;z</Key>"),
            std::string::npos);
  EXPECT_NE(
      as("admin", {.target = "/bkt?list-type=2&prefix=k%01"}).body.find("<Prefix>k&#x1;</Prefix>"),
      std::string::npos);
}

// aws-wire 2.7: also the Prefix of the first version, which botocore does not decode.
TEST_F(AnswersTest, EncodedListingsEncodeEverythingThatComesFromKeys) {
  make_bucket();
  for (const std::string target :
       {"/bkt?encoding-type=url&prefix=%0A&delimiter=%0A&marker=%0A",
        "/bkt?encoding-type=url&prefix=%0A&delimiter=%0A&start-after=%0A&list-type=2"}) {
    const codec::XmlElement page = xml(as("admin", {.target = target}));
    EXPECT_EQ(page.text_of("Prefix"), "%0A") << target;
    EXPECT_EQ(page.text_of("Delimiter"), "%0A") << target;
  }
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?encoding-type=url&marker=%0A"})).text_of("Marker"),
            "%0A");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?prefix=%0A"})).text_of("Prefix"), "\n");
}

TEST_F(AnswersTest, AMarkerBelowACommonPrefixIsBehindIt) {
  make_bucket();
  for (const char* key : {"folder/sub/1", "folder/sub/2", "folder/z"}) {
    put(std::string("/bkt/") + key, "x");
  }

  const codec::XmlElement page =
      xml(as("admin", {.target = "/bkt?prefix=folder/&delimiter=/&marker=folder/sub/1"}));

  EXPECT_EQ(page.find("CommonPrefixes"), nullptr);
  EXPECT_EQ(page.find("Contents")->text_of("Key"), "folder/z");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?prefix=folder/&marker=folder/sub/1"}))
                .find("Contents")
                ->text_of("Key"),
            "folder/sub/2");
}

TEST_F(AnswersTest, ReplacedHeadersAreLatin1) {
  make_bucket();
  put("/bkt/k", "x");
  const auto got = [&](const std::string& text) {
    return as("admin", {.target = "/bkt/k?response-content-disposition=" + text});
  };

  EXPECT_EQ(got("a%C3%A9").response.headers.find("content-disposition"), "a\xE9");
  EXPECT_EQ(got("a%E2%82%AC").code, "InvalidArgument");
  EXPECT_EQ(xml(got("a%E2%82%AC")).text_of("Message"),
            "Header value cannot be represented using ISO-8859-1.");
}

TEST_F(AnswersTest, ReadsRefuseHalfAKey) {
  make_bucket();
  put("/bkt/k", "x");
  for (const char* method : {"GET", "HEAD"}) {
    EXPECT_EQ(as("admin",
                 {.method = method,
                  .target = "/bkt/k",
                  .headers = {{"x-amz-server-side-encryption-customer-algorithm", "AES256"}}})
                  .status,
              400);
  }
  EXPECT_EQ(as("admin",
               {.method = "DELETE", .target = "/bkt/k", .headers = {{"x-amz-if-match-size", "2"}}})
                .code,
            "NotImplemented");
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).status, 200);
  EXPECT_EQ(
      as("admin", {.target = "/bkt", .headers = {{"x-amz-optional-object-attributes", "x"}}}).code,
      "InvalidArgument");
}

}  // namespace
}  // namespace signet::s3
