#include "http/impl/connection.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "http/impl/connection_fixture.h"

namespace signet::http {
namespace {

std::string answer_of(std::string_view body, std::string_view status = "200 OK") {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nDate: D\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string post_chunked(std::string_view target, std::string_view chunks) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks);
}

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override { begin(); }

  void begin() {
    handler_.drop_all();
    wire_ = std::make_unique<FakeTransport>(loop_);
    loop_.handler = &handler_;
    wire_->connection.start(Peer{.address = "127.0.0.1"});
  }

  void TearDown() override {
    handler_.drop_all();
    loop_.run_posted();
    wire_->connection.close();
    EXPECT_EQ(wire_->releases, 1) << "every life ends exactly once";
  }

  [[nodiscard]] bool has_status(std::string_view status) const {
    return wire_->sent.starts_with("HTTP/1.1 " + std::string(status));
  }

  FakeLoop loop_;
  ScriptedHandler handler_;
  std::unique_ptr<FakeTransport> wire_;
};

TEST_F(ConnectionTest, AnswersAndKeepsTheConnection) {
  wire_->feed(get("/a"));
  wire_->feed(get("/b"));

  EXPECT_EQ(wire_->sent, answer_of("GET /a ") + answer_of("GET /b "));
  EXPECT_FALSE(wire_->is_closed);
  EXPECT_TRUE(wire_->is_reading());
}

TEST_F(ConnectionTest, SendsOneSmallAnswerInOneWrite) {
  wire_->feed(post("/a", "body"));

  EXPECT_EQ(wire_->writes, 1);
}

TEST_F(ConnectionTest, GivesTheSameAnswersByteByByte) {
  const std::string input = "\r\n" + get("/a") + post("/b", "hello") +
                            post_chunked("/c", "3\r\nabc\r\n0\r\n\r\n") +
                            post("/stream", "streamed") + get("/d");
  wire_->feed(input);
  const std::string at_once = wire_->sent;
  TearDown();

  begin();
  wire_->feed(input, 1);

  EXPECT_EQ(wire_->sent, at_once);
  EXPECT_EQ(at_once,
            answer_of("GET /a ") + answer_of("POST /b hello") + answer_of("POST /c abc") +
                answer_of("POST /stream streamed") + answer_of("GET /d "));
}

TEST_F(ConnectionTest, WritesPipelinedAnswersTogetherAndInOrder) {
  std::string input;
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    input += get("/" + std::to_string(i));
    expected += answer_of("GET /" + std::to_string(i) + " ");
  }

  wire_->feed(input);

  EXPECT_EQ(wire_->sent, expected);
  EXPECT_LT(wire_->writes, 5);
}

TEST_F(ConnectionTest, HoldsLaterRequestsUntilADeferredAnswer) {
  wire_->feed(get("/a") + get("/later") + get("/b"));

  EXPECT_EQ(wire_->sent, answer_of("GET /a ")) << "the first does not wait";
  EXPECT_FALSE(wire_->is_reading());

  loop_.on_loop = false;
  Response response;
  response.body = "now";
  handler_.answer(std::move(response));
  EXPECT_EQ(wire_->sent, answer_of("GET /a ")) << "another thread only posts";
  loop_.on_loop = true;
  loop_.run_posted();

  EXPECT_EQ(wire_->sent, answer_of("GET /a ") + answer_of("now") + answer_of("GET /b "));
}

TEST_F(ConnectionTest, AnswersFiveHundredForADroppedResponder) {
  wire_->feed(get("/later"));
  handler_.drop_all();

  EXPECT_TRUE(has_status("500 "));
  EXPECT_FALSE(wire_->is_closed);
}

// Found by http_connection_fuzz: whoever drops a Responder gets the next one of the pipeline while
// the first is still being destroyed.
TEST_F(ConnectionTest, ServesTheNextDeferredRequestWhileAResponderIsDropped) {
  wire_->feed(get("/later") + get("/later") + "GET /b\r\n\r\n");
  EXPECT_TRUE(wire_->sent.empty());

  std::exchange(handler_.responder, std::nullopt).reset();
  EXPECT_TRUE(has_status("500 "));
  ASSERT_TRUE(handler_.responder.has_value()) << "the second request is served now";
  EXPECT_TRUE(handler_.refusals.empty()) << "and the third waits for it";

  wire_->connection.close();
  EXPECT_EQ(wire_->releases, 0) << "the second Responder still refers to the connection";
  handler_.drop_all();
  EXPECT_EQ(wire_->releases, 1);
  EXPECT_EQ(handler_.events, (std::vector<std::string>{"gone", "gone"}));
}

