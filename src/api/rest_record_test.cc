#include "api/rest_record.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/json.h"

namespace signet::api {
namespace {

class RestRecord : public testing::Test {
 protected:
  RestRequest request() {
    head_.headers = headers_;
    return {.method = "PUT",
            .host = "example.org",
            .raw_path = "/b/k",
            .path = "/b/k",
            .query = query_,
            .head = &head_};
  }

  std::string parameters(std::size_t longest = kLongestRestValue) {
    std::string json;
    append_rest_parameters(
        json, request(), {.event = "PutObject", .bucket = "b", .key = "k"}, nullptr, longest);
    return json;
  }

  std::vector<http::HeaderView> headers_;
  std::vector<std::pair<std::string, std::string>> query_;
  http::RequestHead head_;
};

TEST_F(RestRecord, TellsTargetParametersAndHeaders) {
  headers_ = {{.name = "X-Amz-Storage-Class", .value = "STANDARD"},
              {.name = "Content-Type", .value = "text/plain"}};
  query_ = {{"partNumber", "2"}};

  EXPECT_EQ(parameters(),
            R"({"bucketName":"b","key":"k","Host":"example.org","partNumber":"2",)"
            R"("x-amz-storage-class":"STANDARD"})");
}

TEST_F(RestRecord, TellsNothingThatSignsOrUnlocks) {
  headers_ = {{.name = "x-amz-security-token", .value = "s3cr3t"},
              {.name = "X-Amz-Server-Side-Encryption-Customer-Key", .value = "s3cr3t"},
              {.name = "x-amz-copy-source-server-side-encryption-customer-key", .value = "s3cr3t"},
              {.name = "x-amz-meta-note", .value = "s3cr3t"},
              {.name = "Authorization", .value = "s3cr3t"},
              {.name = "Cookie", .value = "s3cr3t"}};
  query_ = {{"X-Amz-Signature", "s3cr3t"},
            {"x-amz-signature", "s3cr3t"},
            {"Signature", "s3cr3t"},
            {"X-Amz-Security-Token", "s3cr3t"}};

  EXPECT_EQ(parameters().find("s3cr3t"), std::string::npos) << parameters();
}

TEST_F(RestRecord, NamesEachMemberOnceAndCutsThem) {
  query_ = {{"a", std::string(500, 'x')}, {"a", "again"}, {"bucketName", "forged"}};

  const std::string json = parameters(256);

  const auto read = codec::Json::parse(json);  // refuses a repeated member
  ASSERT_TRUE(read.has_value()) << json;
  EXPECT_EQ(read->string_at("a").size(), 256U);
  EXPECT_EQ(read->string_at("bucketName"), "b");
}

TEST_F(RestRecord, BoundsTheNumberOfMembers) {
  for (int i = 0; i < 1000; ++i) {
    query_.emplace_back("p" + std::to_string(i), "v");
  }

  EXPECT_EQ(codec::Json::parse(parameters())->members().size(), 64U);
}

TEST_F(RestRecord, TellsTheAnswersHeaders) {
  http::Response response;
  response.headers.add("x-amz-request-id", "id");
  response.headers.add("x-amz-version-id", "null");
  response.headers.add("ETag", "e");
  std::string json;

  append_rest_elements(json, response);

  EXPECT_EQ(json, R"({"x-amz-version-id":"null"})");
}

}  // namespace
}  // namespace signet::api
