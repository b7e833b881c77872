#include "http/message.h"

#include <gtest/gtest.h>

#include "http/impl/http_date.h"

namespace signet::http {
namespace {

TEST(ResponseHeaders, CannotSplitAnAnswer) {
  ResponseHeaders headers;
  headers.add("X-A", "1\r\nX-Evil: 2");
  headers.add("X B:\r\nC", std::string_view("a\0b\tc", 5));

  EXPECT_EQ(headers.wire(), "X-A: 1  X-Evil: 2\r\nX-B---C: a b\tc\r\n");
}

TEST(ResponseHeaders, FindsItsFields) {
  ResponseHeaders headers;
  headers.add("Location", "/a: b");
  headers.add("ETag", "\"x\"");
  headers.add("Empty", "");

  EXPECT_EQ(headers.find("location"), "/a: b");
  EXPECT_EQ(headers.find("etag"), "\"x\"");
  EXPECT_EQ(headers.find("empty"), "");
  EXPECT_EQ(headers.find("x"), std::nullopt);
}

TEST(RequestHead, SplitsTheTarget) {
  EXPECT_EQ(RequestHead{.target = "/a?b?c"}.path(), "/a");
  EXPECT_EQ(RequestHead{.target = "/a?b?c"}.query(), "b?c");
  EXPECT_EQ(RequestHead{.target = "/a"}.query(), "");
  EXPECT_EQ(RequestHead{.target = "?"}.path(), "");
}

TEST(Addresses, LoseOnlyTheIpv4Mapping) {
  EXPECT_EQ(unmapped_address("::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(unmapped_address("::FFFF:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(unmapped_address("::1"), "::1");
  EXPECT_EQ(unmapped_address("::ffff:a00:1"), "::ffff:a00:1");
}

TEST(ReasonPhrase, KnowsTheRegisteredOnes) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(299), "Unknown");
}

TEST(HttpDate, IsImfFixdate) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
}

}  // namespace
}  // namespace signet::http
