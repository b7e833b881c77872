#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "http/impl/connection.h"
#include "http/impl/connection_fixture.h"

namespace signet::http {
namespace {

constexpr std::size_t kKiB = 1024;

std::string post(std::size_t body_bytes) {
  return "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body_bytes) +
         "\r\n\r\n";
}

class ConnectionMemoryTest : public testing::Test {
 protected:
  void begin(std::uint64_t budget_bytes) {
    budget_ = std::make_unique<BodyBudget>(budget_bytes);
    loop_.handler = &handler_;
    loop_.budget = budget_.get();
    wire_ = std::make_unique<FakeTransport>(loop_);
    wire_->connection.start(Peer{.address = "127.0.0.1"});
  }

  void TearDown() override {
    handler_.drop_all();
    loop_.run_posted();
    wire_->connection.close();
    EXPECT_EQ(budget_->in_use(), 0U) << "a connection that ended holds nothing";
  }

  [[nodiscard]] bool has_status(std::string_view status) const {
    return wire_->sent.starts_with("HTTP/1.1 " + std::string(status));
  }

  FakeLoop loop_;
  ScriptedHandler handler_;
  std::unique_ptr<BodyBudget> budget_;
  std::unique_ptr<FakeTransport> wire_;
};

TEST_F(ConnectionMemoryTest, ABodyIsCountedWhileItIsHeld) {
  begin(1024 * kKiB);
  const std::string body(200 * kKiB, 'x');

  wire_->feed(post(body.size()) + body.substr(0, 150 * kKiB));
  EXPECT_GE(budget_->in_use(), 150 * kKiB);
  EXPECT_LE(budget_->in_use(), 300 * kKiB);

  wire_->feed(body.substr(150 * kKiB));
  EXPECT_TRUE(has_status("200"));
  EXPECT_EQ(budget_->in_use(), 0U) << "the answer is out and the next request awaited";
}

TEST_F(ConnectionMemoryTest, SmallRequestsNeedNoBudget) {
  begin(0);

  wire_->feed(post(1000) + std::string(1000, 'x'));

  EXPECT_TRUE(has_status("200"));
}

TEST_F(ConnectionMemoryTest, AConnectionThatWaitsHoldsNothingOfItsRequests) {
  begin(0);
  EXPECT_EQ(loop_.spare_heads.size(), 0U);

  wire_->feed("GET /a HTTP/1.1\r\nHost:");
  wire_->connection.on_nothing_read();
  EXPECT_EQ(loop_.spare_heads.size(), 0U) << "a head is on its way";

  wire_->feed(" h\r\n\r\n");
  EXPECT_TRUE(has_status("200"));
  EXPECT_EQ(loop_.spare_heads.size(), 1U);
  EXPECT_EQ(loop_.spare_texts.size(), 1U);

  EXPECT_FALSE(wire_->connection.room().empty());
  EXPECT_EQ(loop_.spare_heads.size(), 0U);
  wire_->connection.on_nothing_read();
  EXPECT_EQ(loop_.spare_heads.size(), 1U) << "what was read into is not needed";
}

TEST_F(ConnectionMemoryTest, AHeadTakesTheMemoryThatTheLastOneLeft) {
  begin(0);
  wire_->feed("HEAD /first HTTP/1.1\r\nHost: h\r\nX-Long: " + std::string(100, 'x') + "\r\n\r\n");
  wire_->sent.clear();
  wire_->feed("GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(has_status("200"));
  EXPECT_EQ(loop_.spare_heads.size(), 1U);
  EXPECT_EQ(loop_.spare_texts.size(), 1U);
}

TEST_F(ConnectionMemoryTest, ABodyThatFindsNoRoomIsAnsweredByItsExchange) {
  begin(64 * kKiB);
  const std::string body(200 * kKiB, 'x');

  wire_->feed(post(body.size()) + body);

  EXPECT_TRUE(has_status("503")) << wire_->sent;
  EXPECT_NE(wire_->sent.find("Connection: close"), std::string::npos);
  EXPECT_EQ(budget_->refused(), 1U);
}

TEST_F(ConnectionMemoryTest, ALongHeadThatFindsNoRoomIsRefused) {
  begin(16 * kKiB);

  wire_->feed("GET /a HTTP/1.1\r\nHost: h\r\nX-Long: " + std::string(40 * kKiB, 'x') + "\r\n\r\n");

  EXPECT_TRUE(has_status("503")) << wire_->sent;
}

TEST_F(ConnectionMemoryTest, AnAnswerThePeerDoesNotTakeIsCounted) {
  begin(1024 * kKiB);
  wire_->window = 0;

  wire_->feed("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  Response response;
  response.body = std::string(100 * kKiB, 'x');
  handler_.answer(std::move(response));
  EXPECT_GE(budget_->in_use(), 100 * kKiB);

  wire_->open_window(std::string::npos);
  EXPECT_EQ(budget_->in_use(), 0U);
}

TEST_F(ConnectionMemoryTest, AConnectionThatBreaksGivesBackWhatItHeld) {
  begin(1024 * kKiB);

  wire_->feed(post(200 * kKiB) + std::string(100 * kKiB, 'x'));
  EXPECT_GT(budget_->in_use(), 0U);
  wire_->end();

  EXPECT_EQ(budget_->in_use(), 0U);
}

}  // namespace
}  // namespace signet::http
