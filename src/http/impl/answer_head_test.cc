#include "http/impl/answer_head.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace signet::http {
namespace {

std::expected<AnswerHead, std::string> read(std::string_view head,
                                            std::string_view method = "GET") {
  return parse_answer_head(head, method);
}

TEST(AnswerHead, ReadsStatusAndFields) {
  const auto head = read("HTTP/1.1 206 Partial Content\r\nContent-Length: 12\r\nETag:  \"a\" \r\n");

  ASSERT_TRUE(head.has_value()) << head.error();
  EXPECT_EQ(head->response.status, 206);
  EXPECT_EQ(head->response.find("etag"), "\"a\"");
  EXPECT_EQ(head->end, BodyEnd::Counted);
  EXPECT_EQ(head->length, 12U);
  EXPECT_TRUE(head->keeps_open);
}

TEST(AnswerHead, FindsTheEndOfTheBody) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n")->end, BodyEnd::Chunked);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\n")->end, BodyEnd::Closed);
  EXPECT_EQ(read("HTTP/1.1 204 No Content\r\n")->end, BodyEnd::None);
  EXPECT_EQ(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n")->end, BodyEnd::None);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n", "HEAD")->end, BodyEnd::None);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 9\r\n")->length, 9U);
}

TEST(AnswerHead, SaysWhetherTheConnectionStays) {
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n")->keeps_open);
  EXPECT_FALSE(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n")->keeps_open);
  EXPECT_TRUE(
      read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n")->keeps_open);
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\n")->keeps_open);
}

TEST(AnswerHead, RefusesWhatTwoReadersCouldTakeDifferently) {
  for (const std::string_view head :
       {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
        "Content-Length: 3\r\n"}) {
    EXPECT_FALSE(read(head).has_value()) << head;
  }
}

TEST(AnswerHead, RefusesWhatIsNoHead) {
  for (const std::string_view head : {"",
                                      "\r\n",
                                      "SSH-2.0-OpenSSH\r\n",
                                      "HTTP/2 200\r\n",
                                      "HTTP/1.1 2x0 OK\r\n",
                                      "HTTP/1.1 600 OK\r\n",
                                      "HTTP/1.1200 OK\r\n",
                                      "HTTP/1.1 200 OK\r\nno colon\r\n",
                                      "HTTP/1.1 200 OK\r\nbad name: x\r\n",
                                      "HTTP/1.1 200 OK\r\n: x\r\n",
                                      "HTTP/1.1 200 OK\r\n folded: x\r\n",
                                      "HTTP/1.1 200 OK\r\nA: b\x01\r\n",
                                      "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n",
                                      "HTTP/1.1 200 O\x01K\r\n"}) {
    EXPECT_FALSE(read(head).has_value()) << head;
  }
}

}  // namespace
}  // namespace signet::http