TEST_F(ConnectionTest, AnswersAPipelineOfDeferredRequestsToItsEnd) {
  wire_->feed(get("/later") + get("/later") + "GET /b\r\n\r\n");

  handler_.drop_all();

  EXPECT_EQ(handler_.events, (std::vector<std::string>{"gone", "gone"}));
  EXPECT_EQ(handler_.refusals, std::vector<int>{400});
  EXPECT_TRUE(wire_->is_shut);
}

TEST_F(ConnectionTest, AnswersFiveHundredWhenNobodyAnswers) {
  wire_->feed(get("/forget"));

  EXPECT_TRUE(has_status("500 "));
}

TEST_F(ConnectionTest, KeepsTheExchangeWhileAResponderIsOut) {
  wire_->feed(get("/later"));
  wire_->connection.close();

  EXPECT_TRUE(wire_->is_closed);
  EXPECT_EQ(wire_->releases, 0);
  EXPECT_TRUE(handler_.events.empty());

  handler_.answer(Response{});

  EXPECT_EQ(wire_->releases, 1);
  EXPECT_EQ(handler_.events, std::vector<std::string>{"gone"});
  EXPECT_TRUE(wire_->sent.empty());
}

TEST_F(ConnectionTest, AbortsAnExchangeThatHoldsItsOwnResponder) {
  wire_->feed("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  wire_->end();

  EXPECT_TRUE(wire_->is_closed);
  EXPECT_EQ(handler_.events, (std::vector<std::string>{"abort", "gone"}));
}

TEST_F(ConnectionTest, AnswersThroughAResponderTakenBeforeTheBody) {
  wire_->feed(post("/hold", "abc"), 3);

  EXPECT_EQ(wire_->sent, answer_of("held"));
}

TEST_F(ConnectionTest, SendsNoBodyForHeadAndNoLengthFor204) {
  wire_->feed("HEAD /big HTTP/1.1\r\nHost: h\r\n\r\n" + get("/none"));

  EXPECT_EQ(wire_->sent,
            "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 100000\r\n\r\n"
            "HTTP/1.1 204 No Content\r\nDate: D\r\n\r\n");
}

TEST_F(ConnectionTest, ClosesWhenTheClientWants) {
  wire_->feed("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + get("/b"));

  EXPECT_EQ(wire_->sent,
            "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 7\r\nConnection: close\r\n\r\nGET /a ");
  EXPECT_TRUE(wire_->is_closed);
}

TEST_F(ConnectionTest, SpeaksHttp10) {
  wire_->feed("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n");

  EXPECT_NE(wire_->sent.find("Connection: keep-alive\r\n\r\nGET /a "), std::string::npos);
  EXPECT_NE(wire_->sent.find("Connection: close\r\n\r\nGET /b "), std::string::npos);
  EXPECT_TRUE(wire_->is_closed);
}

TEST_F(ConnectionTest, InvitesABodyThatWaits) {
  const std::string head =
      "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  wire_->feed(head);
  EXPECT_EQ(wire_->sent, "HTTP/1.1 100 Continue\r\n\r\n");

  wire_->feed("xyz");
  EXPECT_TRUE(wire_->sent.ends_with("\r\n\r\nPUT /a xyz"));

  wire_->sent.clear();
  wire_->feed(head + "xyz");
  EXPECT_TRUE(has_status("200 ")) << "no invitation for a body that came unasked";
}

TEST_F(ConnectionTest, InvitesAnEmptyBodyToo) {
  const std::string head =
      "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n";
  wire_->feed(head);
  EXPECT_EQ(wire_->sent, "HTTP/1.1 100 Continue\r\n\r\n" + answer_of("PUT /a "));
  wire_->sent.clear();
  wire_->feed(head);
  EXPECT_EQ(wire_->sent, "HTTP/1.1 100 Continue\r\n\r\n" + answer_of("PUT /a "))
      << "the connection goes on";
}

TEST_F(ConnectionTest, RefusesAWaitingBodyWithoutInvitingIt) {
  wire_->feed(
      "PUT /early HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");

  EXPECT_TRUE(has_status("403 "));
  EXPECT_NE(wire_->sent.find("Connection: close"), std::string::npos)
      << "nobody can know whether the body still comes";
}

TEST_F(ConnectionTest, DropsAShortRestAfterAnEarlyAnswer) {
  const std::string body(50000, 'x');
  wire_->feed(post("/early", body) + get("/a"), 1000);

  EXPECT_EQ(wire_->sent, answer_of("early", "403 Forbidden") + answer_of("GET /a "));
  EXPECT_FALSE(wire_->is_closed);
}

TEST_F(ConnectionTest, ClosesAfterAnEarlyAnswerToALongBody) {
  handler_.max_body = 1ULL << 40;
  wire_->feed("POST /stream-refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\nabc");

  EXPECT_TRUE(has_status("403 "));
  EXPECT_TRUE(wire_->is_shut);
  EXPECT_FALSE(wire_->is_closed) << "the peer shall see the answer first";
  EXPECT_EQ(handler_.pieces.size(), 1U);

  const std::string rest = wire_->feed(std::string(20'000'000, 'x'));
  EXPECT_TRUE(wire_->is_closed);
  EXPECT_GT(rest.size(), 10'000'000U) << "but not read everything";
}

TEST_F(ConnectionTest, StreamsLargeBodiesInPieces) {
  handler_.max_body = 1ULL << 30;
  const std::string body(1'000'000, 's');
  wire_->feed(post("/stream", body) + get("/a"));

  EXPECT_GT(handler_.pieces.size(), 10U);
  for (const std::string& piece : handler_.pieces) {
    EXPECT_LE(piece.size(), 65536U);
  }
  EXPECT_TRUE(wire_->sent.ends_with(answer_of("GET /a ")));
}

TEST_F(ConnectionTest, StopsReadingWhilePaused) {
  const std::string rest = wire_->feed(post("/stream-pause", std::string(300000, 'p')), 1000);
  EXPECT_EQ(handler_.pieces.size(), 1U);
  EXPECT_GT(rest.size(), 290000U);
  EXPECT_FALSE(wire_->is_reading());
  wire_->pass_seconds(1000);
  EXPECT_FALSE(wire_->is_closed) << "a pause is ours, not the peer's";

  std::string left = rest;
  while (!left.empty() || handler_.pause.has_value()) {
    handler_.resume();
    left = wire_->feed(left, 1000);
  }
  EXPECT_TRUE(has_status("200 "));
}

TEST_F(ConnectionTest, ABodyMayBeHeldBackFromItsBeginning) {
  const std::string rest = wire_->feed(post("/stream-begin", "body") + get("/a"));
  EXPECT_TRUE(handler_.pieces.empty());
  EXPECT_TRUE(wire_->sent.empty());
  wire_->pass_seconds(1000);
  EXPECT_FALSE(wire_->is_closed) << "a pause is ours, not the peer's";

  handler_.resume();
  wire_->feed(rest);

  EXPECT_EQ(handler_.events.front(), "ready");
  EXPECT_EQ(wire_->sent, answer_of("POST /stream-begin body") + answer_of("GET /a "));
}

TEST_F(ConnectionTest, AnEmptyBodyIsHeldBackToo) {
  wire_->feed(post("/stream-begin", ""));
  EXPECT_TRUE(wire_->sent.empty());

  handler_.resume();

  EXPECT_EQ(wire_->sent, answer_of("POST /stream-begin "));
}

TEST_F(ConnectionTest, NobodyIsAskedForABodyThatIsRefusedAfterAPause) {
  for (const char* path : {"/stream-begin", "/stream-begin-refuse"}) {
    SCOPED_TRACE(path);
    wire_->feed(concat(
        "PUT ", path, " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
    EXPECT_TRUE(wire_->sent.empty());

    handler_.resume();

    const bool is_refused = std::string_view(path).ends_with("refuse");
    EXPECT_EQ(wire_->sent.starts_with("HTTP/1.1 100 Continue"), !is_refused);
    EXPECT_EQ(has_status("403 "), is_refused);
    EXPECT_TRUE(handler_.pieces.empty());
    TearDown();
    begin();
  }
}

TEST_F(ConnectionTest, APeerThatLeavesWhileItsBodyIsHeldBackLeavesNothing) {
  wire_->feed(post("/stream-begin", "body"));
  wire_->connection.close();
  EXPECT_EQ(handler_.events, (std::vector<std::string>{"abort"}));

  handler_.resume();

  EXPECT_EQ(handler_.events, (std::vector<std::string>{"abort", "gone"}));
  EXPECT_TRUE(handler_.pieces.empty());
}

// The next piece may come, and be paused, while the old pause is being replaced.
TEST_F(ConnectionTest, KeepsAPauseTakenWhileTheOldOneIsReplaced) {
  wire_->feed(post_chunked("/stream-pause", "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"));
  ASSERT_TRUE(handler_.pause.has_value());
  BodyPause held = std::move(*handler_.pause);
  BodyPause nothing = std::move(*handler_.pause);
  *handler_.pause = std::move(held);

  *handler_.pause = std::move(nothing);
  EXPECT_EQ(handler_.pieces, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(wire_->sent.empty());

  handler_.drop_all();
  EXPECT_EQ(wire_->sent, answer_of("POST /stream-pause ab"));
}

TEST_F(ConnectionTest, BuffersBodiesLargerThanTheFirstBlock) {
  std::string body;
  for (int i = 0; i < 20000; ++i) {
    body += static_cast<char>('a' + i % 26);
  }
  wire_->feed(post("/a", body) + get("/b"), 777);
  const std::string expected = answer_of("POST /a " + body) + answer_of("GET /b ");

  EXPECT_EQ(wire_->sent, expected);
}

TEST_F(ConnectionTest, RefusesBodiesBeyondThePlan) {
  handler_.max_body = 10;
  wire_->feed(post("/a", "12345678901"));
  EXPECT_TRUE(has_status("413 "));
  EXPECT_EQ(handler_.events.front(), "abort");
  TearDown();

  begin();
  wire_->feed(post_chunked("/a", "6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n"));
  EXPECT_TRUE(has_status("413 "));
  TearDown();

  begin();
  wire_->feed(post("/a", "1234567890"));
  EXPECT_TRUE(has_status("200 "));
}

TEST_F(ConnectionTest, RefusesMalformedRequestsAndCloses) {
  wire_->feed(
      "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" +
      get("/smuggled"));

  EXPECT_TRUE(has_status("400 "));
  EXPECT_NE(wire_->sent.find("<Code>BadRequest</Code>"), std::string::npos);
  EXPECT_NE(wire_->sent.find("Connection: close"), std::string::npos);
  EXPECT_EQ(wire_->sent.find("smuggled"), std::string::npos);
  EXPECT_EQ(handler_.refusals, std::vector<int>{400});
  wire_->end();
  EXPECT_TRUE(wire_->is_closed);
}

TEST_F(ConnectionTest, RefusesABadChunkAfterTheHeadWasGood) {
  wire_->feed(post_chunked("/a", "5\r\nhelloXX"));

  EXPECT_TRUE(has_status("400 "));
  EXPECT_EQ(handler_.events.front(), "abort");
}

TEST_F(ConnectionTest, AbortsOnATruncatedBody) {
  wire_->feed("POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  wire_->end();

  EXPECT_TRUE(wire_->is_closed);
  EXPECT_TRUE(wire_->sent.empty());
  EXPECT_EQ(handler_.events, (std::vector<std::string>{"abort", "gone"}));
}

TEST_F(ConnectionTest, AnswersAPeerThatHasShutItsSide) {
  wire_->feed(get("/a") + get("/b"));
  wire_->end();

  EXPECT_EQ(wire_->sent, answer_of("GET /a ") + answer_of("GET /b "));
  EXPECT_TRUE(wire_->is_closed);
}

TEST_F(ConnectionTest, WaitsForASlowReaderAndReadsNothingMeanwhile) {
  wire_->window = 1000;
  wire_->feed(get("/big") + get("/a"));
  EXPECT_EQ(wire_->sent.size(), 1000U);
  EXPECT_FALSE(wire_->is_reading());

  wire_->open_window(50000);
  EXPECT_EQ(wire_->sent.size(), 51000U);
  wire_->open_window(std::string::npos);

  EXPECT_TRUE(wire_->sent.ends_with("bb" + answer_of("GET /a ")));
  EXPECT_TRUE(wire_->is_reading());
}

TEST_F(ConnectionTest, GivesTheSameAnswersOnALoopThatGathersThem) {
  const std::string input =
      get("/a") + post("/b", "hello") + get("/big") + post("/stream", "streamed") + get("/d");
  wire_->feed(input);
  const std::string at_once = wire_->sent;

  for (const std::size_t step : {std::size_t{1}, std::size_t{100}, input.size()}) {
    TearDown();
    begin();
    loop_.gathers = true;
    wire_->feed(input, step);
    EXPECT_EQ(wire_->sent, at_once) << step;
  }
}

// The read that was asked for before the answer met a full socket is the last one.
TEST_F(ConnectionTest, ReadsASlowPeerOnceMoreOnALoopThatGathers) {
  loop_.gathers = true;
  wire_->window = 10;
  wire_->feed(get("/a"));
  EXPECT_EQ(wire_->sent.size(), 10U);
  wire_->feed(get("/b"));
  EXPECT_FALSE(wire_->is_reading());

  wire_->open_window(std::string::npos);

  EXPECT_EQ(wire_->sent, answer_of("GET /a ") + answer_of("GET /b "));
  EXPECT_TRUE(wire_->is_reading());
}

TEST_F(ConnectionTest, SendsAFileThroughAnyWindow) {
  wire_->file = "0123456789";
  wire_->window = 3;
  wire_->feed(get("/file"));
  for (int i = 0; i < 100 && wire_->is_awaiting_writable; ++i) {
    wire_->open_window(3);
  }

  EXPECT_EQ(wire_->sent, answer_of("23456"));
}

TEST_F(ConnectionTest, ClosesWhenWritingFails) {
  wire_->is_broken = true;
  wire_->feed(get("/a"));

  EXPECT_TRUE(wire_->is_closed);
}

TEST_F(ConnectionTest, GivesUpOnASlowHead) {
  wire_->feed("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 8; ++i) {
    wire_->pass_seconds(1);
    wire_->feed("X: y\r\n");
    EXPECT_TRUE(wire_->sent.empty());
  }
  wire_->pass_seconds(3);

  EXPECT_TRUE(has_status("408 ")) << "a drip of bytes does not extend the time";
  EXPECT_EQ(loop_.timeouts.load(), 1U);
}

TEST_F(ConnectionTest, GivesUpOnASilentPeerWithoutAWord) {
  wire_->pass_seconds(loop_.limits->head_seconds + 1);
  EXPECT_TRUE(wire_->is_closed);
  EXPECT_TRUE(wire_->sent.empty());
  TearDown();

  begin();
  wire_->feed(get("/a"));
  wire_->pass_seconds(loop_.limits->head_seconds + 1);
  EXPECT_FALSE(wire_->is_closed) << "an idle kept connection has longer";
  wire_->pass_seconds(loop_.limits->idle_seconds);
  EXPECT_TRUE(wire_->is_closed);
  EXPECT_EQ(loop_.timeouts.load(), 1U) << "idling out is no fault";
}

TEST_F(ConnectionTest, GivesUpOnAReaderThatTakesNothing) {
  wire_->window = 10;
  wire_->feed(get("/big"));
  for (int i = 0; i < loop_.limits->rate_window_seconds + 2; ++i) {
    wire_->pass_seconds(1);
    wire_->open_window(1);
  }

  EXPECT_TRUE(wire_->is_closed);
}

TEST_F(ConnectionTest, DrainsIdleAtOnceAndBusyAfterItsAnswer) {
  wire_->feed(get("/later"));
  loop_.is_draining = true;
  wire_->connection.drain();
  EXPECT_FALSE(wire_->is_closed);

  handler_.answer(Response{});
  EXPECT_NE(wire_->sent.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(wire_->is_closed);
  TearDown();

  loop_.is_draining = false;
  begin();
  wire_->connection.drain();
  EXPECT_TRUE(wire_->is_closed);
}

TEST_F(ConnectionTest, ServesAgainAfterARelease) {
  wire_->feed(get("/a"));
  wire_->connection.close();
  EXPECT_EQ(wire_->releases, 1);
  wire_->sent.clear();
  wire_->releases = 0;
  wire_->is_closed = false;

  wire_->connection.start(Peer{.address = "::1"});
  wire_->feed(post("/b", "x"));

  EXPECT_EQ(wire_->sent, answer_of("POST /b x"));
}

}  // namespace
}  // namespace signet::http
