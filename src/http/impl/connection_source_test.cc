// Bodies that are made while they are sent.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "http/impl/connection_fixture.h"

namespace signet::http {
namespace {

std::string answer_of(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

class SourceTest : public testing::Test {
 protected:
  void SetUp() override { begin(); }

  void begin() {
    wire_ = std::make_unique<FakeTransport>(loop_);
    loop_.handler = &handler_;
    wire_->connection.start(Peer{.address = "127.0.0.1"});
  }

  void TearDown() override {
    handler_.taker.reset();
    loop_.run_posted();
    wire_->connection.close();
    EXPECT_EQ(wire_->releases, 1) << "every life ends exactly once";
  }

  FakeLoop loop_;
  ScriptedHandler handler_;
  std::unique_ptr<FakeTransport> wire_;
};

TEST_F(SourceTest, SendsTheBodyOfASourcePieceByPiece) {
  wire_->feed(get("/source") + get("/a"));
  EXPECT_TRUE(wire_->sent.ends_with("Content-Length: 8\r\n\r\n01"));
  EXPECT_FALSE(wire_->is_reading());

  handler_.give("234");
  EXPECT_TRUE(wire_->sent.ends_with("01")) << "never from inside the call that gives it";
  loop_.run_posted();
  EXPECT_TRUE(wire_->sent.ends_with("01234"));
  handler_.give("567");
  loop_.run_posted();

  EXPECT_EQ(wire_->sent, answer_of("01234567") + answer_of("GET /a "));
  EXPECT_EQ(handler_.asked, 2);
}

TEST_F(SourceTest, HoldsOnePieceAheadOfASlowReader) {
  wire_->window = 0;
  wire_->feed(get("/source"));
  handler_.give("234");
  loop_.run_posted();
  EXPECT_EQ(handler_.asked, 1) << "the first is not sent yet";

  wire_->open_window(std::string::npos);
  EXPECT_EQ(handler_.asked, 2);
  handler_.give("567");
  loop_.run_posted();

  EXPECT_EQ(wire_->sent, answer_of("01234567"));
}

TEST_F(SourceTest, ClosesWhereASourceCannotGoOn) {
  for (const std::string piece : {"", "2345678"}) {
    TearDown();
    begin();
    wire_->feed(get("/source"));
    handler_.give(piece);
    loop_.run_posted();
    EXPECT_TRUE(wire_->is_closed) << piece;
    EXPECT_TRUE(wire_->sent.ends_with("01"));
  }
  TearDown();
  begin();
  wire_->feed(get("/source"));
  handler_.taker.reset();
  loop_.run_posted();
  EXPECT_TRUE(wire_->is_closed);
}

TEST_F(SourceTest, StaysForASourceThatIsAtWorkWhenThePeerLeaves) {
  wire_->feed(get("/source"));

  wire_->connection.close();
  EXPECT_EQ(wire_->releases, 0);
  EXPECT_EQ(handler_.events.back(), "gone") << "the exchange, not the source";
  loop_.on_loop = false;
  handler_.give("234");
  loop_.on_loop = true;
  loop_.run_posted();

  EXPECT_EQ(wire_->releases, 1);
  EXPECT_EQ(handler_.events.back(), "source gone");
}

TEST_F(SourceTest, WaitsForASourceWithoutATimeLimit) {
  wire_->feed(get("/source"));
  wire_->pass_seconds(10'000);
  EXPECT_FALSE(wire_->is_closed);
  handler_.give("234567");
  loop_.run_posted();
  EXPECT_EQ(wire_->sent, answer_of("01234567"));
}

TEST_F(SourceTest, SendsNoBodyOfASourceToHead) {
  wire_->feed("HEAD /source HTTP/1.1\r\nHost: h\r\n\r\n" + get("/a"));

  EXPECT_EQ(handler_.asked, 0);
  EXPECT_TRUE(wire_->sent.ends_with("Content-Length: 8\r\n\r\n" + answer_of("GET /a ")));
}

}  // namespace
}  // namespace signet::http
