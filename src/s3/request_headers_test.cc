#include "s3/request_headers.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "facts/errors.h"

namespace signet::s3 {
namespace {

// A request with one header and some query parameters.
struct Request {
  std::vector<http::HeaderView> fields;
  http::RequestHead head;
  api::RestRequest rest;

  Request(std::initializer_list<http::HeaderView> headers,
          std::vector<std::pair<std::string, std::string>> query,
          bool is_presigned)
      : fields(headers) {
    head.headers = fields;
    rest.query = std::move(query);
    rest.head = &head;
    rest.is_presigned = is_presigned;
  }
};

std::string all_of(const RequestHeaders& headers, std::string_view prefix = "") {
  std::string out;
  const Status status = headers.visit(prefix, [&](std::string_view name, std::string_view value) {
    out.append(name).append("=").append(value).append(" ");
    return Status();
  });
  return status ? out : "error";
}

TEST(RequestHeaders, StandInTheQueryOfAPresignedUrlToo) {
  const Request request({{"If-None-Match", "of-the-head"}, {"X-Amz-Meta-B", "2"}},
                        {{"X-Amz-Signature", "s"},
                         {"X-Amz-Acl", "private"},
                         {"if-none-match", "*"},
                         {"Expires", "Thu"},
                         {"x-id", "PutObject"}},
                        true);
  const RequestHeaders headers(request.rest);

  EXPECT_EQ(headers.find("if-none-match"), "*");
  EXPECT_EQ(headers.find("x-amz-acl"), "private");
  EXPECT_EQ(headers.find("x-amz-meta-b"), "2");
  EXPECT_EQ(headers.find("expires"), "Thu");
  EXPECT_EQ(headers.find("x-amz-signature"), std::nullopt);
  EXPECT_EQ(headers.find("x-id"), std::nullopt);
  EXPECT_EQ(all_of(headers), "x-amz-acl=private if-none-match=* expires=Thu x-amz-meta-b=2 ");
  EXPECT_EQ(all_of(headers, "x-amz-"), "x-amz-acl=private x-amz-meta-b=2 ");
}

TEST(RequestHeaders, OfOtherRequestsStandInTheHeadAlone) {
  const Request request({{"x-amz-acl", "private"}}, {{"if-none-match", "*"}}, false);
  const RequestHeaders headers(request.rest);

  EXPECT_EQ(headers.find("if-none-match"), std::nullopt);
  EXPECT_EQ(all_of(headers), "x-amz-acl=private ");
}

TEST(RequestHeaders, DoNotTakeTheEndOfAnOldLinkForAHeader) {
  const Request request(
      {}, {{"AWSAccessKeyId", "A"}, {"Expires", "1"}, {"x-amz-meta-a", "1"}}, true);

  EXPECT_EQ(all_of(RequestHeaders(request.rest)), "x-amz-meta-a=1 ");
}

TEST(RequestHeaders, EndTheWalkAtAnError) {
  const Request request({{"a", "1"}, {"b", "2"}}, {}, false);
  int seen = 0;

  const Status status = RequestHeaders(request.rest).visit([&](auto, auto) -> Status {
    ++seen;
    return fail(ErrorCode::InvalidRequest, "no");
  });

  EXPECT_FALSE(status.has_value());
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace signet::s3
