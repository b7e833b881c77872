// What a body may take of time.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "http/impl/connection.h"
#include "http/impl/connection_fixture.h"

namespace signet::http {
namespace {

class BodyTimeTest : public testing::Test {
 protected:
  void SetUp() override {
    loop_.handler = &handler_;
    handler_.max_body = 1ULL << 30;
    wire_->connection.start(Peer{.address = "127.0.0.1"});
  }

  void TearDown() override {
    handler_.drop_all();
    loop_.run_posted();
    wire_->connection.close();
  }

  [[nodiscard]] bool has_status(std::string_view status) const {
    return wire_->sent.starts_with("HTTP/1.1 " + std::string(status));
  }

  FakeLoop loop_;
  ScriptedHandler handler_;
  std::unique_ptr<FakeTransport> wire_ = std::make_unique<FakeTransport>(loop_);
};

TEST_F(BodyTimeTest, GivesUpOnASlowBodyButNotOnASteadyOne) {
  wire_->feed("POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n");
  for (int i = 0; i < 100; ++i) {
    wire_->feed(std::string(2 * loop_.limits->rate_bytes, 'x'));
    wire_->pass_seconds(1);
  }
  EXPECT_TRUE(wire_->sent.empty());
  for (int i = 0; i < 2 * loop_.limits->rate_window_seconds + 1; ++i) {
    wire_->feed("x");
    wire_->pass_seconds(1);
  }

  EXPECT_TRUE(has_status("408 "));
}

TEST_F(BodyTimeTest, ChunkExtensionsAreNoProgress) {
  wire_->feed("POST /stream HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 2 * loop_.limits->rate_window_seconds + 1; ++i) {
    wire_->feed("1;x=" + std::string(4 * loop_.limits->rate_bytes, 'e') + "\r\nd\r\n");
    wire_->pass_seconds(1);
  }

  EXPECT_TRUE(has_status("408 "));
}

TEST_F(BodyTimeTest, WhatTheHandlerTakesOffIsNoProgress) {
  wire_->feed("POST /stream-framing HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n");
  for (int i = 0; i < 2 * loop_.limits->rate_window_seconds + 1; ++i) {
    wire_->feed(std::string(4 * loop_.limits->rate_bytes, 'f') + "d");
    wire_->pass_seconds(1);
  }

  EXPECT_TRUE(has_status("408 "));
}

// Whoever is paused after each piece has no more time for it than others.
TEST_F(BodyTimeTest, PausesGiveASlowBodyNoMoreTime) {
  wire_->feed("POST /stream-pause HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n");
  for (int i = 0; i < 2 * loop_.limits->rate_window_seconds + 1; ++i) {
    wire_->feed("x");
    handler_.drop_all();
    wire_->pass_seconds(1);
  }

  EXPECT_TRUE(has_status("408 "));
}

TEST_F(BodyTimeTest, FramingThatIsFoundInAPauseIsNoProgress) {
  wire_->feed("POST /stream-pause-framing HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n");
  for (int i = 0; i < 2 * loop_.limits->rate_window_seconds + 1; ++i) {
    wire_->feed(std::string(4 * loop_.limits->rate_bytes, 'f') + "d");
    handler_.drop_all();
    wire_->pass_seconds(1);
  }

  EXPECT_TRUE(has_status("408 "));
}

TEST_F(BodyTimeTest, LongPausesAreNotThePeersTime) {
  wire_->feed("POST /stream-pause HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n");
  for (int i = 0; i < 100; ++i) {
    wire_->feed(std::string(loop_.limits->rate_window_seconds * loop_.limits->rate_bytes, 'x'));
    wire_->pass_seconds(2 * loop_.limits->rate_window_seconds);
    handler_.drop_all();
    wire_->pass_seconds(1);
  }

  EXPECT_TRUE(wire_->sent.empty());
}

TEST_F(BodyTimeTest, ABufferedBodyMustBeWholeInTime) {
  wire_->feed("POST /buffer HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n");
  const auto feed_seconds = [this](int seconds) {
    for (int i = 0; i < seconds; ++i) {
      wire_->feed(std::string(2 * loop_.limits->rate_bytes, 'x'));
      wire_->pass_seconds(1);
    }
  };
  feed_seconds(loop_.limits->body_seconds);
  EXPECT_TRUE(wire_->sent.empty());

  feed_seconds(loop_.limits->rate_window_seconds + 1);
  EXPECT_TRUE(has_status("408 "));
}

TEST_F(BodyTimeTest, AStreamedBodyGetsTimeForWhatCame) {
  wire_->feed("POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n");
  const int bonus = 100;
  wire_->feed(std::string(bonus * loop_.limits->stream_rate_bytes, 'x'));
  const auto feed_seconds = [this](int seconds) {
    for (int i = 0; i < seconds; ++i) {
      wire_->feed(std::string(2 * loop_.limits->rate_bytes, 'x'));
      wire_->pass_seconds(1);
    }
  };
  feed_seconds(loop_.limits->body_seconds + bonus);
  EXPECT_TRUE(wire_->sent.empty());

  feed_seconds(4 * loop_.limits->rate_window_seconds);
  EXPECT_TRUE(has_status("408 ")) << "the rate is kept, but not fast enough for long";
}

}  // namespace
}  // namespace signet::http
